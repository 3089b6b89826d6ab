"""`tocsin incidents`, `hosts`, `rules` and `explain` over HTTP: they say what Redis says, with tokens
and TLS, filtered, counted and followed across restarts of the engine."""

import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e

DONE, USAGE, FAILURE = 0, 2, 3
HIDDEN = "web\u202e-9"
RULES = [e.rule("hot", labels={"team": "db", "tier": "1"}),
         e.rule("cold", operand="equalOrLessThan", value=5, labels={"team": "web"}),
         e.rule("plain", field="x.y")]
READ, WRITE = "a-token-that-may-read-1", "a-token-that-may-write-1"


def as_told(event):
    """An event of the stream in Redis as the API tells it."""
    out = {k: v for k, v in event.items() if k not in ("entry", "v", "seq")}
    for name in ("labels", "annotations"):
        if name in out:
            out[name] = json.loads(out[name])
    return out


class Followed:
    """`tocsin incidents --follow`, its lines read by a thread."""

    def __init__(self, home, words, env=None):
        self.lines, self.log = [], os.path.join(home.path, "follow.log")
        with open(self.log, "wb") as log:
            self.process = home.run([e.BINARY, "incidents", "--follow", *words], text=True,
                                    stdout=subprocess.PIPE, stderr=log,
                                    env=e.clean_environment(env))
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)

    def said(self):
        with open(self.log, encoding="utf-8") as f:
            return f.read()

    def events(self):
        return [json.loads(line) for line in list(self.lines)]

    def stop(self, how=signal.SIGINT):
        self.process.send_signal(how)
        code = self.process.wait(e.PATIENCE)
        self.thread.join(e.PATIENCE)
        self.process.stdout.close()
        return code


class Reading(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)

    def start(self, **more):
        self.g = e.Engine(self.home, e.config(RULES, grace="150ms"), **more).start()
        self.url = f"{'https' if self.g.tls else 'http'}://127.0.0.1:{self.g.port}"
        return self.g

    def tool(self, *words, code=DONE, env=None):
        done = subprocess.run([e.BINARY, *words], capture_output=True, text=True,
                              timeout=3 * e.PATIENCE, env=e.clean_environment(env),
                              cwd=self.home.path)
        self.assertEqual(code, done.returncode, (words, done))
        if code != DONE:
            self.assertEqual("", done.stdout)
        return done

    def both(self, *words):
        """What a command prints from Redis and over HTTP."""
        return [self.tool(*words, *way).stdout
                for way in (("--state-dir", self.g.state), ("--to", self.url))]

    def same(self, *words):
        redis, over_http = self.both(*words)
        self.assertEqual(redis, over_http, words)
        return redis

    def happen(self):
        """Six incidents that open, of which two end."""
        for host in ("web-1", "web-2", HIDDEN):
            self.g.wait_incident(report={"host": host, "cpu.usage": 99, "x.y": 99},
                                 ruleName="plain", event="opened", hostName=host)
            self.g.wait_incident(ruleName="hot", event="opened", hostName=host)
        self.g.wait_incident(report={"host": "web-1", "cpu.usage": 3}, event="resolved",
                             hostName="web-1", ruleName="hot")
        self.g.wait_incident(ruleName="cold", event="opened", hostName="web-1")
        self.g.wait_incident(report={"host": "web-2", "x.y": 1}, event="resolved",
                             hostName="web-2", ruleName="plain")
        self.g.wait_ticks(2)


