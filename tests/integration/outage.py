"""The engine is away for some ticks while the hosts live on. These ticks are blind: nobody is
called silent for them, nothing resolves, windows and cooldowns are as they were; what agents kept
and send again fills its place."""

import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
import load as l

# Long enough for a test that the machine held up to report again.
SILENT = e.rule("silent", "x", "count", "equalOrLessThan", 0, "2s")
QUIET = e.rule("quiet", "x.count", "sum", "equalOrLessThan", 0, "2s")


class Outage(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)

    def engine(self, rules, **more):
        self.g = e.Engine(self.home, e.config(rules, grace="150ms", takeover="1s", **more))
        return self.g.start()

    def report_until(self, what, condition, **values):
        """Hosts report four times a tick while we wait."""
        def step():
            self.report(**values)
            return condition()
        return e.wait_until(what, step, every=0.06)

    def report(self, **values):
        body = [{"host": h, "ts": e.now_ms(), **values} for h in ("a", "b")]
        self.assertEqual(202, self.g.post(body).status)

    def last_row(self):
        def look():
            with self.g.redis() as r:
                return r.stream("tocsin:{0}:ticks")
        return int(e.wait_until("a tick is sealed", look)[-1][0].split("-")[0])

    def ticks_since(self, row, n):
        return lambda: self.last_row() >= row + n * 250

    def down_for(self, seconds, kill=True):
        """The engine is away for at least so long; hosts live on, unheard. Until when it was."""
        began = time.monotonic()
        self.g.kill() if kill else self.g.stop()
        e.wait_until("the outage has lasted", lambda: time.monotonic() - began >= seconds)
        over_ms = e.now_ms()
        self.g.start()
        return over_ms

    def test_no_false_silence_and_open_incidents_stay_open(self):
        hot = e.rule("hot", "x", "avg", "equalOrMoreThan", 50, "1s")
        self.engine([SILENT, QUIET, hot])
        values = {"x": 99, "x.count": 1}
        self.report_until("it is hot", lambda: len(self.g.incidents()) == 2, **values)
        row = self.last_row()
        self.report_until("windows are full", self.ticks_since(row, 10), **values)
        for kill in (True, False):
            row = self.last_row()
            self.down_for(2, kill)
            self.report_until("ticks go on", self.ticks_since(row, 16), **values)
        events = [l.event_of(f) for _, f in self.g.incidents()]
        self.assertEqual({"hot"}, {x["ruleName"] for x in events})
        self.assertEqual(["opened"] * 2, [x["event"] for x in events], "nothing resolved")
        with self.g.redis() as r:
            rows = r.stream("tocsin:{0}:ticks")
        ends = [int(i.split("-")[0]) for i, _ in rows]
        self.assertEqual(list(range(ends[0], ends[-1] + 1, 250)), ends, "no tick is skipped")
        self.assertGreaterEqual(sum(f["blind"] == "1" for _, f in rows), 12)
        self.g.kill()
        l.check_stream(self, self.g)

    def test_no_false_silence_when_ids_are_of_the_year_2286(self):
        """Anybody may write such an entry; all ids after it follow, and say nothing about time."""
        self.engine([SILENT, QUIET])
        values = {"x": 1, "x.count": 1}
        row = self.last_row()
        self.report_until("windows are full", self.ticks_since(row, 10), **values)
        with self.g.redis() as r:
            r("XADD", "tocsin:{0}:samples", "9999999999999-0", "hb", "")
        self.report_until("ticks go on", self.ticks_since(self.last_row(), 6), **values)
        self.down_for(2)
        self.report_until("ticks go on", self.ticks_since(self.last_row(), 16), **values)
        self.assertEqual([], self.g.incidents())
        with self.g.redis() as r:
            rows = r.stream("tocsin:{0}:ticks")
        self.assertGreaterEqual(sum(f["blind"] == "1" for _, f in rows), 6)
        self.g.kill()
        l.check_stream(self, self.g)

    def test_true_silence_is_seen_after_it(self):
        self.engine([SILENT])
        row = self.last_row()
        self.report_until("hosts are known", self.ticks_since(row, 6), x=1)
        back = self.down_for(1.5)
        events = e.wait_until("both are called silent",
                              lambda: len(self.g.incidents()) == 2 and self.g.incidents())
        for entry_id, f in events:
            self.assertEqual("silent", f["ruleName"])
            # Eight whole ticks in which the engine saw that nothing came.
            self.assertGreaterEqual(int(entry_id.split("-")[0]), back + 1500)
        self.g.kill()
        l.check_stream(self, self.g)

    def test_cooldown_goes_on(self):
        # A maximum, so that a tick in which the test was held up and reported nothing is no matter.
        self.engine([e.rule("hot", "x", "max", "equalOrMoreThan", 50, "1s", cooldown="6s")])
        self.report_until("it is hot", lambda: len(self.g.incidents()) == 2, x=99)
        self.report_until("it is over", lambda: len(self.g.incidents()) == 4, x=1)
        self.down_for(3)
        back = e.now_ms()
        self.report_until("it is hot again", lambda: len(self.g.incidents()) == 6, x=99)
        ends = {f["hostName"]: int(i.split("-")[0]) for i, f in self.g.incidents()[2:4]}
        for entry_id, f in self.g.incidents()[4:]:
            self.assertEqual("opened", f["event"])
            after = int(entry_id.split("-")[0]) - ends[f["hostName"]]
            self.assertGreaterEqual(after, 6000)
            # The outage does not make it longer.
            self.assertLessEqual(after, max(6000, back - ends[f["hostName"]]) + 2500)
        self.g.kill()
        l.check_stream(self, self.g)

    def test_what_agents_kept_fills_its_place(self):
        """Samples of the outage, sent after it with their own times: the windows hold them."""
        self.engine([e.rule("sum", "work.count", "sum", "equalOrMoreThan", 30, "1m")])
        row = self.last_row()
        self.report_until("hosts are known", self.ticks_since(row, 2), **{"work.count": 0})
        kept = []
        began = time.monotonic()
        self.g.kill()

        def outage():
            now = e.now_ms()
            kept.append({"host": "a", "ts": now, "work.count": 4})
            return time.monotonic() - began >= 2.5
        e.wait_until("the outage has lasted", outage, every=0.25)
        self.g.start()
        self.g.wait_ticks(3)
        a = self.g.post("\n".join(map(json.dumps, kept)))
        self.assertEqual((202, len(kept)), (a.status, a.json["accepted"]))
        _, event = self.g.wait_incident(hostName="a", event="opened")
        self.assertGreaterEqual(float(event["triggerValue"]), 30)
        # Sent once more, as after a lost answer: every place is taken.
        self.assertEqual(202, self.g.post("\n".join(map(json.dumps, kept))).status)
        self.g.wait_ticks(3)
        self.assertGreater(self.g.metrics()['tocsin_samples_total{result="late"}'], 0)
        self.g.kill()
        events = l.check_stream(self, self.g)
        self.assertEqual(["a"], [x["hostName"] for x in events if x["event"] == "opened"])

    def test_what_came_while_nobody_evaluated_is_evaluated(self):
        """Entries that others put into the log meanwhile, as trusted agents may."""
        redis = e.RedisServer(self.home).start()
        self.g = e.Engine(self.home, e.config([e.rule("hot", "x", "last", timeframe="250ms")],
                                              grace="150ms", takeover="1s"), redis=redis)
        self.g.start()
        self.report(x=1)
        row = self.last_row()
        self.report_until("ticks go on", self.ticks_since(row, 2), x=1)
        self.g.kill()
        with redis.client() as r:
            before = self.last_row()
            began = time.monotonic()

            def outage():
                r("XADD", "tocsin:{0}:samples", "*", "s",
                  json.dumps({"host": "a", "ts": e.now_ms(), "x": 99}))
                return time.monotonic() - began >= 2
            e.wait_until("the outage has lasted", outage, every=0.05)
        self.g.start()
        entry_id, event = self.g.wait_incident(hostName="a", event="opened")
        self.assertLess(int(entry_id.split("-")[0]), before + 1000, "with its own time")
        self.g.wait_ticks(2)
        self.g.kill()
        l.check_stream(self, self.g)


if __name__ == "__main__":
    e.main()
