"""Faults under load: the engine, its private Redis, or both are killed with SIGKILL at random
moments and come back. Then the incident stream is what the log says it must be, event by event,
and every sample that was acknowledged is in the log.

TOCSIN_TEST_KILLS (default 8) and TOCSIN_TEST_SEED (default: the clock; printed) make longer runs
and the same ones."""

import os
import random
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
import load as l

KILLS = int(os.environ.get("TOCSIN_TEST_KILLS", "8"))
SEED = int(os.environ.get("TOCSIN_TEST_SEED", str(time.time_ns() % 1_000_000)))


class Killed(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(SEED)
        print(f"TOCSIN_TEST_SEED={SEED} TOCSIN_TEST_KILLS={KILLS}", flush=True)
        self.engine = e.Engine(e.Home(self.addCleanup), e.config(l.NOISY_RULES, takeover="1s",
                                                                       hostExpiry="4s"))
        self.engine.start()
        self.load = l.Load(lambda: [self.engine.port], seed=SEED)

    def wait_a_random_moment(self, most=1.5):
        self.load.end.wait(self.random.uniform(0, most))

    def kill_redis(self):
        os.kill(self.engine.redis_pid(), signal.SIGKILL)

    def finish(self):
        """After the load: what is in the log is sealed, then nobody writes any more."""
        self.engine.wait_ready()
        self.engine.wait_ticks(6)
        self.assertEqual([], self.load.unexpected)
        self.engine.kill()
        live = l.check_stream(self, self.engine)
        with self.engine.redis() as r:
            logged = {s["n"] for s in l.read_log(r)}
        missing = [n for n in self.load.acknowledged if n not in logged]
        self.assertEqual([], missing, "acknowledged samples are in the log")
        print(f"{len(live)} events, {len(self.load.acknowledged)} samples acknowledged, "
              f"{self.load.refused} bodies refused", flush=True)
        self.assertGreater(len(live), 20)
        self.assertGreater(len(self.load.acknowledged), 100)
        self.engine.start()
        self.assertLess(self.engine.stop(), 2)

    def test_engine(self):
        with self.load:
            for _ in range(KILLS):
                self.wait_a_random_moment()
                self.engine.kill()
                # Sometimes it is killed again while it starts or recovers.
                self.engine.start(wait=self.random.choice(["ready", "ready", "listening"]))
            self.engine.wait_ready()
            self.wait_a_random_moment()
        self.finish()

    def test_redis(self):
        with self.load:
            for _ in range(KILLS):
                self.wait_a_random_moment()
                old = self.engine.redis_pid()
                os.kill(old, signal.SIGKILL)
                e.wait_until("the engine starts its Redis again", self.another_redis_than(old))
                self.engine.wait_ready()
        self.assertIsNone(self.engine.process.poll(), self.engine.log())
        self.finish()

    def test_both(self):
        with self.load:
            for _ in range(KILLS):
                self.wait_a_random_moment()
                victims = [self.engine.kill, self.kill_redis]
                self.random.shuffle(victims)
                for kill in victims:
                    kill()
                self.engine.start()
            self.wait_a_random_moment()
        self.finish()

    def another_redis_than(self, old):
        def look():
            try:
                return self.engine.redis_pid() != old
            except (OSError, e.RespError):
                return False
        return look


if __name__ == "__main__":
    e.main()
