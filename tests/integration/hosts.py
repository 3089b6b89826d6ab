"""What the API says of hosts and fields, from the windows of a live engine: names of any kind come
back as they were sent, pages make up the whole, a standby refuses, and asking delays no tick."""

import json
import os
import sys
import threading
import time
import unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]
import engine as e
from api import Schema
from stopwatch import Stopwatch

HOSTILE = ['"><img src=x onerror=alert(1)>', "a/b?c=d&e#f%41", "‮txet", "' OR 1=1; --",
           "\\\"\\u0000", "ü" * 127, "a" * 255, " blanks ", ".", "..", "{host}"]
FIVE_MINUTES_MS = 300_000


class Hosts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        home = e.Home(cls.addClassCleanup)
        redis = e.RedisServer(home).start()
        settings = e.config([e.rule("hot <b>&"), e.rule("long", timeframe="5s", value=1e9)])
        cls.g = e.Engine(home, settings, "first", redis).start()
        cls.second = e.Engine(home, settings, "second", redis).start(wait="listening")
        cls.second.wait_ready("standby")
        cls.document = cls.g.get("/api/v1/openapi.json").json
        cls.schema = Schema(cls.document)

    def ask(self, route, status=200, path=None, engine=None, **query):
        a = (engine or self.g).get((path or route) + "?" + urllib.parse.urlencode(query, True)
                                   if query else path or route)
        self.assertEqual(status, a.status, a)
        way = self.document["paths"][route]["get"]["responses"][str(status)]
        self.schema.check(a.json, self.schema.resolve(way)["content"]["application/json"]["schema"])
        return a.json

    def host(self, name, status=200):
        return self.ask("/api/v1/hosts/{host}", status,
                        "/api/v1/hosts/" + urllib.parse.quote(name, safe=""))

    def list(self, **query):
        return self.ask("/api/v1/hosts", **query)

    def test_hostile_names_come_back_as_they_were_sent(self):
        labels = {"x": '"},{"y":', "dc": "<eu>"}
        names = lambda: {h["host"] for h in self.list(label="dc:<eu>")["hosts"]}
        e.wait_until("all are there", lambda: (
            self.g.post([{"host": h, "cpu.usage": 1, "<i>\"n": 2, "labels": labels}
                         for h in HOSTILE]), names() == set(HOSTILE))[-1], every=0.1)
        for name in HOSTILE:
            one = self.host(name)
            self.assertEqual((name, labels), (one["host"], one["labels"]))
            again = self.ask("/api/v1/host", name=name)
            self.assertEqual((name, [f["name"] for f in one["fields"]]),
                             (again["host"], [f["name"] for f in again["fields"]]))
            self.assertEqual({"cpu.usage": ["hot <b>&", "long"], "<i>\"n": []},
                             {f["name"]: f["rules"] for f in one["fields"]})
            self.assertIn(name, {h["host"] for h in self.list(search=name.upper())["hosts"]}
                          if name.isascii() else names())
        fields = {f["name"]: f for f in self.ask("/api/v1/fields")["fields"]}
        self.assertGreaterEqual(fields["<i>\"n"]["hosts"], len(HOSTILE))
        self.assertEqual(2, fields["cpu.usage"]["rules"])
        self.assertEqual(5_000, min(5_000, fields["cpu.usage"]["reach"]))

    def test_values_silence_and_what_is_open(self):
        def report(*values):
            self.g.post([{"host": f"v{i}", "cpu.usage": v, "labels": {"test": "values"}}
                         for i, v in enumerate(values)])
        query = {"label": "test:values", "columns": "max:cpu.usage,count:cpu.usage,sum:none",
                 "sort": "-max:cpu.usage", "span": 4_000}

        def three_ticks():
            report(10, 95, 20)
            answer = self.list(**query)
            counts = [h["values"][1] for h in answer["hosts"]]
            return answer if answer["span"] == 4_000 and len(counts) == 3 and \
                min(c or 0 for c in counts) >= 3 and any(h["open"] for h in answer["hosts"]) else None
        answer = e.wait_until("each has reported in three ticks", three_ticks, every=0.1)
        self.assertEqual(["v1", "v2", "v0"], [h["host"] for h in answer["hosts"]])
        self.assertEqual([95, 20, 10], [h["values"][0] for h in answer["hosts"]])
        self.assertEqual([1, 0, 0], [h["open"] for h in answer["hosts"]])
        self.assertEqual({None}, {h["values"][2] for h in answer["hosts"]})
        self.assertTrue(all(3 <= h["values"][1] <= 16 for h in answer["hosts"]), answer)
        self.assertEqual(["v0"], [h["host"] for h in self.list(offset=2, limit=1, **query)["hosts"]])
        worst = self.list(**{**query, "sort": "-open,-max:cpu.usage"})["hosts"]
        self.assertEqual(["v1", "v2", "v0"], [h["host"] for h in worst])
        found = lambda words: [h["host"] for h in self.list(words=words)["hosts"]]
        self.assertEqual(["v1"], found("V1 test:val*"))
        self.assertEqual(["v0", "v1", "v2"], found("v* test:"))
        self.assertEqual([], found("v* test:value"))
        hot = self.host("v1")["open"]
        self.assertEqual([("hot <b>&", 95)], [(o["rule"], o["triggerValue"]) for o in hot])
        silent = lambda: self.list(label="test:values", state="silent")
        e.wait_until("all are silent", lambda: silent()["matched"] == 3)
        self.assertEqual(3, silent()["silent"])
        everybody = self.list(search="nobody like that")  # counted whatever is asked for
        self.assertEqual(0, everybody["silent"])
        self.assertGreaterEqual(everybody["totalSilent"], 3)
        self.assertEqual(0, self.list(label="test:values", state="reporting")["matched"])
        self.assertTrue(self.host("v1")["silent"])

    def test_servers_of_a_host_are_counted_while_they_report(self):
        def servers(*ids):
            self.g.post([{"host": "shared", "cpu.usage": 1, **({"serverId": i} if i else {})}
                         for i in ids])
            one, (row,) = self.host("shared"), self.list(search="shared")["hosts"]
            return (one["servers"], row["servers"])
        self.g.post({"host": "shared", "cpu.usage": 1})
        e.wait_until("it is known", lambda: self.list(search="shared")["matched"])
        self.assertEqual((0, 0), servers(None))
        e.wait_until("both count", lambda: servers("a", "b", None) == (2, 2), every=0.1)
        e.wait_until("what a restart left behind does not", lambda: servers("a", None) == (1, 1),
                     every=0.1)

    def test_questions_that_are_none(self):
        for name, value in (("limit", "0"), ("limit", "1001"), ("offset", "100001"), ("span", "0"),
                            ("columns", "most:cpu.usage"), ("columns", "cpu.usage"),
                            ("columns", ",".join(["last:x"] * 17)), ("sort", "max:none"),
                            ("sort", "open,host"),
                            ("sort", "max:cpu.usage,max:mem.usage"), ("words", "x" * 256),
                            ("words", "x " * 17),
                            ("state", "asleep"), ("label", "dc"), ("search", "x" * 256),
                            ("colour", "red")):
            error = self.ask("/api/v1/hosts", 400, **{name: value})["error"]
            self.assertEqual("bad-parameter", error["code"])
            self.assertIn(name, error["message"])
        self.ask("/api/v1/fields", 400, x=1)
        for query in ({}, {"name": ""}, {"host": "a"}, {"name": ["a", "b"]}):
            error = self.ask("/api/v1/host", 400, **query)["error"]
            self.assertEqual("bad-parameter", error["code"])
            self.assertIn("name", error["message"])
        self.assertIn("nobody", self.ask("/api/v1/host", 404, name="nobody")["error"]["message"])
        self.assertIn("nobody", self.host("nobody", 404)["error"]["message"])
        self.assertEqual("unknown-host", self.host("nobody", 404)["error"]["code"])

    def test_a_standby_refuses(self):
        for path in ("/api/v1/hosts", "/api/v1/hosts/a", "/api/v1/host?name=a", "/api/v1/fields"):
            a = self.second.get(path)
            self.assertEqual((503, "not-evaluating"), (a.status, a.json["error"]["code"]), a)
            self.assertIn("Retry-After", a.headers)


