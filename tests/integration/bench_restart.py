"""`tocsin bench restart` at a tiny size: however the engine is ended, it serves again, with all of
its hosts and all of the log; and nothing of the measurement is left behind."""

import glob
import json
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e

HOSTS = 300


class BenchRestart(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)

    def start(self, *args, interval="1s", rules="48"):
        return subprocess.Popen(
            [e.BINARY, "bench", "restart", "--hosts", str(HOSTS), "--rules", rules, "--interval",
             interval, "--history", "8", "--batch", "100", "--json", *args],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.home.path,
            env=e.clean_environment({"TMPDIR": self.home.path, "TOCSIN_REDIS_URL": "none://"}))

    def left_behind(self):
        return e.left_of_measurements(self.home)

    def measure(self, *args):
        with self.start(*args) as run:
            out, err = run.communicate(timeout=120)
        self.assertEqual(0, run.returncode, err)
        self.assertEqual("", err, "nothing is said where nobody looks")
        e.wait_until("everything is gone", lambda: not self.left_behind())
        told = json.loads(out)
        self.assertEqual(HOSTS, told["hosts_restored"])
        # What was written before the engine was there, and what was posted since.
        self.assertGreaterEqual(told["log_entries"], 8 * HOSTS / 100)
        self.assertGreater(told["log_bytes"], 8 * HOSTS * 10)
        self.assertGreater(told["redis_file_bytes"], told["log_bytes"])
        self.assertGreater(told["engine_peak_rss_bytes"], 1 << 20)
        for part in ("state_s", "log_s", "engine_cpu_s", "redis_cpu_s"):
            self.assertGreaterEqual(told[part], 0, part)
            self.assertLess(told[part], told["serving_s"] * 2, part)
        self.assertLessEqual(told["redis_s"], told["listening_s"])
        self.assertLessEqual(told["listening_s"], told["ready_s"])
        self.assertLessEqual(told["ready_s"], told["serving_s"])
        return told

    def test_ended_in_good_order(self):
        told = self.measure()
        self.assertEqual("stop", told["ended"])
        self.assertGreater(told["redis_s"], 0)

    def test_killed(self):
        self.assertEqual("kill", self.measure("--kill")["ended"])

    def test_killed_with_its_redis(self):
        self.assertEqual("kill-redis", self.measure("--kill-redis")["ended"])

    def test_ctrl_c_leaves_nothing_behind(self):
        with self.start("--kill") as run:
            e.wait_until("it has begun", lambda: glob.glob(
                os.path.join(self.home.path, "tocsin-bench-*", "engine.log")))
            run.send_signal(signal.SIGINT)
            out, err = run.communicate(timeout=30)
        self.assertEqual(3, run.returncode)
        self.assertEqual("", out)
        self.assertIn("stopped", err)
        e.wait_until("everything is gone", lambda: not self.left_behind())

    def test_wrong_usage(self):
        for run, said in ((self.start(interval="1ms"), "--interval: `1ms`"),
                          (self.start(rules="0"), "--rules"),
                          (self.start("--fire", "2"), "--fire")):
            with self.subTest(said), run:
                _, err = run.communicate(timeout=30)
                self.assertEqual(2, run.returncode, err)
                self.assertIn(said, err)


if __name__ == "__main__":
    e.main()
