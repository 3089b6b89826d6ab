"""Two engines on one Redis: the second collects, waits, and takes over when the first is killed,
stands still, or is stopped. Every event stands exactly once, and the stream is what the log says."""

import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
import load as l
from stopwatch import Stopwatch

TAKEOVER_S = 1


class Standby(unittest.TestCase):
    def setUp(self):
        home = e.Home(self.addCleanup)
        self.redis = e.RedisServer(home).start()
        self.first, self.second = (e.Engine(home, None, name, self.redis)
                                   for name in ("first", "second"))
        self.reachable = [self.first, self.second]
        self.load = l.Load(lambda: [x.port for x in self.reachable], seed=6)

    def start(self, takeover="1s"):
        for engine in (self.first, self.second):
            engine.configure(self.settings(takeover))
        self.first.start()
        self.second.start(wait="listening").wait_ready("standby")

    def settings(self, takeover="1s", rules=l.NOISY_RULES):
        return e.config(rules, hostExpiry="4s", takeover=takeover)

    def finish(self, *running):
        self.assertEqual([], self.load.unexpected)
        for engine in running:
            engine.kill()
        live = l.check_stream(self, running[0])
        self.assertGreater(len(live), 10)
        with self.redis.client() as r:
            logged = {s["n"] for s in l.read_log(r)}
        self.assertEqual([], [n for n in self.load.acknowledged if n not in logged])
        print(f"{len(live)} events", flush=True)

    def took_over(self, engine, limit):
        """Seconds until `engine` is the owner."""
        with Stopwatch(engine.process.pid) as watch:
            engine.wait_ready("owner")
        print(f"taken over after {watch.seconds():.2f} s", flush=True)
        self.assertLess(watch.seconds(), limit)

    def test_takes_over_from_a_killed_owner(self):
        self.start()
        with self.load:
            self.first.wait_ticks(8)
            self.assertEqual(0, self.second.metrics()["tocsin_owner"])
            self.assertEqual(1, self.first.metrics()["tocsin_owner"])
            self.reachable = [self.second]
            self.first.kill()
            self.took_over(self.second, TAKEOVER_S + 2)
            self.second.wait_ticks(4)
            # The one that was killed comes back, as the second.
            self.first.start(wait="listening")
            self.first.wait_ready("standby")
            self.reachable = [self.first, self.second]
            self.second.wait_ticks(4)
            self.reachable = [self.first]
            self.second.kill()
            self.took_over(self.first, TAKEOVER_S + 2)
            self.first.wait_ticks(4)
        self.first.wait_ticks(4)
        self.finish(self.first)

    def test_fences_an_owner_that_stood_still(self):
        self.start()
        with self.load:
            self.first.wait_ticks(6)
            for stopped, other in [(self.first, self.second), (self.second, self.first)]:
                self.reachable = [other]
                stopped.signal(signal.SIGSTOP)
                try:
                    self.took_over(other, TAKEOVER_S + 2)
                    other.wait_ticks(4)
                finally:
                    stopped.signal(signal.SIGCONT)
                stopped.wait_ready("standby")
                stopped.wait_for_log("another worker took the partition over")
                self.reachable = [self.first, self.second]
                other.wait_ticks(4)
                self.assertEqual("owner", other.ready())
        self.first.wait_ticks(4)
        self.finish(self.first, self.second)

    def test_short_stand_still_keeps_the_lease(self):
        # Half of it, for which an owner decides without having asked, is over after the first stand
        # still; the second half is for what the machine adds to that.
        self.start("24s")
        with self.load:
            self.first.wait_ticks(4)
            for seconds in (12.6, 0.6):
                self.reachable = [self.second]
                self.first.signal(signal.SIGSTOP)
                try:
                    self.load.end.wait(seconds)
                finally:
                    self.first.signal(signal.SIGCONT)
                self.first.wait_ready("owner")
                self.first.wait_ticks(2)
        self.assertEqual("standby", self.second.ready())
        self.first.wait_ticks(4)
        self.finish(self.first, self.second)

    def test_a_stopped_owner_hands_over_at_once(self):
        self.start("30s")
        with self.load:
            self.first.wait_ticks(6)
            self.reachable = [self.second]
            self.assertLess(self.first.stop(), 2)
            self.took_over(self.second, 10)
            self.second.wait_ticks(4)
        self.second.wait_ticks(4)
        self.finish(self.second)

    def test_another_rule_set_waits_while_the_cluster_lives(self):
        """A worker that joins with another file uses the cluster's rules."""
        self.start()
        with self.load:
            self.first.wait_ticks(4)
            self.second.stop()
            self.second.configure(self.settings(rules=l.NOISY_RULES[:2]))
            self.second.start(wait="listening")
            self.second.wait_ready("standby")
            self.first.wait_ticks(4)
            self.reachable = [self.second]
            self.first.kill()
            self.took_over(self.second, TAKEOVER_S + 2)
            self.second.wait_ticks(4)
        self.assertIn("the cluster's rules differ", self.second.log())
        self.second.wait_ticks(2)
        self.second.kill()
        reasons = {f.get("reason") for _, f in self.second.incidents()}
        self.assertNotIn("rule-removed", reasons)
        l.check_stream(self, self.first)


if __name__ == "__main__":
    e.main()
