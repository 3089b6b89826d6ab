"""What stands still can be seen standing, with the reason; what Redis must allow is named at the
start; trouble that repeats is said once with its cause, and once when it is over."""

import json
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")


def documented_acl():
    """The words after the user's name and password."""
    with open(os.path.join(DOCS, "redis.md"), encoding="utf-8") as f:
        return re.search(r"ACL SETUSER alerts on >PASSWORD (.*?)```", f.read(), re.S)[1].split()


class Case(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)

    def redis_for(self, *rules, options=()):
        """A Redis with a user `toc` of these rules, and the URL for it."""
        self.redis = e.RedisServer(self.home, *options).start()
        self.grant(*rules)
        return f"redis://toc:secret@127.0.0.1:{self.redis.port}"

    def grant(self, *rules):
        with self.redis.client() as r:
            r("ACL", "SETUSER", "toc", "on", ">secret", *rules)

    def engine(self, redis=None, rules=None, name="engine", **tocsin):
        g = e.Engine(self.home, e.config(rules or [e.rule("hot", "x", timeframe="250ms")],
                                         **tocsin), name, redis)
        g.external = getattr(self, "redis", None)
        return g

    def not_ready(self, g, *words):
        def said():
            a = g.get("/readyz")
            return a.status == 503 and all(w in a.body for w in words)
        try:
            e.wait_until(f"it is not ready, with {words}", said)
        except AssertionError as why:
            raise AssertionError(f"{why}: {g.get('/readyz')}\n{g.log()}") from None

    def stage(self, g, name):
        return next(s for s in g.get("/api/v1/engine").json["stages"] if s["stage"] == name)


class Standing(Case):
    def lag_grows(self, g):
        lag = lambda: g.metrics()["tocsin_tick_lag_seconds"]
        first = e.wait_until("evaluation is behind", lambda: lag() > 2 and lag())
        e.wait_until("and ever more so", lambda: lag() > first + 1)

    def test_a_commit_that_redis_refuses(self):
        g = self.engine(self.redis_for("~*", "+@all")).start()
        g.wait_incident(report={"host": "a", "x": 99}, hostName="a")
        self.grant("-eval", "-evalsha")
        self.not_ready(g, "the committer has stood still for", "NOPERM")
        self.lag_grows(g)
        self.assertIn("NOPERM", self.stage(g, "committer")["why"])
        self.assertGreater(g.metrics()['tocsin_stage_stuck_seconds{stage="committer"}'], 2)
        self.assertEqual(1, sum("NOPERM" in line for line in g.log().splitlines()), g.log())
        self.grant("+eval", "+evalsha")
        g.wait_ready()
        g.wait_incident(report={"host": "b", "x": 99}, hostName="b")
        e.wait_until("nothing stands still", lambda: all(
            s["stuckMs"] < 1000 for s in g.get("/api/v1/engine").json["stages"]))
        e.wait_until("it has caught up", lambda: g.metrics()["tocsin_tick_lag_seconds"] < 1)

    def test_a_stream_that_is_somebody_else_s(self):
        self.redis = e.RedisServer(self.home).start()
        g = self.engine(self.redis).start()
        g.wait_ticks(2)
        with self.redis.client() as r:
            r("DEL", "tocsin:{0}:incidents")
            r("SET", "tocsin:{0}:incidents", "x")
        self.not_ready(g, "WRONGTYPE")
        self.lag_grows(g)

    def test_a_redis_that_hangs(self):
        self.redis = e.RedisServer(self.home).start()
        g = self.engine(self.redis).start()
        g.wait_ticks(2)
        self.redis.process.send_signal(19)
        try:
            self.not_ready(g)
            self.lag_grows(g)
        finally:
            self.redis.process.send_signal(18)
        g.wait_ready()
        e.wait_until("it has caught up", lambda: g.metrics()["tocsin_tick_lag_seconds"] < 1)

    def test_a_janitor_that_is_refused_keeps_nobody_from_alerting(self):
        g = self.engine(self.redis_for("~*", "+@all"))
        settings = e.config([e.rule("hot", "x", timeframe="250ms")])
        settings["pro"]["monitoring"]["janitorInterval"] = "1s"
        g.configure(settings)
        g.start()
        self.grant("-xtrim")
        stuck = e.wait_until("it is told of", lambda: g.get("/readyz").json.get("stuck"))
        self.assertEqual(["janitor"], [s["stage"] for s in stuck])
        self.assertIn("NOPERM", stuck[0]["why"])
        self.assertEqual(200, g.get("/readyz").status)

    def test_a_receiver_that_is_away(self):
        url = f"http://127.0.0.1:{e.free_port()}/"
        g = self.engine(webhooks=[{"name": "w", "url": url}]).start()
        g.wait_incident(report={"host": "a", "x": 99}, hostName="a")
        e.wait_until("it is told of", lambda: g.get("/readyz").json.get("stuck"))
        self.assertIn("refused", self.stage(g, "webhook:w")["why"])
        m = g.metrics
        e.wait_until("it has stood for a while",
                     lambda: m()['tocsin_stage_stuck_seconds{stage="sinks"}'] > 2)
        age = lambda: m()['tocsin_sink_lag_seconds{sink="webhook:w"}']
        e.wait_until("its backlog was looked at", lambda: age() > 0)
        first = age()
        self.assertGreater(age(), first, "an age is that of the moment")

    def test_a_standby_owes_nothing(self):
        self.redis = e.RedisServer(self.home).start()
        self.engine(self.redis).start()
        g = self.engine(self.redis, name="second").start(wait="listening")
        g.wait_ready("standby")
        self.assertEqual(0, g.metrics()["tocsin_tick_lag_seconds"])
        self.assertEqual([], [s for s in g.get("/api/v1/engine").json["stages"] if s["why"]])


