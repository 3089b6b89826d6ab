"""Rules are read again while the engine runs: when the file changes, on SIGHUP, when asked over HTTP.
What is open stays open, what is wrong changes nothing, and no event is missing or comes twice."""

import json
import os
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
import load as l
from stopwatch import Stopwatch

HOT = e.rule("hot", "x", "last", timeframe="1s")
WARM = e.rule("warm", "x", "last", value=20, timeframe="1s")
DONE, FAILED = (f'tocsin_reloads_total{{what="rules",result="{r}"}}' for r in ("done", "failed"))
OK = "tocsin_rules_last_reload_success"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def reload(g, headers=None, path="/-/reload"):
    return g.post("", path, headers, timeout=30)


class Reload(unittest.TestCase):
    def serve(self, rules, grace="100ms", **more):
        self.g = e.Engine(e.Home(self.addCleanup), e.config(rules, grace=grace), **more).start()
        return self.g

    def open_hot(self):
        return self.g.wait_incident(report={"host": "a", "x": 99}, ruleName="hot",
                                    event="opened")[1]

    def rule_names(self, g=None):
        return [r["name"] for r in (g or self.g).get("/api/v1/rules").json["rules"]]

    def rows(self):
        with self.g.redis() as r:
            return r.stream("tocsin:{0}:ticks")

    def test_asked_over_http(self):
        g = self.serve([HOT])
        a = reload(g)
        self.assertEqual((200, "unchanged", 1), (a.status, a.json["result"], a.json["rules"]))
        about = self.g.get("/api/v1/engine").json["rules"]
        self.assertEqual((a.json["ruleSet"], "file", "unchanged"),
                         (about["ruleSet"], about["source"], about["lastReload"]["result"]))
        g.configure(e.config([dict(HOT, value=60), WARM], interval="500ms", hosts=77))
        a = reload(g, path="/api/v1/reload")
        self.assertEqual(200, a.status, a)
        self.assertEqual(("done", 2, ["warm"], ["hot"], []),
                         tuple(a.json[k] for k in ("result", "rules", "added", "changed",
                                                   "removed")))
        self.assertEqual(["pro.monitoring.collectionInterval", "pro.alerting.watcherInterval",
                          "tocsin.hosts"], a.json["needRestart"])
        self.assertIn("tocsin.hosts has changed: it takes effect at the next start", g.log())
        self.assertEqual(["hot", "warm"], self.rule_names())
        self.assertEqual(a.json["ruleSet"], g.get("/api/v1/rules").json["ruleSet"])
        m = g.metrics()
        self.assertEqual((1, 0, 1, 2), (m[DONE], m[FAILED], m[OK], m["tocsin_rules"]))
        g.configure(e.config([WARM]))
        a = reload(g)
        self.assertEqual((["hot"], []), (a.json["removed"], a.json["needRestart"]))

    def test_a_changed_file_and_sighup(self):
        g = self.serve([HOT])
        g.configure(e.config([WARM]))
        e.wait_until("the changed file is taken up", lambda: self.rule_names() == ["warm"])
        g.signal(signal.SIGHUP)
        g.wait_for_log("are in force already")
        e.wait_until("all are gone", lambda: (g.configure(e.config([], alerting=False)),
                                              g.signal(signal.SIGHUP),
                                              self.rule_names() == [])[-1], every=0.1)
        g.wait_ready()
        self.assertLess(g.stop(), 2)

    def test_errors_change_nothing(self):
        g = self.serve([HOT])
        incident = self.open_hot()
        before = g.get("/api/v1/rules").json["ruleSet"]
        g.configure(json.dumps(e.config([dict(HOT, aggregation="average")])))
        a = reload(g)
        self.assertEqual((422, "config-errors"), (a.status, a.json["error"]["code"]))
        problem = a.json["problems"][0]
        self.assertEqual(("error", "/pro/alerting/rules/0/aggregation"),
                         (problem["severity"], problem["pointer"]))
        self.assertIn("use `avg`", problem["message"])
        self.assertGreater(problem["line"] * problem["column"], 0)
        self.assertIn("the rules from before stay in force", g.log())
        self.assertIn("unknown aggregation `average`", g.log())
        m = g.metrics()
        self.assertEqual((0, 0), (m[DONE], m[OK]))
        self.assertGreaterEqual(m[FAILED], 1)
        os.remove(g.config)
        self.assertIn("no such file", reload(g).json["problems"][0]["message"])
        # What the running interval does not allow: 250 ms, where the file says 10 s.
        g.configure(e.config([dict(HOT, timeframe="1h")], interval="10s"))
        self.assertIn("restart it", reload(g).json["problems"][0]["message"])
        self.assertEqual(before, g.get("/api/v1/rules").json["ruleSet"])
        sealed = len(self.rows())
        e.wait_until("ticks go on", lambda: len(self.rows()) >= sealed + 2)
        self.assertEqual({before}, {f["rules"] for _, f in self.rows()})
        self.assertEqual([incident["id"]], [f["id"] for _, f in g.incidents()])
        g.configure(e.config([HOT]))
        self.assertEqual("unchanged", reload(g).json["result"])
        self.assertEqual(1, g.metrics()[OK])

    def test_an_incident_stays_open_and_resolves_under_the_new_rule(self):
        g = self.serve([HOT])
        incident = self.open_hot()
        g.configure(e.config([dict(HOT, value=95)]))
        self.assertEqual(["hot"], reload(g).json["changed"])
        _, resolved = g.wait_incident(report={"host": "a", "x": 90}, event="resolved")
        self.assertEqual((incident["id"], "recovered", "95"),
                         (resolved["id"], resolved["reason"], resolved["threshold"]))
        self.assertEqual(2, len(g.incidents()))

    def test_a_removed_rule_is_resolved_at_the_seal_of_the_reload(self):
        # With so much grace no tick is blind because the machine held the engine up a little.
        g = self.serve([HOT, WARM], grace="2s")
        watch = Stopwatch(g.process.pid).start()
        self.addCleanup(watch.stop)
        since = e.now_ms()
        self.open_hot()
        g.configure(e.config([WARM], grace="2s"))
        now = reload(g).json["ruleSet"]
        entry_id, resolved = g.wait_incident(ruleName="hot", event="resolved")
        self.assertEqual("rule-removed", resolved["reason"])
        rows = self.rows()
        first = next(i for i, (_, f) in enumerate(rows) if f["rules"] == now)
        self.assertGreater(first, 0)
        self.assertEqual(entry_id.split("-")[0], rows[first][0].split("-")[0])
        ends = [int(i.split("-")[0]) for i, _ in rows]
        self.assertEqual(list(range(ends[0], ends[-1] + 1, 250)), ends, "no tick is left out")
        if watch.held_up() < 1:
            self.assertEqual({"0"}, {f["blind"] for end, (_, f) in zip(ends, rows) if end > since})

    def test_rule_sets_of_long_ago_are_forgotten(self):
        g = self.serve([HOT])
        first = g.get("/api/v1/rules").json["ruleSet"]
        with g.redis() as r:
            r("HSET", "tocsin:rules", "of long ago", "[]")
            g.wait_ticks(2)
            g.configure(e.config([WARM]))
            second = reload(g).json["ruleSet"]
            # Ticks that a recovery reads back name the first.
            self.assertEqual({"current", first, second},
                             {f.decode() for f in r("HKEYS", "tocsin:rules")})

    def test_a_longer_window_is_filled_from_the_log(self):
        adds = e.rule("adds", "x.count", "sum", value=25, timeframe="500ms")
        g = self.serve([adds], grace="2s")  # none of them is late
        for _ in range(10):
            self.assertEqual(202, g.post({"host": "a", "x": {"count": 3}}).status)
            g.wait_ticks(1)
        g.wait_ticks(10)  # all of them are sealed
        self.assertEqual([], g.incidents())
        g.configure(e.config([dict(adds, timeframe="1m")], grace="2s"))
        now = reload(g).json["ruleSet"]
        _, opened = g.wait_incident(ruleName="adds", event="opened")  # and nothing was reported
        self.assertEqual("30", opened["triggerValue"])
        first = next(i for i, f in self.rows() if f["rules"] == now)
        self.assertEqual(l.iso(int(first.split("-")[0])), opened["startTime"], "at once")

    def test_a_cooldown_goes_on(self):
        cool = dict(HOT, cooldown="1h")
        g = self.serve([cool, WARM])
        self.open_hot()
        g.wait_incident(report={"host": "a", "x": 5}, ruleName="hot", event="resolved")
        g.wait_incident(ruleName="warm", event="resolved")
        g.configure(e.config([dict(cool, value=40), WARM]))
        self.assertEqual(["hot"], reload(g).json["changed"])
        e.wait_until("warm opens again", lambda: g.post({"host": "a", "x": 99}).status == 202 and
                     [f["ruleName"] for _, f in g.incidents()
                      if f["event"] == "opened"].count("warm") == 2, every=0.1)
        g.wait_ticks(2)
        self.assertEqual(1, [f["ruleName"] for _, f in g.incidents()
                             if f["event"] == "opened"].count("hot"))

    def test_memory_that_the_known_hosts_need(self):
        self.g = g = e.Engine(e.Home(self.addCleanup), e.config([HOT], memory="18mb")).start()
        lines = "\n".join(json.dumps({"host": f"h{i}", "x": 1}) for i in range(1500))
        e.wait_until("the hosts are known", lambda: g.post(lines).status == 202 and
                     g.metrics()["tocsin_hosts"] == 1500, every=0.1)
        g.configure(e.config([dict(HOT, timeframe="10m")], memory="18mb"))
        a = reload(g)
        self.assertEqual((422, "/tocsin/memory"), (a.status, a.json["problems"][0]["pointer"]))
        self.assertIn("1500 are known", a.json["problems"][0]["message"])
        g.wait_ticks(2)

    def test_rights(self):
        g = self.serve([HOT], env={"TOCSIN_TOKEN": "admin-0123456789abc",
                                   "TOCSIN_READ_TOKEN": "read-0123456789abcd",
                                   "TOCSIN_WRITE_TOKEN": "write-0123456789abc"})
        for path in ("/-/reload", "/api/v1/reload"):
            for token, status in (("read-0123456789abcd", 403), ("write-0123456789abc", 403),
                                  ("nobody", 401), ("admin-0123456789abc", 200)):
                self.assertEqual(status, reload(g, bearer(token), path).status, token)
            self.assertEqual(405, g.get(path, bearer("admin-0123456789abc")).status)
        for token, status in (("read-0123456789abcd", 200), ("write-0123456789abc", 403)):
            self.assertEqual(status, g.post("{}", "/api/v1/config/check", bearer(token)).status)

    def test_config_check(self):
        g = self.serve([HOT])
        check = lambda text: g.post(text, "/api/v1/config/check", timeout=60)
        a = check(json.dumps(e.config([HOT, WARM])))
        self.assertEqual((200, True, [], 2), (a.status, *(a.json[k] for k in
                                                          ("ok", "problems", "rules"))))
        a = check(json.dumps(e.config([dict(HOT, operand="<b>\u202e\"")]), ensure_ascii=False)
                  .encode())
        self.assertEqual((200, False), (a.status, a.json["ok"]))
        self.assertEqual("/pro/alerting/rules/0/operand", a.json["problems"][0]["pointer"])
        self.assertIn("<b>", a.json["problems"][0]["message"])
        for text in ("", "[", "[]", "null", "\x00", '{"pro":[]}', "{" * 5000):
            self.assertEqual((200, False), (check(text).status, check(text).json["ok"]), text)
        # A secret's file is not looked for, and the environment counts for nothing.
        hook = {"name": "w", "url": "http://127.0.0.1/", "secretFile": "/etc/passwd"}
        self.assertEqual([], check(json.dumps(e.config([], webhooks=[hook]))).json["problems"])
        self.assertEqual(413, check(" " * (512 << 10) + "{}").status)
        began = time.monotonic()
        a = check('{"pro":{"alerting":{"rules":[' + ",".join(['{"a":1}'] * 60_000) + "]}}}")
        print(f"a hostile text takes {time.monotonic() - began:.2f} s", flush=True)
        self.assertEqual(200, len(a.json["problems"]))
        self.assertGreater(a.json["problemsTotal"], 60_000)

    def test_away_redis(self):
        """What cannot be stored is not in force; the changed file is taken up when it can be."""
        home = e.Home(self.addCleanup)
        redis = e.RedisServer(home).start()
        self.g = g = e.Engine(home, e.config([HOT]), redis=redis).start()
        redis.kill()
        g.configure(e.config([HOT, WARM]))
        a = reload(g)
        self.assertEqual(503, a.status, a)
        self.assertIn(a.json["error"]["code"], ("redis-away", "not-evaluating"))
        self.assertEqual(["hot"], self.rule_names())
        g.wait_for_log("trying again")
        redis.start()
        e.wait_until("the file is taken up", lambda: self.rule_names() == ["hot", "warm"])
        g.wait_ready()


