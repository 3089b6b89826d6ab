"""A storm: 20,000 hosts breach a rule in one tick. Every event stands in the stream once and in
order, committed in bounded parts, while samples are taken; also when the engine or its Redis is
killed in the middle of the parts."""

import json
import os
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
import load as l
from background import Background

HOSTS = 20_000
PART = 1_000
INCIDENTS = "tocsin:{0}:incidents"


class Probe(Background):
    """A thread that reports another host all the time, and what became of it."""

    def __init__(self, engine):
        super().__init__()
        self.engine, self.answers, self.slowest = engine, [], 0

    def _run(self):
        while not self.end.wait(0.02):
            began = time.monotonic()
            self.answers.append(self.engine.post({"host": "probe", "other.field": 1}).status)
            self.slowest = max(self.slowest, time.monotonic() - began)


class Storm(unittest.TestCase):
    def setUp(self):
        rules = [e.rule("load high", timeframe="1s")]
        self.engine = e.Engine(e.Home(self.addCleanup), e.config(
            rules, interval="1s", grace="3s", takeover="1s"))  # 20,000 take their time, too
        self.engine.start()

    def report(self, value):
        """All hosts, in one tick."""
        e.wait_until("a tick begins", lambda: e.now_ms() % 1000 < 200, every=0.005)
        ts = e.now_ms()
        body = "\n".join(json.dumps({"host": f"host-{i * 7919 % HOSTS:05}.example.net", "ts": ts,
                                     "cpu": {"usage": value}}) for i in range(HOSTS))
        self.assertEqual(202, self.engine.post(body, timeout=30).status)

    def events(self):
        """How many there are; 0 while Redis is away."""
        try:
            with self.engine.redis() as r:
                return r("XLEN", INCIDENTS)
        except (OSError, e.RespError):
            return 0

    def wait_events(self, n):
        e.wait_until(f"{n} events stand", lambda: self.events() >= n, timeout=60)

    def check(self):
        self.engine.wait_ready()
        self.engine.wait_ticks(2)
        self.engine.kill()
        live = l.check_stream(self, self.engine)
        self.assertEqual(2 * HOSTS, len(live))
        for half, kind in ((live[:HOSTS], "opened"), (live[HOSTS:], "resolved")):
            self.assertEqual({kind}, {f["event"] for f in half})
            names = [f["hostName"] for f in half]
            self.assertEqual(sorted(names), names)
        self.assertEqual(1, len({f["startTime"] for f in live}), "one tick opened all")
        return live

    def test_is_committed_in_order_while_samples_are_taken(self):
        self.report(10)
        with Probe(self.engine) as probe:
            self.report(90)
            self.wait_events(HOSTS)
            self.report(10)
            self.wait_events(2 * HOSTS)
        self.assertEqual({202}, set(probe.answers))
        print(f"{len(probe.answers)} bodies taken, the slowest in {probe.slowest * 1000:.0f} ms",
              flush=True)
        self.check()

    def kill_in_the_middle(self, kill):
        self.report(10)
        found = []
        for value, before in ((90, 0), (10, HOSTS)):
            self.report(value)
            at = before + 3 * PART
            e.wait_until("a part of the tick stands", lambda: self.events() >= at, timeout=60,
                         every=0.001)
            found.append(self.events())
            kill()
            self.wait_events(before + HOSTS)
        self.check()
        # Otherwise nothing was in the middle.
        print(f"killed at {found} of {2 * HOSTS} events", flush=True)

    def test_goes_on_where_a_killed_engine_stopped(self):
        def kill():
            self.engine.kill()
            self.engine.start()
        self.kill_in_the_middle(kill)

    def test_goes_on_where_a_killed_redis_stopped(self):
        def kill():
            old = self.engine.redis_pid()
            os.kill(old, signal.SIGKILL)
            e.wait_until("another Redis answers", lambda: self.another_redis_than(old))
        self.kill_in_the_middle(kill)

    def another_redis_than(self, old):
        try:
            return self.engine.redis_pid() != old
        except (OSError, e.RespError):
            return False


if __name__ == "__main__":
    e.main()