class Rights(Case):
    def fails(self, g, *words):
        code, log = g.run_to_end()
        self.assertEqual(3, code, log)
        for word in words:
            self.assertIn(word, log)

    def test_what_is_missing_is_named_at_the_start(self):
        g = self.engine(self.redis_for("~tocsin:*", "+@all", "-evalsha", "-xtrim"))
        self.fails(g, "may not use evalsha, xtrim")

    def test_a_command_that_was_renamed_away_is_named(self):
        redis = e.RedisServer(self.home, "--rename-command", "SCRIPT", "").start()
        self.fails(self.engine(redis), "it has no script|load")

    def test_what_is_documented_is_enough_for_everything(self):
        url = self.redis_for(*documented_acl())
        g = self.engine(url, webhooks=[{"name": "w", "url": f"http://127.0.0.1:{e.free_port()}/"}])
        with open(g.config, encoding="utf-8") as f:
            settings = json.load(f)
        settings["pro"]["monitoring"]["janitorInterval"] = "500ms"
        settings["pro"]["alerting"]["janitorInterval"] = "500ms"
        g.configure(settings)
        g.start()
        g.wait_incident(report={"host": "a", "x": 99}, hostName="a", event="opened")
        _, closed = g.wait_incident(report={"host": "a", "x": 1}, hostName="a", event="resolved")
        start = closed["startTime"]
        for path in ("incidents", "hosts", "hosts/a", "rules?state=true", "engine",
                     f"incidents/{closed['id']}", "explain?rule=hot&host=a",
                     "series?fields=x&host=a&from=0", "series?fields=x&from=0"):
            self.assertLess(g.get("/api/v1/" + path).status, 500, path)
        span = json.dumps({"fromTime": 0, "toTime": e.now_ms()})
        for path in ("monitoring", "alerting/incidents"):
            self.assertEqual(200, g.post(span, "/api/v1/admin/health/" + path).status, path)
        settings["pro"]["alerting"]["rules"][0]["value"] = 60
        g.configure(settings)
        self.assertEqual(200, g.post("", "/-/reload").status)
        g.wait_ticks(8)
        for args in (["incidents"], ["incidents", "--active"], ["hosts"], ["hosts", "forget", "a"]):
            done = g.tool(*args, "--state-dir", g.state)
            self.assertEqual(0, done.returncode, done.stderr)
        g.wait_ticks(2)
        second = self.engine(url, name="second").start(wait="listening")
        second.wait_ready("standby")
        second.stop()
        g.stop()
        g.start()
        g.wait_ticks(2)
        g.stop()
        g.replay()
        self.assertTrue(start)
        with self.redis.client() as r:
            denied = [dict(zip(x[::2], x[1::2])) for x in r("ACL", "LOG")]
        self.assertEqual([], [(d[b"reason"], d[b"object"]) for d in denied])


