"""From nothing to an incident: a fresh folder, one sample, and the incident stands in the stream
at most grace + 100 ms after its tick's end.

Times are Redis's (the engine's log clock follows it), read right after the event arrived; a busy
machine may be late now and then, so of several ticks the median counts, a round may be repeated,
and CTest runs nothing beside this file. The best has to be within half of what is promised: where
Redis ends a wait (up to 100 ms late, always by the same), it would not be."""

import os
import statistics
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
import load as l
from stopwatch import Stopwatch

PROMISE_MS = 100
ROUNDS = 3


def next_event(r, after, wait_ms=60_000):
    """Waits for the next entry of the incident stream: its id, its fields, Redis's time then."""
    reply = r("XREAD", "BLOCK", wait_ms, "STREAMS", "tocsin:{0}:incidents", after)
    if reply is None:
        return None
    now = r.time_ms()
    entry_id, flat = reply[0][1][0]
    texts = [t.decode() for t in flat]
    return entry_id.decode(), dict(zip(texts[::2], texts[1::2])), now


class FirstIncident(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)

    def test_with_nothing_but_defaults(self):
        g = e.Engine(self.home, local=True).start()  # no configuration, no state
        a = g.post({"host": "node-7", "errors": {"count": 10}})
        self.assertEqual((202, {"accepted": 1}), (a.status, a.json))
        with e.Redis(g.socket, timeout=90) as r, Stopwatch(g.process.pid) as watch:
            entry_id, event, seen = next_event(r, "0-0")
        end = int(entry_id.split("-")[0])
        self.assertEqual(0, end % 10_000, "ticks are 10 s long")
        wanted = {"v": "1", "seq": "1", "event": "opened", "ruleName": "High number of errors",
                  "hostName": "node-7", "startTime": l.iso(end), "triggerValue": "10",
                  "field": "errors.count", "aggregation": "sum", "operand": "equalOrMoreThan",
                  "threshold": "10", "timeframe": "60000"}
        self.assertEqual(wanted, {k: v for k, v in event.items() if k != "id"})
        self.assertRegex(event["id"], r"^[A-Za-z0-9_-]{22}$")
        held_up_ms = watch.held_up() * 1000
        print(f"in the stream {seen - end:.1f} ms after the tick's end, grace is 1000 ms, "
              f"held up for {held_up_ms:.1f}", flush=True)
        self.assertLess(seen - end - held_up_ms, 1000 + 5 * PROMISE_MS,
                        "one tick only: with leave for noise")
        # Everybody who looks sees it.
        cli = subprocess.run(["redis-cli", "-s", g.socket, "XRANGE", "tocsin:{0}:incidents", "-",
                              "+"], capture_output=True, text=True, check=True).stdout
        self.assertIn(event["id"], cli)
        told = g.tool("incidents", "--json", "--state-dir", g.state)
        self.assertEqual(0, told.returncode, told.stderr)
        self.assertIn(event["id"], told.stdout)
        active = g.tool("incidents", "--active", "--json", "--state-dir", g.state)
        self.assertIn('"node-7"', active.stdout)
        # This machine reports itself.
        def both_known():
            with g.redis() as r:
                found = r.hash("tocsin:{0}:hosts")
            return found if len(found) == 2 else None
        hosts = e.wait_until("this machine is known too", both_known)
        self.assertEqual({"node-7", "engine"}, set(hosts))
        for field in ("cpu.usage", "mem.usage", "mem.free", "uptime"):
            self.assertIn(field, hosts["engine"])
        self.assertLess(g.stop(), 2)

    def latencies(self, interval_ms, grace_ms, events, turn):
        rules = [e.rule("hot", field="x", timeframe=f"{interval_ms}ms")]
        g = e.Engine(self.home, e.config(rules, f"{interval_ms}ms", f"{grace_ms}ms"),
                     name=f"g{interval_ms}-{grace_ms}-{turn}").start()
        late, last = [], "0-0"
        with e.Redis(g.socket) as r:
            for i in range(events):
                def reported(i=i):
                    # A sample that a starved machine brought too late is reported again.
                    self.assertEqual(202, g.post({"host": f"h{i}", "x": 99}).status)
                    return next_event(r, last, 3_000)
                last, event, seen = e.wait_until("the incident comes", reported)
                self.assertEqual(f"h{i}", event["hostName"])
                late.append(seen - int(last.split("-")[0]) - grace_ms)
        self.assertLess(g.stop(), 2)
        print(f"interval {interval_ms} ms, grace {grace_ms} ms: in the stream after end + grace + "
              + " ".join(f"{x:.1f}" for x in sorted(late)) + " ms", flush=True)
        return late

    def test_in_time(self):
        for interval, grace in ((1000, 200), (250, 100), (200, 80)):
            with self.subTest(f"{interval} {grace}"):
                best = median = float("inf")
                for turn in range(ROUNDS):
                    late = self.latencies(interval, grace, 5 if interval == 1000 else 9, turn)
                    self.assertGreaterEqual(min(late), -1, "none is sealed before its time")
                    best, median = min(best, *late), min(median, statistics.median(late))
                    if median <= PROMISE_MS and best <= PROMISE_MS / 2:
                        break
                self.assertLessEqual(median, PROMISE_MS)
                self.assertLessEqual(best, PROMISE_MS / 2)

    def test_repeated_post_is_repeated_not_counted_twice(self):
        """The same body sent again, with ts, changes nothing."""
        g = e.Engine(self.home, e.config([e.rule("errors", "errors.count", "sum", value=5)],
                                         "1s", "3s")).start()
        now = e.now_ms()
        body = {"host": "a", "ts": now, "errors": {"count": 3}}
        for _ in range(3):
            self.assertEqual(202, g.post(body).status)
        g.wait_ticks(3)
        self.assertEqual([], g.incidents())
        self.assertEqual(2, g.metrics()['tocsin_values_total{result="repeated"}'])
        self.assertLess(g.stop(), 2)


if __name__ == "__main__":
    e.main()