class Lists(Reading):
    def setUp(self):
        super().setUp()
        self.start()
        self.happen()

    def test_past_events_are_those_of_redis(self):
        self.assertGreaterEqual(len(self.same("incidents").splitlines()), 9)
        for n in range(1, 10):
            self.assertEqual(n, len(self.same("incidents", "-n", str(n)).splitlines()))
        redis, over_http = self.both("incidents", "--json")
        self.assertEqual([as_told(json.loads(line)) for line in redis.splitlines()],
                         [json.loads(line) for line in over_http.splitlines()])
        self.assertIn("web\\u202e-9", over_http)

    def test_what_is_open_is_what_redis_holds(self):
        redis, over_http = self.both("incidents", "--active")
        self.assertEqual(sorted(redis.splitlines()), sorted(over_http.splitlines()))
        self.assertEqual(5, len(redis.splitlines()), redis)
        redis, over_http = ([json.loads(x) for x in lines.splitlines()]
                            for lines in self.both("incidents", "--active", "--json"))
        by_id = lambda incidents: sorted(incidents, key=lambda i: i["id"])
        self.assertEqual(by_id(redis), by_id(over_http))
        page = self.g.get("/api/v1/incidents").json["incidents"]
        self.assertEqual(page, over_http, "objects and order are the API's")

    def test_filters_and_groups(self):
        names = lambda text: {(i["ruleName"], i["hostName"])
                              for i in map(json.loads, text.splitlines())}
        for words, wanted in (
                (["--rule", "hot"], {("hot", h) for h in ("web-2", HIDDEN)}),
                (["--rule", "h?t", "--rule", "cold"],
                 {("hot", "web-2"), ("hot", HIDDEN), ("cold", "web-1")}),
                (["--host", "web-*", "--rule", "*o*"], {("hot", "web-2"), ("cold", "web-1")}),
                (["--label", "team=d*"], {("hot", "web-2"), ("hot", HIDDEN)}),
                (["--label", "team=*", "--label", "tier=1", "--host", "web-?"],
                 {("hot", "web-2")}),
                (["--rule", "ho"], set())):
            with self.subTest(words):
                for text in self.both("incidents", "--active", "--json", *words):
                    self.assertEqual(wanted, names(text))
                self.same("incidents", *words)
                self.same("incidents", "-n", "1", *words)
        self.assertEqual("", self.same("incidents", "--json", "--rule", "ho"))
        self.assertIn("no such incident is open",
                      self.tool("incidents", "--active", "--rule", "x", "--to", self.url).stderr)
        # Further back than a filter's events are others: they are found all the same.
        self.assertIn("web-1", self.same("incidents", "-n", "1", "--rule", "plain", "--host", "web-1"))

        groups = self.same("incidents", "--active", "--json", "--group-by", "label:team")
        self.assertEqual([{"label": "team", "value": None, "incidents": 2},
                          {"label": "team", "value": "db", "incidents": 2},
                          {"label": "team", "value": "web", "incidents": 1}],
                         [json.loads(x) for x in groups.splitlines()])
        opened = [json.loads(x) for x in self.same("incidents", "--json", "--group-by",
                                                   "rule").splitlines()]
        count = lambda rule: sum(f["event"] == "opened" and f["ruleName"] == rule
                                 for _, f in self.g.incidents())
        self.assertEqual({r["name"]: count(r["name"]) for r in RULES},
                         {g["rule"]: g["incidents"] for g in opened})
        self.assertEqual(sorted(opened, key=lambda g: (-g["incidents"], g["rule"])), opened)
        self.assertEqual("", self.same("incidents", "--group-by", "host", "-n", "1", "--rule", "x"))
        self.assertEqual("      1  `web-1`\n", self.same("incidents", "--active", "--group-by",
                                                        "host", "--rule", "cold"))

    def test_hosts_and_rules(self):
        redis, over_http = ([json.loads(x) for x in text.splitlines()]
                            for text in self.both("hosts", "--json"))
        self.assertEqual([h["host"] for h in redis], [h["host"] for h in over_http])
        self.assertEqual([2, 1, 2], [h["open"] for h in over_http])
        self.assertIn("`web-1`  last sample 20", self.tool("hosts", "--to", self.url).stdout)
        said = self.tool("hosts", "forget", "web-1", "--to", self.url, code=USAGE).stderr
        self.assertIn("leave --to out", said)
        rules = [json.loads(x) for x in self.tool("rules", "--json", "--to",
                                                  self.url).stdout.splitlines()]
        wanted = self.g.get("/api/v1/rules?state=true").json["rules"]
        for r in rules + wanted:
            del r["cost"]
            r["state"] = {k: r["state"][k] for k in ("hosts", "open", "coolingDown")}
        self.assertEqual(wanted, rules)
        text = self.tool("rules", "--to", self.url + "/").stdout
        self.assertRegex(text, r"`hot`  \(last value of cpu\.usage over 500 ms is 50 or more\)  "
                               r"2 open, 0 cooling down; 3 hosts: \d breach")

    def test_explain(self):
        way = ("--to", self.url)
        incident = next(f for _, f in self.g.incidents() if f["ruleName"] == "plain")
        at = incident["startTime"]
        answer = json.loads(self.tool("explain", "plain", incident["hostName"], "--at", at, "--json",
                                      *way).stdout)
        self.assertEqual(("breach", 99, at),
                         (answer["verdict"], answer["value"], answer["window"]["to"]))
        text = self.tool("explain", "plain", incident["hostName"], "--at", at, *way).stdout
        self.assertIn(answer["words"], text)
        self.assertIn(f"check of {at}: breach", text)
        self.assertIn("  99\n", text)
        self.assertIn("unknown (unknown-host)", self.tool("explain", "hot", "no", *way).stdout)
        self.assertIn("`tocsin rules` lists", self.tool("explain", "no", "web-1", *way,
                                                        code=FAILURE).stderr)
        self.assertIn("--at: `today` is no time", self.tool("explain", "hot", "web-1", "--at",
                                                            "today", *way, code=USAGE).stderr)

    def test_wrong_usage(self):
        for words, said in ((["incidents", "--follow", "--group-by", "rule"], "leave one of them out"),
                            (["incidents", "--group-by", "team"], "none of rule, host and label"),
                            (["incidents", "--label", "team"], "is no NAME=PATTERN"),
                            (["incidents", "--token-file", "x"], "--to"),
                            (["hosts", "--to", self.url, "--state-dir", "x"], "excludes"),
                            (["rules", "--to", "127.0.0.1"], "--to: "),
                            (["rules", "--token-file", "/nonexistent"], "/nonexistent")):
            with self.subTest(words):
                self.assertIn(said, self.tool(*words, code=USAGE).stderr)

    def test_output_that_is_lost_ends_with_3(self):
        for words in (["incidents"], ["incidents", "--active"], ["incidents", "--follow"], ["hosts"],
                      ["rules"], ["explain", "hot", "web-1"]):
            with self.subTest(words), open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([e.BINARY, *words, "--to", self.url], stdout=full, text=True,
                                      stderr=subprocess.PIPE, timeout=3 * e.PATIENCE,
                                      env=e.clean_environment())
                self.assertEqual(FAILURE, done.returncode, done)
                self.assertIn("standard output cannot be written", done.stderr)

    def test_nobody_there(self):
        port = e.free_port()
        said = self.tool("rules", "--to", f"http://127.0.0.1:{port}", code=FAILURE).stderr
        self.assertIn("does the engine run there?", said)
        said = self.tool("rules", "--to", f"https://127.0.0.1:{self.g.port}", code=FAILURE).stderr
        self.assertIn("is asked with http://", said)


