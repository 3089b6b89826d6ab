"""Nobody evaluates what comes into the log: samples are refused before any that was acknowledged
is cut off, and taken again once there is room."""

import json
import os
import random
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
import load as l

LEASE, LOG = "tocsin:{0}:lease", "tocsin:{0}:samples"


class Squatter:
    """Holds the lease and evaluates nothing."""

    def __init__(self, redis):
        self.redis, self.done = redis, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        with self.redis.client() as r:
            r("HSET", LEASE, "owner", "squatter:nonce:99")
            while not self.done.wait(0.1):
                r("HINCRBY", LEASE, "beat", 1)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


class FullLog(unittest.TestCase):
    def test_is_refused_by_name_and_nothing_acknowledged_is_lost(self):
        home = e.Home(self.addCleanup)
        redis = e.RedisServer(home).start()
        settings = e.config([e.rule("r")], takeover="4s", logBytes="16MiB")
        engine = e.Engine(home, settings, "engine", redis).start()
        engine.wait_ticks(2)
        engine.stop()
        with Squatter(redis):
            engine.start(wait="listening")
            engine.wait_ready("standby")
            acknowledged, refusal = self.fill(engine)
            self.assertEqual("overloaded", refusal.json["error"]["code"])
            self.assertIn("no engine has evaluated", refusal.body)
            self.assertIn("retry-after", {k.lower() for k in dict(refusal.headers)})
            self.assertEqual(1, engine.metrics()["tocsin_log_full"])
            self.assertEqual(503, engine.get("/readyz").status)
            with redis.client() as r:
                # Whoever cannot be heard cannot be called silent: no heartbeats either.
                length = r("XLEN", LOG)
                threading.Event().wait(1.0)
                self.assertEqual(length, r("XLEN", LOG))
                used = r("MEMORY", "USAGE", LOG, "SAMPLES", 0)
                self.assertLess(used, 16 * 2**20 * 9 / 8 + 8 * 2**20)
                logged = {s["n"] for s in l.read_log(r) if "n" in s}
            self.assertEqual([], [n for n in acknowledged if n not in logged])
        # Tens of thousands of hosts are read: instrumented, and beside others, for a minute and more.
        engine.wait_ready("owner", timeout=300)
        e.wait_until("samples are taken again", lambda: self.post(engine, [0]).status == 202, 30)
        counts = engine.metrics()
        self.assertEqual(0, counts["tocsin_log_full"])
        taken = sum(counts[f'tocsin_samples_total{{result="{x}"}}']
                    for x in ("accepted", "late", "early"))
        self.assertGreaterEqual(taken, len(acknowledged))
        self.assertEqual(0, counts["tocsin_log_entries_skipped_total"])

    def fill(self, engine):
        """Posts until it is refused: what was acknowledged, and the refusal."""
        acknowledged = []
        for start in range(0, 10**6, 1000):
            numbers = range(start, start + 1000)
            answer = self.post(engine, numbers)
            if answer.status != 202:
                return acknowledged, answer
            acknowledged += numbers
        self.fail("it takes samples without end")

    def post(self, engine, numbers):
        return engine.post("\n".join(
            json.dumps({"host": f"h{n}", "n": n} | {f"f{i}": random.random() for i in range(20)})
            for n in numbers))


if __name__ == "__main__":
    e.main()