class UnderLoad(unittest.TestCase):
    def test_no_event_is_missing_or_comes_twice(self):
        """Reloads between rule sets that differ in rules that never fire, but change the depth of
        windows: the events are those of a replay that knows nothing of all that."""
        # With so much grace no tick is blind because the machine held the engine up a little.
        more = {"hostExpiry": "1m", "grace": "3s"}
        g = e.Engine(e.Home(self.addCleanup), e.config(l.NOISY_RULES, **more)).start()
        watch = Stopwatch(g.process.pid).start()
        self.addCleanup(watch.stop)
        load = l.Load(lambda: [g.port], seed=11)
        results = []
        with load:
            g.wait_ticks(6)
            for i in range(12):
                added = [e.rule(f"never {i}", "cpu.usage", "max", value=1e9,
                                timeframe=f"{1 + 3 * (i % 4)}s"),
                         e.rule("nobody", f"not.there{i}", "avg")]
                g.configure(e.config(l.NOISY_RULES + added, **more))
                if i % 3 == 1:
                    g.signal(signal.SIGHUP)
                results.append(reload(g).json["result"])
                self.assertLess(g.metrics()["tocsin_tick_lag_seconds"] - watch.held_up(), 5)
                load.end.wait(0.05 * (i % 5))
            g.configure(e.config(l.NOISY_RULES, **more))
            results.append(reload(g).json["result"])
            g.wait_ticks(6)
        g.wait_ticks(4)
        self.assertEqual([], load.unexpected)
        self.assertEqual(0, load.refused, "samples are taken meanwhile")
        self.assertGreaterEqual(results.count("done"), 8, results)
        m = g.metrics()
        with g.redis() as r:
            logged = {s["n"] for s in l.read_log(r)}
        self.assertEqual([], [n for n in load.acknowledged if n not in logged])
        self.assertGreaterEqual(m["tocsin_recoveries_total"], 9)
        if watch.held_up() < 2:
            self.assertEqual(0, m["tocsin_ticks_blind_total"])
        g.kill()
        live = l.check_stream(self, g)
        self.assertGreater(len(live), 10)
        print(f"{len(live)} events over {results}", flush=True)