class Logs(Case):
    def throw_everybody_out(self, *settings):
        """Sets something, and ends all connections but its own."""
        self.admin = self.redis.client()
        self.addCleanup(self.admin.close)
        for name, value in settings:
            self.admin("CONFIG", "SET", name, value)
        self.admin("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    def said_once(self, g, text, level):
        lines = [x for x in g.log().splitlines() if text in x]
        self.assertEqual(1, len(lines), g.log())
        self.assertIn(f" {level} ", lines[0])

    def test_redis_takes_no_more_clients(self):
        self.redis = e.RedisServer(self.home).start()
        g = self.engine(self.redis).start()
        self.throw_everybody_out(("maxclients", "1"))
        self.not_ready(g, "max number of clients reached")
        e.wait_until("many were refused", lambda: g.metrics()["tocsin_redis_errors_total"] > 20)
        self.said_once(g, "max number of clients reached", "warning")
        self.admin("CONFIG", "SET", "maxclients", "1000")
        g.wait_ready()
        g.wait_for_log("lets everybody in again")

    def test_another_password(self):
        self.redis = e.RedisServer(self.home, "--requirepass", "old-secret").start()
        g = self.engine(f"redis://:old-secret@127.0.0.1:{self.redis.port}").start()
        r = self.redis.client()
        self.addCleanup(r.close)
        r("AUTH", "old-secret")
        r("CONFIG", "SET", "requirepass", "new-secret")
        r("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        self.not_ready(g, "WRONGPASS")
        e.wait_until("many were refused", lambda: g.metrics()["tocsin_redis_errors_total"] > 20)
        self.said_once(g, "WRONGPASS", "warning")
        self.assertNotIn("secret", g.log())
        r("CONFIG", "SET", "requirepass", "old-secret")
        g.wait_ready()

    def test_a_redis_that_throws_keys_away_from_now_on(self):
        self.redis = e.RedisServer(self.home).start()
        g = self.engine(self.redis).start()
        self.throw_everybody_out(("maxmemory-policy", "allkeys-lru"))
        self.not_ready(g, "maxmemory-policy `allkeys-lru`")
        self.said_once(g, "allkeys-lru", "error")
        self.admin("CONFIG", "SET", "maxmemory-policy", "noeviction")
        g.wait_ready()

    def test_an_emptied_redis_is_no_other_worker(self):
        self.redis = e.RedisServer(self.home).start()
        g = self.engine(self.redis).start()
        g.wait_ticks(2)
        with self.redis.client() as r:
            r("FLUSHALL")
        e.wait_until("it is said", lambda: "emptied" in g.log())
        self.assertNotIn("another worker", g.log())

    def test_a_field_that_nobody_reports_is_a_line_however_many_rules_ask(self):
        rules = [e.rule(f"rule {i}", f"odd.{i % 2}", timeframe="250ms") for i in range(10)]
        g = self.engine(rules=rules).start()
        g.post({"host": "a", "x": 1})
        g.wait_for_log("the field `odd.1`")
        lines = [x for x in g.log().splitlines() if "no host has reported" in x]
        self.assertEqual(2, len(lines), lines)
        self.assertIn("of rules `rule 0`, `rule 2`, `rule 4` and 2 more", lines[0])

    def test_as_many_files_as_the_machine_allows(self):
        class Narrow(e.Engine):
            def command(self, *extra):
                return ["bash", "-c", 'ulimit -Sn 256; exec "$@"', "-", *super().command(*extra)]
        g = Narrow(self.home, e.config([])).start()
        with open(f"/proc/{g.process.pid}/limits", encoding="ascii") as f:
            soft, hard = re.search(r"Max open files\s+(\S+)\s+(\S+)", f.read()).groups()
        self.assertEqual(hard, soft)

    def test_a_full_disk_under_the_private_redis(self):
        place = os.path.join(self.home.path, "small")
        os.makedirs(place)
        if os.geteuid() != 0 or subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place],
                capture_output=True).returncode != 0:
            self.skipTest("a file system of a few MiB takes root's rights")
        self.addCleanup(subprocess.run, ["umount", "-l", place], check=True)
        g = e.Engine(self.home, e.config([]), state=os.path.join(place, "state")).start()
        g.wait_ticks(2)
        with open(os.path.join(place, "filler"), "wb", buffering=0) as f:
            try:
                while f.write(bytes(4096)):
                    pass
            except OSError:
                pass
        self.not_ready(g, "the disk of", "is full")
        before = len(g.log().splitlines())
        e.wait_until("it was tried for a while",
                     lambda: g.metrics()["tocsin_redis_errors_total"] > 30)
        self.assertLess(len(g.log().splitlines()), before + 4, g.log())
        self.said_once(g, "is full", "error")
        os.remove(os.path.join(place, "filler"))
        g.wait_ready()
        g.wait_for_log("the embedded Redis runs again")
        g.stop()


if __name__ == "__main__":
    e.main()
