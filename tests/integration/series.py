"""What hosts reported, step by step: for one host and for all, before and after a restart, and
through an outage. Every value is compared with what was sent."""

import math
import os
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e

INTERVAL = 250
HOSTILE = "<img src=x> \"q\" \u202eabc \U0001f600"
HOSTS = ["web-1", "web-2", HOSTILE]


class Series(unittest.TestCase):
    def setUp(self):
        self.g = e.Engine(e.Home(self.addCleanup), e.config(
            [e.rule("hot", value=1e9, timeframe="8s")],  # so far back late values come
            grace="1500ms", takeover="1s"))  # what is reported at once is never late
        self.sent = {}  # (host, field, tick) -> values in their order
        self.pauses, self.reported_ms = [], None

    def get(self, status=200, **query):
        query.setdefault("fields", "cpu.usage,errors.count")
        a = self.g.get("/api/v1/series?" + urllib.parse.urlencode(query))
        self.assertEqual(status, a.status, a)
        return a.json

    def report(self, host, ts=None, **values):
        fields = {name.replace("__", "."): v for name, v in values.items()}
        ts = ts or e.now_ms()
        self.assertEqual(202, self.g.post({"host": host, "ts": ts, **fields}).status)
        self.note_pause()
        for field, v in fields.items():
            self.sent.setdefault((host, field, ts // INTERVAL), []).append(v)

    def note_pause(self):
        """When nothing was reported, or came late, since the machine held up the test or the engine."""
        now, before = e.now_ms(), self.reported_ms
        if before is not None and now - before > 1_000:
            self.pauses.append((before - INTERVAL, now))
        self.reported_ms = now

    def paused(self, first, last):
        return any(first < end and begin < last for begin, end in self.pauses)

    def last_row(self):
        with self.g.redis() as r:
            rows = r.stream("tocsin:{0}:ticks")
        return int(rows[-1][0].split("-")[0]) if rows else 0

    def report_for(self, ticks, silent=()):
        """Hosts report twice a tick until so many more are sealed; returns when the last ended."""
        until = max(self.last_row(), e.now_ms() // INTERVAL * INTERVAL) + ticks * INTERVAL
        count = [0]

        def step():
            for i, h in enumerate(HOSTS):
                if h not in silent:
                    self.report(h, cpu__usage=count[0] + i / 8, errors__count=i + 1)
            count[0] += 1
            return self.last_row() >= until
        e.wait_until("ticks are sealed", step, every=0.1)
        return self.last_row()

    def values(self, hosts, field, first, last):
        """Of each host and tick, as the engine merges them."""
        merge = sum if field.endswith(".count") else lambda values: values[-1]
        return [merge(self.sent[key]) for h in hosts for n in range(first, last)
                if (key := (h, field, n)) in self.sent]

    def hold(self, answer, hosts):
        """Every step of an answer is what was sent in it."""
        step = answer["step"]
        self.assertEqual(0, step % INTERVAL)
        self.assertTrue(all(t % step == 0 for t in answer["time"]))
        if answer["time"]:
            self.assertEqual((answer["from"], answer["to"]),
                             (answer["time"][0], answer["time"][-1] + step))
        some = 0
        for s in answer["series"]:
            for k in ("min", "max", "avg", "sum", "count"):
                self.assertEqual(len(answer["time"]), len(s[k]))
            for i, t in enumerate(answer["time"]):
                if t + step > self.sealed or self.paused(t, t + step):
                    continue  # more comes yet, or what came is not known
                real = self.values(hosts, s["field"], t // INTERVAL, (t + step) // INTERVAL)
                got = [s[k][i] for k in ("min", "max", "count")]
                where = (s["field"], t, answer["source"])
                self.assertEqual([min(real), max(real), len(real)] if real else [None] * 3, got, where)
                self.assertEqual([bool(real)] * 2, [s[k][i] is not None for k in ("sum", "avg")])
                if real:
                    some += 1
                    self.assertTrue(math.isclose(sum(real), s["sum"][i], abs_tol=1e-9), where)
                    self.assertTrue(math.isclose(sum(real) / len(real), s["avg"][i], abs_tol=1e-9))
        return some

    def look(self, **query):
        """Asks about one host, the hostile one, and all of them; holds the answers."""
        whole = []
        for hosts in ([HOSTS[0]], [HOSTILE], HOSTS):
            more = {} if len(hosts) > 1 else {"host": hosts[0]}
            a = self.get(**query, **more)
            self.assertEqual(more.get("host"), a["host"])
            self.assertGreater(self.hold(a, hosts), 0)
            whole.append(a)
        return whole

    def test_values_gaps_steps_and_a_restart(self):
        started = e.now_ms()
        self.g.start()
        begin = e.now_ms()
        self.report_for(8)
        gap = e.now_ms()
        self.report_for(6, silent=("web-1",))
        # What was kept for a while comes late, and fills its place.
        self.report("web-1", ts=gap + 700, cpu__usage=77)
        self.report_for(6)
        self.sealed = self.last_row()
        for step in (1, INTERVAL, 700, 2000):
            for a in self.look(**{"from": begin, "to": self.sealed, "step": step}):
                self.assertEqual(math.ceil(step / INTERVAL) * INTERVAL, a["step"])
                self.assertEqual([], [b for b in a["blind"] if not self.paused(*b)])
                self.assertTrue(a["asOf"].endswith("Z"))
        one = self.get(host="web-1", **{"from": gap + 500, "to": gap + 1000})
        cpu, errors = (set(s["avg"]) for s in one["series"])
        self.assertEqual(({None, 77}, {None}), (cpu, errors))
        memory = self.get(**{"from": begin, "to": self.sealed})
        self.assertEqual("windows", memory["source"])
        # Nothing before the log: it says how far back it goes, in memory as from Redis.
        early = [self.get(**{"from": begin - 60_000, "to": self.sealed}) for _ in range(2)]
        for a in early:
            self.assertFalse(a["complete"])
            self.assertGreater(a["from"], started - 10_000)
            self.assertEqual(a["from"], a["time"][0])
            self.assertEqual("beginning", a["whyIncomplete"])
            self.assertEqual(early[0]["begins"], a["begins"])
        self.assertEqual((None, begin // INTERVAL * INTERVAL),
                         (memory["whyIncomplete"], memory["begins"]))
        self.assertEqual("windows", early[1]["source"])  # it need not look again

        self.g.stop()
        self.g.start()
        self.g.wait_ticks(2)
        again = self.get(**{"from": begin, "to": self.sealed})
        self.assertIn(again["source"], ("log", "both"))
        for k in ("time", "series", "blind", "from", "to"):
            self.assertEqual(memory[k], again[k])
        self.assertEqual("windows", self.get(**{"from": begin, "to": self.sealed})["source"])
        self.look(**{"from": begin, "to": self.sealed})

    def test_one_host_from_memory_is_as_from_the_log(self):
        redis = e.RedisServer(e.Home(self.addCleanup)).start()
        home = e.Home(self.addCleanup)
        settings = e.config([e.rule("hot", value=1e9, timeframe="8s")], grace="1500ms",
                            takeover="4s")
        self.g = e.Engine(home, settings, "first", redis).start()
        other = e.Engine(home, settings, "second", redis).start(wait="listening")
        other.wait_ready("standby")
        begin = self.report_for(3)  # from then on hosts are known

        def compare(*sources):
            for step in (1, 3 * INTERVAL):
                for host in HOSTS:
                    query = {"fields": "cpu.usage,errors.count,no.such", "host": host,
                             "from": begin, "to": self.sealed, "step": step}
                    here = self.get(**query)
                    there = other.get("/api/v1/series?" + urllib.parse.urlencode(query)).json
                    self.assertEqual("log", there.pop("source"))
                    self.assertIn(here.pop("source"), sources)
                    del here["asOf"], there["asOf"]
                    self.assertEqual(there, here)
                    self.assertTrue(any(here["series"][0]["count"]))
        self.report_for(6)
        late = e.now_ms()
        self.report_for(5, silent=HOSTS[:1])
        self.report(HOSTS[0], ts=late + INTERVAL, cpu__usage=77)
        self.sealed = self.report_for(4)
        compare("windows")
        # What it reported before it took its leave is not forgotten, though the engine does.
        self.report_for(2, silent=HOSTS[:1])
        self.g.post({"host": HOSTS[0], "gone": True})
        self.report_for(3, silent=HOSTS[:1])
        self.sealed = self.report_for(6)
        compare("windows", "both")
        self.assertEqual("both", self.get(host=HOSTS[0], **{"from": begin, "to": self.sealed})
                         ["source"])
        # A question of the last ticks alone needs nothing else.
        near = {"from": self.sealed - 3 * INTERVAL, "to": self.sealed, "host": HOSTS[0]}
        self.assertEqual("windows", self.get(**near)["source"])
        self.g.kill()
        other.wait_ready("owner")
        self.g.start(wait="listening")
        self.g.wait_ready("standby")
        self.g, other = other, self.g
        self.sealed = self.report_for(5)
        begin -= 5_000  # there was nothing
        compare("both")

    def test_what_an_engine_that_was_just_started_holds_is_all_there_was(self):
        self.g.start()
        first = e.now_ms()
        self.report("web-1", ts=first, cpu__usage=7)
        e.wait_until("it is sealed", lambda: self.last_row() > first)
        wide = {"fields": "cpu.usage", "step": 3_600_000}
        begins = set()

        def look():
            for more in ({}, {"host": "web-1"}):
                now = e.now_ms()
                a = self.get(**wide, **more, **{"from": now - 5 * 3_600_000, "to": now})
                self.assertEqual(1, sum(n or 0 for n in a["series"][0]["count"]), a)
                self.assertEqual(a["from"], a["time"][0])
                self.assertLess(now - a["from"], 2 * 3_600_000)
                self.assertFalse(a["complete"])
                self.assertEqual("beginning", a["whyIncomplete"])
                begins.add(a["begins"])  # of the log, not of the step
                self.assertLess(abs(a["begins"] - first), 10_000)
                a = self.get(**wide, **more, **{"from": first, "to": now})
                self.assertTrue(a["complete"])  # a step begins before it is asked for
        look()
        self.g.stop()
        self.g.start()
        look()
        self.g.wait_ticks(1)
        look()
        # Where something was cut off the log that step is no longer whole.
        self.g.wait_ticks(8)
        self.g.stop()
        self.g.start()
        with self.g.redis() as r:
            r("XTRIM", "tocsin:{0}:samples", "MAXLEN", 1)
        now = e.now_ms()
        for more in ({}, {"host": "web-1"}):
            a = self.get(**wide, **more, **{"from": now - 5 * 3_600_000, "to": now})
            self.assertEqual([], [n for n in a["series"][0]["count"] if n], a)
            self.assertEqual("log", a["whyIncomplete"])
        self.assertEqual(1, len(begins), begins)

    def test_an_outage_is_blind(self):
        self.g.start()
        begin = e.now_ms()
        self.report_for(6)
        self.g.kill()
        down = e.now_ms()
        e.wait_until("it was down for some ticks", lambda: e.now_ms() > down + 10 * INTERVAL)
        self.g.start()
        self.report_for(4)
        self.sealed = self.last_row()
        answers = self.look(**{"from": begin, "to": self.sealed})
        for a in answers:
            self.assertTrue(a["blind"], a)
            self.assertTrue(any(f < down + 4 * INTERVAL and t > down + 2 * INTERVAL
                                for f, t in a["blind"]), a["blind"])
            self.assertEqual(answers[0]["blind"], a["blind"])
            for s in a["series"]:
                for i, t in enumerate(a["time"]):
                    if any(f <= t < to for f, to in a["blind"]) and not self.values(
                            HOSTS, s["field"], t // INTERVAL, t // INTERVAL + 1):
                        self.assertIsNone(s["count"][i])

    def test_what_is_not_known_is_null_and_what_cannot_be_is_refused(self):
        self.g.start()
        a = self.get()  # maybe nothing was sealed yet
        self.assertFalse(a["complete"])
        self.assertIn(a["whyIncomplete"], ("beginning", None))
        self.report_for(4)
        self.sealed = self.last_row()
        span = {"from": self.sealed - 3 * INTERVAL, "to": self.sealed}
        for more in ({"host": "nobody \" \u202e"}, {"fields": "no.such,\u00fc <b>"},
                     {"fields": "no.such", "host": "web-1"}):
            a = self.get(**span, **more)
            self.assertEqual(3, len(a["time"]), a)
            for s in a["series"]:
                for k in ("min", "max", "avg", "sum", "count"):
                    self.assertEqual([None] * 3, s[k])
        self.assertEqual(0, len(self.get(**{"from": self.sealed + 60_000,
                                            "to": self.sealed + 90_000})["time"]))
        far = self.get(fields="cpu.usage", **{"from": 0, "to": 8640000000000000})
        self.assertLessEqual(len(far["time"]), 2000)
        self.assertFalse(far["complete"])
        self.assertEqual("beginning", far["whyIncomplete"])
        for bad in ({"fields": ""}, {"fields": ",".join(f"f{i}" for i in range(17))},
                    {"from": 5, "to": 5}, {"from": "x"}, {"to": -1}, {"step": 0}, {"limit": 1},
                    {"host": ""}):
            error = self.get(400, **bad)["error"]
            self.assertEqual("bad-parameter", error["code"])
            self.assertIn(f"`{list(bad)[0]}`", error["message"])


if __name__ == "__main__":
    e.main()