class Past(unittest.TestCase):
    """Further back than windows of rules, which of most fields hold two ticks."""

    def ask(self, **query):
        return self.g.get("/api/v1/hosts?" + urllib.parse.urlencode(query)).json

    def test_columns_reach_back_behind_windows_also_when_rules_are_read_again(self):
        rule = e.rule("hot", timeframe="1s", value=1e9)
        self.g = g = e.Engine(e.Home(self.addCleanup), e.config([rule], grace="2s", hostExpiry="1h")).start()
        query = {"columns": "sum:requests.count,max:cpu.usage,count:cpu.usage", "sort":
                 "-sum:requests.count", "span": 60_000}
        for i in range(3):
            g.post([{"host": f"h{i}", "requests.count": i + 1, "cpu.usage": 10 * i}])
        want = [["h2", [3, 20, 1]], ["h1", [2, 10, 1]], ["h0", [1, 0, 1]]]
        shown = lambda: [[h["host"], h["values"]] for h in self.ask(**query)["hosts"]
                         if h["host"].startswith("h")]
        e.wait_until("all are shown", lambda: shown() == want)
        e.wait_until("five seconds are held", lambda: self.ask(**query)["span"] >= 5_000)
        self.assertEqual(want, shown())
        self.assertEqual(1_000, self.ask(**{**query, "span": 1_000})["span"])
        self.assertEqual([None] * 2, [h["values"][0] for h in
                                      self.ask(**{**query, "span": 1_000, "search": "h"})["hosts"]
                                      if h["host"] in ("h0", "h1")])
        last = {f["name"]: f["last"] for f in g.get("/api/v1/hosts/h2").json["fields"]}
        self.assertEqual({"requests.count": 3, "cpu.usage": 20}, last)
        reach = {f["name"]: f["reach"] for f in g.get("/api/v1/fields").json["fields"]}
        self.assertGreaterEqual(min(reach["requests.count"], reach["cpu.usage"]), 5_000)
        self.assertEqual(300_000, max(300_000, *reach.values()))
        before = self.ask(**query)["span"]
        g.configure(e.config([dict(rule, timeframe="2s"), e.rule("new", "requests.count")],
                             grace="2s", hostExpiry="1h"))
        self.assertEqual("done", g.post("", "/-/reload", timeout=30).json["result"])
        g.wait_ticks(2)
        self.assertEqual(want, shown())
        self.assertGreater(self.ask(**query)["span"], before)

    def test_what_single_ticks_do_not_reach_is_added_up(self):
        """With so little memory a few seconds of ticks are held, where it is five minutes else."""
        rule = e.rule("hot", timeframe="1s", value=1e9)
        self.g = g = e.Engine(e.Home(self.addCleanup), e.config([rule], memory="18mb")).start()
        query = {"columns": "sum:n.count,max:g,avg:g,last:g,sum:f7.count",
                 "span": 18_000_000, "sort": "-max:g"}
        shown = lambda: {h["host"]: h["values"] for h in self.ask(**query)["hosts"]}
        sent, began = 0, time.monotonic()

        def one_more(seconds):
            nonlocal sent
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                sent += 1
                more = {f"f{i}.count": 1 for i in range(12)}  # a row each, of every tick
                g.post([{"host": "a", "n.count": 1, "g": 7, **more},
                        {"host": "b", "n.count": 2, "g": 9, **more}])
                g.wait_ticks(1)
        one_more(15)
        rows = lambda n: {"a": [n, 7, 7, 7, n], "b": [2 * n, 9, 9, 9, n]}
        e.wait_until("all is added up", lambda: shown() == rows(sent))
        self.assertGreater(self.ask(**query)["span"], 14_000)
        single = self.ask(**{**query, "span": 1_000})
        self.assertLessEqual(single["span"], 1_000)
        g.configure(e.config([rule, e.rule("new", "n.count", value=1e9)], memory="18mb"))
        self.assertEqual("done", g.post("", "/-/reload", timeout=30).json["result"])
        one_more(3)
        e.wait_until("it goes on", lambda: shown() == rows(sent))
        self.assertLess(self.ask(**query)["span"] / 1000, time.monotonic() - began + 1)

    def test_a_host_that_took_its_leave_and_came_back_has_no_past(self):
        self.g = g = e.Engine(e.Home(self.addCleanup), e.config([])).start()
        query = {"columns": "sum:requests.count", "span": 60_000, "search": "gone"}
        values = lambda: [h["values"] for h in self.ask(**query)["hosts"]]
        g.post([{"host": "gone", "requests.count": 5}])
        e.wait_until("it is shown", lambda: values() == [[5]])
        g.post([{"host": "gone", "gone": True}])
        e.wait_until("it is forgotten", lambda: values() == [])
        g.post([{"host": "gone", "requests.count": 7}])
        e.wait_until("it is back", lambda: values() == [[7]])


