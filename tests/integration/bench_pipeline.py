"""`tocsin bench pipeline` at a tiny size: what it counts is what stands in the stream, no tick is
missed, and nothing of it is left behind, also when it is stopped in the middle."""

import glob
import json
import os
import pathlib
import signal
import subprocess
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e

KEYS = """samples_per_s events_per_tick missed_ticks seal_to_read_ms_p50 seal_to_read_ms_p99
    seal_to_read_ms_max engine_cpu_s_per_tick redis_cpu_s_per_tick engine_peak_rss_bytes
    redis_peak_rss_bytes load_cpu_s_per_tick load_peak_rss_bytes hosts rules interval_s ticks
    fire""".split()
TICKS = 3
INTERVAL_S = 1


class BenchPipeline(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)

    def start(self, *args, interval=f"{INTERVAL_S}s", ticks=TICKS):
        return subprocess.Popen(
            [e.BINARY, "bench", "pipeline", "--hosts", "40", "--rules", "48", "--interval",
             interval, "--ticks", str(ticks), "--warm", "1", "--json", *args],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.home.path,
            env=e.clean_environment({"TMPDIR": self.home.path, "TOCSIN_REDIS_URL": "none://"}))

    def measure(self, *args):
        with self.start(*args) as run:
            out, err = run.communicate(timeout=120)
        self.assertEqual(0, run.returncode, err)
        self.assertEqual("", err, "nothing is said where nobody looks")
        self.assertEqual([], self.left_behind())
        return json.loads(out)

    def left_behind(self):
        return e.left_of_measurements(self.home)

    def check(self, told):
        self.assertEqual([], [k for k in KEYS if k not in told])
        self.assertEqual(told["events_in_stream"], told["events_read"])
        self.assertEqual(0, told["holes"])
        self.assertTrue(told["caught_up"])
        self.assertEqual(0, told["missed_ticks"])
        self.assertEqual(0, told["samples_lost"])
        self.assertEqual(40 / INTERVAL_S, told["samples_per_s"])
        self.assertEqual(TICKS, len(told["per_tick"]))
        self.assertGreater(told["events_per_tick"], 0)
        self.assertLessEqual(told["seal_to_read_ms_p50"], told["seal_to_read_ms_max"])
        self.assertGreater(told["engine_peak_rss_bytes"], 1 << 20)
        self.assertGreater(told["redis_peak_rss_bytes"], 1 << 20)

    def test_over_http(self):
        told = self.measure("--fire", "0.1", "--plot", "ticks.svg")
        self.check(told)
        tree = xml.etree.ElementTree.parse(os.path.join(self.home.path, "ticks.svg"))
        self.assertEqual("{http://www.w3.org/2000/svg}svg", tree.getroot().tag)

    def test_straight_into_the_log_with_a_storm(self):
        told = self.measure("--fire", "0.1", "--direct", "--storm")
        self.check(told)
        self.assertEqual(40, told["storm_events_read"])
        self.assertGreater(told["storm_read_ms"], 0)

    def test_flips_make_the_events_that_were_asked_for(self):
        told = self.measure("--events-per-s", "480")
        self.check(told)
        self.assertEqual([480 * INTERVAL_S] * TICKS, [t["events"] for t in told["per_tick"]])

    def test_ctrl_c_leaves_nothing_behind(self):
        with self.start(ticks=100) as run:
            def engine_runs():
                logs = glob.glob(os.path.join(self.home.path, "tocsin-bench-*", "engine.log"))
                return logs and "evaluating" in pathlib.Path(logs[0]).read_text()
            e.wait_until("the engine runs", engine_runs)
            run.send_signal(signal.SIGINT)
            out, err = run.communicate(timeout=30)
        self.assertEqual(3, run.returncode)
        self.assertEqual("", out)
        self.assertIn("stopped", err)
        e.wait_until("everything is gone", lambda: not self.left_behind())

    def test_wrong_usage(self):
        for run, said in ((self.start(interval="1ms"), "--interval: `1ms`"),
                          (self.start("--window", "7"), "--window: `7`"),
                          (self.start("--events-per-s", "1e6"), "at most"),
                          (self.start("--storm", ticks=1), "at least two")):
            with self.subTest(said), run:
                _, err = run.communicate(timeout=30)
                self.assertEqual(2, run.returncode, err)
                self.assertIn(said, err)


if __name__ == "__main__":
    e.main()