class Tokens(Reading):
    def test_tokens_and_tls(self):
        cert, key = e.certificate(self.home, "server")
        self.start(args=["--tls-cert", cert, "--tls-key", key],
                   tls=ssl.create_default_context(cafile=cert),
                   env={"TOCSIN_READ_TOKEN": READ, "TOCSIN_WRITE_TOKEN": WRITE})
        read, write = self.home.file("read", READ + "\n"), self.home.file("write", WRITE + "\n")
        for path in (read, write):
            os.chmod(path, 0o600)
        trusted = ("--to", self.url, "--ca-file", cert)
        for words in (["incidents"], ["incidents", "--active"], ["incidents", "-f"], ["hosts"],
                      ["rules"], ["explain", "hot", "h"]):
            with self.subTest(words):
                said = self.tool(*words, *trusted, code=FAILURE).stderr
                self.assertIn("answers 401", said)
                self.assertIn("--token-file", said)
                said = self.tool(*words, *trusted, "--token-file", write, code=FAILURE).stderr
                self.assertIn("answers 403", said)
                self.assertNotIn(WRITE, said)
                said = self.tool(*words, "--to", self.url, "--token-file", read, code=FAILURE).stderr
                self.assertIn("--ca-file", said)
        told = self.tool("rules", *trusted, "--token-file", read).stdout
        self.assertEqual(told, self.tool("rules", *trusted, env={"TOCSIN_TOKEN": READ}).stdout)
        self.assertEqual(3, len(told.splitlines()))
        self.tool("rules", "--to", self.url, env={"TOCSIN_TOKEN": READ, "SSL_CERT_FILE": cert})
        said = self.tool("rules", "--to", self.url.replace("https", "http"), code=FAILURE).stderr
        self.assertIn("https://", said)

        follower = Followed(self.home, ["--json", "-n", "0", *trusted, "--token-file", read])
        e.wait_until("it follows", lambda: self.clients() == 1)
        report = json.dumps({"host": "h", "cpu.usage": 99})

        def opened():
            self.g.post(report, headers={"Authorization": f"Bearer {WRITE}"})
            return follower.events()
        e.wait_until("an incident comes", opened, every=0.1)
        self.assertEqual("hot", follower.events()[0]["ruleName"])
        self.assertEqual(DONE, follower.stop())

    def clients(self):
        text = self.g.get("/metrics", {"Authorization": f"Bearer {READ}"}).body
        return next(float(line.split()[1]) for line in text.splitlines()
                    if line.startswith("tocsin_sse_clients "))