class ManyHosts(unittest.TestCase):
    HOSTS = 10_000

    def test_asking_in_a_loop_delays_no_tick(self):
        g = e.Engine(e.Home(self.addCleanup),
                     e.config([e.rule("hot", timeframe="10s", value=99)], interval="1s")).start()
        watch = Stopwatch(g.process.pid).start()
        self.addCleanup(watch.stop)
        stop, lags, posts = threading.Event(), [], []

        def report():
            while not stop.is_set():
                began = time.monotonic()
                for first in range(0, self.HOSTS, 2_000):
                    g.post("\n".join(json.dumps(
                        {"host": f"h{i:05}", "cpu.usage": (i * 7919) % 100, "mem.usage": i % 50,
                         "uptime": i, "requests.count": 1, "errors.count": 0,
                         "eventsIn.count": i % 3, "labels": {"dc": f"eu{i % 4}"}})
                        for i in range(first, first + 2_000)))
                posts.append(time.monotonic() - began)
                stop.wait(max(0, 1 - posts[-1]))

        reporter = threading.Thread(target=report)
        reporter.start()
        self.addCleanup(reporter.join)
        self.addCleanup(stop.set)
        e.wait_until("all are known",
                     lambda: g.get("/api/v1/hosts?limit=1").json.get("matched") == self.HOSTS)
        g.wait_ticks(3)
        took = {}
        for query in ("", "?sort=-max:cpu.usage", "?search=99&sort=-sum:requests.count",
                      "?label=dc:eu1&limit=1000&sort=-open", "?offset=9000&limit=1000"):
            times = []
            end = time.monotonic() + 2
            while time.monotonic() < end:
                began = time.monotonic()
                a = g.get("/api/v1/hosts" + query)
                times.append(time.monotonic() - began)
                self.assertEqual(200, a.status, a)
                lags.append(g.metrics()["tocsin_tick_lag_seconds"])
            took[query] = sorted(times)[len(times) // 2]
            print(f"{len(times)} × /api/v1/hosts{query}: median {took[query] * 1e3:.1f} ms, "
                  f"longest {max(times) * 1e3:.1f} ms", flush=True)
        print(f"longest lag of a tick {max(lags) * 1e3:.0f} ms, a report of all hosts took "
              f"{max(posts):.2f} s at most", flush=True)
        self.assertLess(max(took.values()) - watch.held_up(), 1)
        self.assertLess(max(lags) - watch.held_up(), 1)


if __name__ == "__main__":
    e.main()
