"""The endpoints that Botpress's admin pages ask: what was reported comes back in the shape that the
pages work with, from every form of log entry, and whatever is asked the engine goes on."""

import concurrent.futures
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
import npm
from stopwatch import Stopwatch

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "botpress_page")
# So much of names that the sample stays JSON in the log.
LONG_NAMES = {f"a-field-with-a-long-name-{i}": i for i in range(4_000)}
MONITORING = ("/api/v1/admin/health/monitoring", "/api/v2/admin/health/monitoring",
              "/api/v1/admin/server/monitoring")
INCIDENTS = ("/api/v1/admin/health/alerting/incidents", "/api/v2/admin/health/alerting/incidents",
             "/api/v1/admin/server/alerting/incidents")
COUNTS = ("requests", "eventsIn", "eventsOut", "warnings", "errors", "criticals")


def node_sample(r, host, ts, uptime):
    """What a Botpress node reports, key for key."""
    sample = {"host": host, "ts": ts, "uptime": uptime, "cpu": {"usage": round(r.uniform(0, 100), 2)},
              "mem": {"usage": round(r.uniform(0, 100), 2), "free": r.randint(0, 10**9)},
              "requests": {"count": r.randint(1, 99), "latency_sum": r.randint(1, 999)},
              **{name: {"count": r.randint(0, 9)} for name in COUNTS[1:]}}
    sample["requests"]["latency_avg"] = (sample["requests"]["latency_sum"]
                                         / sample["requests"]["count"])
    return sample


def mean(values):
    return round(sum(values) / len(values), 2)


def summary(samples):
    return {"cpu": mean([s["cpu"]["usage"] for s in samples]),
            "mem": mean([s["mem"]["usage"] for s in samples]),
            **{name: sum(s[name]["count"] for s in samples) for name in COUNTS}}


class BotpressPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = e.Home(cls.addClassCleanup)
        cls.g = e.Engine(cls.home, e.config([e.rule("hot"), e.rule("very", value=90)])).start()

    @classmethod
    def tearDownClass(cls):
        assert cls.g.stop() < 2

    def ask(self, path, start, end, status=200, engine=None):
        a = (engine or self.g).post({"fromTime": start, "toTime": end}, path)
        self.assertEqual(status, a.status, a)
        return a

    def samples(self, start, end):
        return [json.loads(text) for text in self.ask(MONITORING[0], start, end).json]

    def page(self, answer, resolution):
        folder = os.path.join(self.home.path, "page")
        if not os.path.exists(folder):
            shutil.copytree(PAGE, folder, ignore=shutil.ignore_patterns("node_modules"))
            npm.install(folder)
        done = subprocess.run(["node", "page.mjs", str(resolution)], cwd=folder, input=answer,
                              capture_output=True, text=True, timeout=60 + e.PATIENCE)
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)

    def test_the_page_shows_what_was_reported(self):
        r = random.Random(1)
        start = e.now_ms() - 1_000_000  # before what the other tests report
        moments = [start + 10_000 * i for i in range(90)]
        sent = [node_sample(r, f"node-{n}", ts + n, 3600 + i * 10)
                for i, ts in enumerate(moments) for n in range(3)]
        for part in range(0, len(sent), 40):
            self.assertEqual(202, self.g.post(sent[part:part + 40]).status)
        answer = self.ask(MONITORING[0], start, start + 900_000)
        self.assertEqual("application/json", answer.headers["Content-Type"])
        entries = [json.loads(text) for text in answer.json]
        self.assertEqual(sent, entries)
        # Botpress's own order of keys, down to the text.
        self.assertEqual(["host", "ts", "uptime", "cpu", "mem", "requests", "eventsIn", "eventsOut",
                          "warnings", "errors", "criticals"], list(entries[0]))

        shown = self.page(answer.body, 30_000)
        hosts = [f"node-{n}" for n in range(3)]
        self.assertEqual(hosts, shown["hosts"])
        for host in hosts:
            own = [s for s in sent if s["host"] == host]
            self.close(shown["overview"][host],
                       {**summary(own), "uptime": own[-1]["uptime"] / 60,
                        "peakCpu": max(s["cpu"]["usage"] for s in own),
                        "peakMem": max(s["mem"]["usage"] for s in own)})
        groups = []
        for s in sent:
            if groups and s["ts"] - groups[-1][0]["ts"] <= 30_000:
                groups[-1].append(s)
            else:
                groups.append([s])
        self.assertEqual([g[0]["ts"] for g in groups], [g["ts"] for g in shown["chart"]])
        for group, drawn in zip(groups, shown["chart"]):
            for host, values in drawn["hosts"].items():
                self.close(values, summary([s for s in group if s["host"] == host]))

    def close(self, got, wanted):
        self.assertEqual(set(wanted), set(got))
        for name, value in wanted.items():
            self.assertAlmostEqual(value, got[name], delta=0.011, msg=name)

    def test_every_form_of_entry_and_every_path(self):
        ts = e.now_ms() - 2_000_000
        lines = [{"host": "other", "ts": ts + i, "cpu": {"usage": i}} for i in range(3)]
        large = {"host": "other", "ts": ts + 3, **LONG_NAMES}
        self.assertEqual(202, self.g.post([lines[2], large]).status)  # columns, and JSON alone
        packed = subprocess.run(["zstd", "-q"], input=json.dumps(lines[1]).encode(),
                                capture_output=True, check=True).stdout
        with self.g.redis() as r:  # as agents that are trusted may, with ids of their own times
            for form, data in (("s", json.dumps(lines[0])), ("z", packed), ("c", b"broken"),
                               ("z", b"broken"), ("s", "{broken"), ("new", "form")):
                r("XADD", "tocsin:{0}:samples", "*", form, data)
        for path in MONITORING:
            answer = self.ask(path, ts, ts + 3).json
            self.assertEqual([*lines, large], [json.loads(text) for text in answer])
        self.assertEqual(lines[1:2], self.samples(ts + 1, ts + 1))
        self.assertEqual(lines[1:2], self.samples(ts + 0.5, ts + 1.9))
        self.assertEqual([], self.samples(ts + 1, ts))

    def test_what_is_said_twice_counts_once(self):
        ts = e.now_ms() - 3_000_000
        first = {"host": "twice", "ts": ts, "errors": {"count": 1}}
        for _ in range(2):
            self.g.post(first)
        self.g.post({"host": "twice", "ts": ts, "errors": {"count": 5}, "x": 7})
        self.g.post({"host": "twice", "ts": ts, "gone": True})
        self.assertEqual([{**first, "x": 7}], self.samples(ts, ts))

    def test_servers_of_one_host_are_given_back_one_by_one(self):
        r = random.Random(2)
        ts = e.now_ms() - 2_500_000
        sent = [{"host": "shared", "serverId": server, **node_sample(r, "shared", ts + i, 60)}
                for i in range(3) for server in ("a1b2c3d4e5", "f6g7h8i9j0")]
        large = {"host": "shared", "serverId": "a1b2c3d4e5", "ts": ts + 3, **LONG_NAMES}
        other = {**large, "serverId": "f6g7h8i9j0"}
        plain = node_sample(r, "shared", ts, 60)
        for _ in range(2):  # what a server says twice counts once
            self.assertEqual({"accepted": 7}, self.g.post([*sent, plain]).json)
        self.assertEqual({"accepted": 2}, self.g.post([other, large]).json)
        with self.g.redis() as redis:
            redis("XADD", "tocsin:{0}:samples", "*", "s", "\ufeff" + json.dumps(sent[0]))
        self.assertEqual([plain, *sent, large, other], self.samples(ts, ts + 3))

    def test_questions_that_are_none(self):
        for path in (MONITORING[0], INCIDENTS[0]):
            for body, code in (("", "bad-json"), ("{", "bad-json"), ("[]", "bad-span"),
                               ("{}", "bad-span"), ('{"fromTime":1}', "bad-span"),
                               ('{"fromTime":"1","toTime":2}', "bad-span"),
                               ('{"fromTime":null,"toTime":2}', "bad-span"),
                               ('{"fromTime":1e999,"toTime":2}', "bad-span")):
                a = self.g.post(body, path)
                self.assertEqual((400, code), (a.status, a.json["error"]["code"]), body)
            self.assertEqual(413, self.g.post(" " * 70_000, path).status)
            self.assertEqual(405, self.g.get(path).status)
            self.assertEqual(200, self.ask(path, -5, 1e30).status)

    def test_incidents(self):
        start = e.now_ms()
        both = [{"host": "a", "cpu.usage": 60}, {"host": "b", "cpu.usage": 95}]
        self.g.wait_incident(report=both, hostName="b", ruleName="very", event="opened")
        self.g.wait_incident(report=both, hostName="a", ruleName="hot", event="opened")

        def ends():
            self.g.post({"host": "a", "cpu.usage": 1})
            return any(f["event"] == "resolved" and f["hostName"] == "a"
                       for _, f in self.g.incidents())
        e.wait_until("the incident of a is resolved", ends)
        events = {(f["event"], f["ruleName"], f["hostName"]): f for _, f in self.g.incidents()}

        def expected(event, *names):
            fields = events[(event, *names)]
            return {k: float(v) if k == "triggerValue" else v for k, v in fields.items()
                    if k in ("id", "ruleName", "hostName", "startTime", "endTime", "triggerValue")}
        for path in INCIDENTS:
            got = self.ask(path, start, e.now_ms() + 1000).json
            self.assertEqual({"active", "resolved"}, set(got))
            self.assertEqual([expected("opened", "hot", "b"), expected("opened", "very", "b")],
                             [i for i in got["active"] if i["hostName"] == "b"])
            self.assertEqual([expected("resolved", "hot", "a")], got["resolved"])
        # What is active is shown whatever the span; what ended, where it ended within.
        end = int(self.end_of(events[("resolved", "hot", "a")]))
        for span, ended in (((start - 9000, start - 8000), 0), ((end, end), 1), ((end + 1, end + 9), 0),
                            ((end - 9, end - 1), 0)):
            got = self.ask(INCIDENTS[0], *span).json
            self.assertEqual((2, ended), (len([i for i in got["active"] if i["hostName"] == "b"]),
                                          len(got["resolved"])), span)

    def end_of(self, fields):
        entry = next(i for i, f in self.g.incidents() if f == fields)
        return (entry.decode() if isinstance(entry, bytes) else str(entry)).split("-")[0]

    def test_alerting_disabled_answers_nothing(self):
        g = e.Engine(self.home, e.config([], alerting=False), "disabled").start()
        a = self.ask(INCIDENTS[0], 0, 1, engine=g)
        self.assertEqual("", a.body)
        self.assertEqual("[]\n", self.ask(MONITORING[0], 0, 1, engine=g).body)
        g.stop()