class Follows(Reading):
    def flip(self, follower, n):
        """Opens and resolves until the follower has n events more."""
        value, wanted = 1, len(follower.lines) + n

        def enough():
            nonlocal value
            value = 100 - value
            try:
                self.g.post({"host": "web-1", "cpu.usage": value, "x.y": value})
            except (OSError, http.client.HTTPException):
                pass
            return len(follower.lines) >= wanted
        e.wait_until(f"{n} more events are followed: {follower.said()}", enough, 60, every=0.3)

    def settle(self):
        """No event is under way any more; all there are."""
        def still():
            before = self.g.incidents()
            self.g.wait_ticks(4)
            return before == self.g.incidents() and before
        return [f for _, f in e.wait_until("nothing happens any more", still)]

    def wanted(self, rule="hot"):
        return [(f["event"], f["id"]) for f in self.settle() if f["ruleName"] == rule]

    def test_through_restarts_without_loss_or_repetition(self):
        port = e.free_port()
        self.start(args=["--listen", f"127.0.0.1:{port}"])
        self.happen()
        follower = Followed(self.home, ["--json", "-n", "10000", "--to", self.url, "--rule", "h*"])
        e.wait_until("the past is told", lambda: len(follower.lines) >= 4)
        self.flip(follower, 4)
        self.g.kill()
        self.g.start()
        self.flip(follower, 4)
        self.g.stop()
        e.wait_until("it is told", lambda: "the connection is lost" in follower.said())
        self.g.start()
        self.flip(follower, 4)
        self.assertIn("connected again", follower.said())
        wanted = self.wanted()
        e.wait_until("all came", lambda: len(follower.lines) >= len(wanted))
        self.assertEqual(wanted, [(x["event"], x["id"]) for x in follower.events()])
        self.assertEqual(DONE, follower.stop())

    def test_the_past_and_what_comes_join(self):
        """Followers that begin while events come every tick."""
        self.start()
        first = Followed(self.home, ["--json", "-n", "0", "--to", self.url])
        self.flip(first, 8)
        late = [Followed(self.home, ["--json", "-n", "10000", "--to", self.url])]
        self.flip(first, 8)
        late.append(Followed(self.home, ["--json", "-n", "10000", "--to", self.url]))
        self.flip(first, 8)
        wanted = [(f["event"], f["id"]) for f in self.settle()]
        for one in late:
            e.wait_until("all came", lambda: len(one.lines) >= len(wanted))
            self.assertEqual(wanted, [(x["event"], x["id"]) for x in one.events()])
            self.assertEqual(DONE, one.stop(signal.SIGTERM))
        self.assertEqual(DONE, first.stop())

    def test_ends_when_nobody_reads(self):
        self.start()
        follower = Followed(self.home, ["-n", "0", "--to", self.url])
        self.flip(follower, 2)
        quiet = subprocess.Popen([e.BINARY, "incidents", "-f", "-n", "0", "--to", self.url],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 env=e.clean_environment())
        self.home.processes.append(quiet)
        quiet.stdout.close()
        e.wait_until("both follow", lambda: self.g.metrics()["tocsin_sse_clients"] == 2)
        self.flip(follower, 2)
        self.assertEqual(FAILURE, quiet.wait(e.PATIENCE))
        self.assertIn("Broken pipe", quiet.stderr.read())
        quiet.stderr.close()
        self.assertEqual(DONE, follower.stop())

    def test_ends_at_once_while_the_engine_is_away(self):
        self.start()
        follower = Followed(self.home, ["-n", "0", "--to", self.url])
        self.flip(follower, 2)
        self.g.stop()
        e.wait_until("it is told", lambda: "the connection is lost" in follower.said())
        self.assertEqual(DONE, follower.stop())


if __name__ == "__main__":
    e.main()