class TwoEngines(unittest.TestCase):
    def setUp(self):
        home = e.Home(self.addCleanup)
        self.redis = e.RedisServer(home).start()
        settings = e.config([HOT], takeover="4s")
        self.first = e.Engine(home, settings, "first", self.redis).start()
        self.second = e.Engine(home, settings, "second", self.redis).start(wait="listening")
        self.second.wait_ready("standby")

    def in_force(self):
        with self.redis.client() as r:
            return r("HGET", "tocsin:rules", "current").decode()

    def hash_shown(self, g):
        return g.get("/api/v1/rules").json["ruleSet"]

    def test_the_owner_decides(self):
        before = self.in_force()
        self.second.configure(e.config([WARM]))
        a = reload(self.second)
        self.assertEqual((409, "standby"), (a.status, a.json["error"]["code"]))
        self.second.wait_for_log("nothing changed: another engine evaluates")
        self.first.wait_ticks(3)
        self.assertEqual((before, before), (self.in_force(), self.hash_shown(self.second)))
        self.second.configure("[")
        self.assertEqual(422, reload(self.second).status)
        self.second.configure(e.config([WARM]))

        self.first.configure(e.config([HOT, WARM]))
        now = reload(self.first).json["ruleSet"]
        self.assertEqual((now, now), (self.in_force(), self.hash_shown(self.first)))
        e.wait_until("the standby shows them", lambda: self.hash_shown(self.second) == now)
        self.first.kill()
        self.second.wait_ready("owner")
        self.second.wait_ticks(2)
        self.assertEqual((now, now), (self.in_force(), self.hash_shown(self.second)))
        self.assertIn("the cluster's rules differ", self.second.log())
        # It is the one to ask now.
        self.second.configure(e.config([WARM]))
        self.assertEqual(["hot"], reload(self.second).json["removed"])
        self.second.wait_ticks(2)

    def test_a_lease_that_is_kept_is_not_taken(self):
        for i in range(8):
            self.first.configure(e.config([dict(HOT, value=i)]))
            self.assertEqual("done", reload(self.first).json["result"])
        self.first.wait_ready("owner")
        self.assertEqual("standby", self.second.ready())
        with self.redis.client() as r:
            self.assertTrue(r("HGET", "tocsin:{0}:lease", "owner").decode().endswith(":1"))


if __name__ == "__main__":
    e.main()