class TooMuch(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)

    def test_a_span_that_is_too_large_is_refused(self):
        g = e.Engine(self.home, e.config([])).start()
        ts = e.now_ms()
        sample = {f"field{i:03}": i for i in range(500)}
        for part in range(40):
            lines = "\n".join(json.dumps({"host": f"h{part}-{i}", "ts": ts + part, **sample})
                              for i in range(100))
            self.assertEqual(202, g.post(lines).status)
        a = g.post({"fromTime": ts, "toTime": ts + 40}, MONITORING[0])
        self.assertEqual((413, "too-large"), (a.status, a.json["error"]["code"]))
        a = g.post({"fromTime": ts, "toTime": ts + 2}, MONITORING[0])
        self.assertEqual((200, 300), (a.status, len(a.json)))
        g.stop()

    def test_while_redis_is_stuck_the_engine_takes_questions_and_says_so(self):
        redis = e.RedisServer(self.home).start()
        g = e.Engine(self.home, e.config([]), redis=redis).start()
        redis.process.send_signal(signal.SIGSTOP)
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            asked = [pool.submit(g.post, {"fromTime": 0, "toTime": 9}, MONITORING[0], None, 30)
                     for _ in range(16)]
            e.wait_until("those that are too many are told so",
                         lambda: sum(a.done() for a in asked) >= 8)
            with Stopwatch(g.process.pid) as watch:
                self.assertEqual(200, g.get("/healthz").status)
            self.assertLess(watch.seconds(), 1)
            redis.process.send_signal(signal.SIGCONT)
            answers = [a.result() for a in asked]
        codes = sorted((a.status, "" if a.status == 200 else a.json["error"]["code"])
                       for a in answers)
        self.assertEqual(16, len(codes))
        self.assertEqual({(200, ""), (503, "busy")}, set(codes))
        self.assertEqual(8, codes.count((200, "")))
        self.assertTrue(all(a.headers["Retry-After"] == "1" for a in answers if a.status == 503))
        redis.kill()

        def away():
            a = g.post({"fromTime": 0, "toTime": 9}, MONITORING[0])
            return a.status == 503 and a.json["error"]["code"] == "redis-away"
        e.wait_until("it says that Redis is away", away)
        redis.start()
        e.wait_until("it answers again", lambda: g.post({"fromTime": 0, "toTime": 9},
                                                        MONITORING[0]).status == 200)
        g.stop()


if __name__ == "__main__":
    e.main()
