"""What the engine says about itself: health, readiness, metrics that promtool accepts and that
count what happened, logs on standard error."""

import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e

NAMES = [
    *(f'tocsin_samples_total{{result="{r}"}}' for r in ("accepted", "rejected", "late", "early")),
    *(f'tocsin_values_total{{result="{r}"}}' for r in ("taken", "repeated", "dropped")),
    "tocsin_ticks_sealed_total", "tocsin_tick_lag_seconds",
    "tocsin_evaluation_seconds_count", "tocsin_evaluation_seconds_sum",
    'tocsin_evaluation_seconds_bucket{le="+Inf"}',
    "tocsin_commit_seconds_count", "tocsin_commit_seconds_sum",
    'tocsin_commit_seconds_bucket{le="+Inf"}',
    'tocsin_incidents_total{event="opened"}', 'tocsin_incidents_total{event="resolved"}',
    "tocsin_incidents_open", "tocsin_hosts_skewed", "tocsin_log_bytes",
    "tocsin_redis_errors_total", "process_resident_memory_bytes",
]


class AboutItself(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.g = e.Engine(e.Home(cls.addClassCleanup),
                         e.config([e.rule("hot", "x", timeframe="250ms")], grace="200ms")).start()

    def test_health_and_readiness(self):
        for path in ("/healthz", "/-/healthy"):
            self.assertEqual(200, self.g.get(path).status)
        for path in ("/readyz", "/-/ready"):
            a = self.g.get(path)
            self.assertEqual((200, {"status": "ready", "role": "owner"}), (a.status, a.json))
        self.assertEqual(200, e.request(self.g.port, "HEAD", "/healthz").status)

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not here")
    def test_promtool(self):
        a = self.g.get("/metrics")
        self.assertTrue(a.headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        said = subprocess.run(["promtool", "check", "metrics"], input=a.body, text=True,
                              capture_output=True)
        self.assertEqual((0, "", ""), (said.returncode, said.stdout, said.stderr))

    def test_names(self):
        metrics = self.g.metrics()
        for name in NAMES:
            self.assertIn(name, metrics)
        self.assertEqual(1, len([m for m in metrics
                                 if re.fullmatch(r'tocsin_build_info\{.*version=".+".*\}', m)]))

    def grows(self, what, by, action):
        before = self.g.metrics()
        action()
        e.wait_until(f"{what} grows by {by}",
                     lambda: self.g.metrics()[what] >= before[what] + by)
        self.assertEqual(before[what] + by, self.g.metrics()[what])

    def post(self, *samples, status=202):
        self.assertEqual(status, self.g.post(list(samples)).status)

    def test_counters_count(self):
        # So long a grace that what is sent now is not late, whatever the machine does.
        self.g = e.Engine(e.Home(self.addCleanup), e.config([], grace="10s")).start()
        result = 'tocsin_samples_total{result="%s"}'
        values = 'tocsin_values_total{result="%s"}'
        self.grows(result % "accepted", 3, lambda: self.post(
            *({"host": "c", "ts": e.now_ms(), "y": i} for i in range(3))))
        self.grows(result % "rejected", 2, lambda: self.post({"y": 1}, {"y": 2}, status=400))
        self.grows(result % "late", 1,
                   lambda: self.post({"host": "c", "ts": e.now_ms() - 60_000, "y": 1}))
        self.grows(result % "early", 1,
                   lambda: self.post({"host": "c", "ts": e.now_ms() + 60_000, "y": 1}))
        self.grows(values % "taken", 3,
                   lambda: self.post({"host": "c", "ts": e.now_ms(), "a": 1, "b": 2, "d": 3}))
        self.grows(values % "dropped", 2,
                   lambda: self.post({"host": "c", "ts": e.now_ms(), "a": "x", "b": "y"}))
        now = e.now_ms()
        self.grows(values % "repeated", 1,
                   lambda: self.post(*[{"host": "r", "ts": now, "a": 1}] * 2))

    def test_incidents_are_counted(self):
        before = self.g.metrics()
        self.g.wait_incident(report={"host": "i", "x": 99}, hostName="i", event="opened")
        e.wait_until("it is counted", lambda: self.g.metrics()["tocsin_incidents_open"]
                     == before["tocsin_incidents_open"] + 1)
        self.g.wait_incident(report={"host": "i", "x": 1}, hostName="i", event="resolved")
        e.wait_until("it is counted", lambda: self.g.metrics()["tocsin_incidents_open"]
                     == before["tocsin_incidents_open"])
        after = self.g.metrics()
        for event in ("opened", "resolved"):
            name = f'tocsin_incidents_total{{event="{event}"}}'
            self.assertEqual(before[name] + 1, after[name])
        for name in ("tocsin_ticks_sealed_total", "tocsin_commit_seconds_count",
                     "tocsin_evaluation_seconds_count"):
            self.assertGreater(after[name], before[name])
        e.wait_until("a tick is in time",
                     lambda: self.g.metrics()["tocsin_tick_lag_seconds"] < 2)
        self.assertGreater(after["process_resident_memory_bytes"], 1 << 20)
        # The sanitizer keeps up to 256 MiB of what was freed.
        self.assertLess(after["process_resident_memory_bytes"],
                        1 << (30 if "ASAN_OPTIONS" in os.environ else 28))
        e.wait_until("the log's size is known",
                     lambda: self.g.metrics()["tocsin_log_bytes"] > 0)

    def test_level_of_logs(self):
        home = e.Home(self.addCleanup)
        said = {}
        for level in ("debug", "info", "error"):
            g = e.Engine(home, e.config([]), level, args=["--log-level", level])
            g.start(wait=None)
            e.wait_until("its Redis runs", lambda g=g: os.path.exists(g.socket))
            g.stop()
            said[level] = g.log()
        self.assertEqual("", said["error"])
        self.assertIn(" info ", said["info"])


if __name__ == "__main__":
    e.main()
