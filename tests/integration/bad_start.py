"""Starts that must fail, and how: a clear message that names what and where, exit code 2 for what
the operator wrote and 3 for what the machine does not give, and nothing left running."""

import json
import os
import shutil
import socket
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
import load as l
from reaper import processes_in

USAGE, FAILURE = 2, 3


class Start(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)

    def engine(self, settings=None, **more):
        if settings is None:
            settings = e.config([e.rule("hot")])
        return e.Engine(self.home, settings, **more)

    def fails(self, engine, code, *words):
        ended, log = engine.run_to_end(within=10)
        self.assertEqual(code, ended, log)
        for word in words:
            self.assertIn(word, log)
        self.assertEqual([], list(processes_in(engine.state)), "its Redis is stopped")
        return log


class Configuration(Start):
    def test_missing_is_created_with_working_rules(self):
        g = e.Engine(self.home)
        g.start()
        config = os.path.join(g.data, "tocsin.json")
        self.assertIn(f"{config} was missing: written with 4 rules", g.log())
        with open(config, encoding="utf-8") as f:
            written = json.load(f)
        self.assertEqual(4, len(written["rules"]))
        self.assertTrue(os.path.exists(os.path.join(g.data, written["$schema"])))
        self.assertFalse(os.path.exists(g.config), "Botpress's file is nobody's but Botpress's")
        self.assertIn("evaluating 4 rules", g.log())
        self.assertTrue(os.path.isdir(os.path.join(g.data, "global", "hooks")))
        self.assertLess(g.stop(), 2)
        before = os.stat(config).st_mtime_ns
        g.start()
        self.assertNotIn("was missing", g.log())
        self.assertEqual(before, os.stat(config).st_mtime_ns)

    def test_two_forms_side_by_side(self):
        g = self.engine()
        self.home.file("engine/data/tocsin.json", "{}")
        self.fails(g, USAGE, g.config, "tocsin.json", "are both there", "--config")
        g.args += ["--config", os.path.join(g.data, "tocsin.json")]
        g.start()
        self.assertIn("evaluating 0 rules", g.log())

    def test_folder(self):
        g = e.Engine(self.home)
        os.makedirs(g.config)
        self.fails(g, USAGE, g.config, "folder")

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_without_permission(self):
        g = self.engine()
        os.chmod(g.config, 0)
        self.fails(g, USAGE, g.config, "ermission")

    def test_unreadable(self):
        # Also root cannot read these: a link to nowhere and one to itself; a file that gives
        # errors when it is read.
        for i, (target, why) in enumerate([("/nonexistent/botpress.config.json", "no such file"),
                                           ("botpress.config.json", "symbolic links"),
                                           ("/proc/self/mem", "Input/output error")]):
            g = self.engine(name=f"engine-{i}")
            os.remove(g.config)
            os.symlink(target, g.config)
            with self.subTest(target):
                self.fails(g, USAGE, g.config, why)
                self.assertTrue(os.path.islink(g.config), "it is left as it is")

    def test_half_written(self):
        whole = json.dumps(e.config([e.rule("hot")]), indent=2)
        for part in (0, 1, len(whole) // 3, len(whole) // 2, len(whole) - 2):
            with self.subTest(part):
                self.fails(self.engine(whole[:part]), USAGE, "botpress.config.json:",
                           "nothing was started")

    def test_not_utf8_and_nul(self):
        self.fails(self.engine(b'{"pro": "\xff"}'), USAGE, "botpress.config.json:1:")
        self.fails(self.engine(b"\0" * 4096), USAGE, "botpress.config.json:1:")

    def test_errors_are_reported_all_at_once_with_their_places(self):
        bad = e.config([
            {"name": "a", "field": "cpu.usage", "aggregation": "avg", "operand": "greaterThan",
             "value": 1, "timeframe": "1m"},
            {"name": "b", "field": "cpu.usage", "aggregation": "mean",
             "operand": "equalOrMoreThan", "value": "x", "timeframe": "soon"}])
        g = self.engine(json.dumps(bad, indent=2))
        log = self.fails(g, USAGE, "unknown operand `greaterThan`", "equalOrMoreThan",
                         "equalOrLessThan", "/pro/alerting/rules/0/operand",
                         "/pro/alerting/rules/1/aggregation", "/pro/alerting/rules/1/value",
                         "/pro/alerting/rules/1/timeframe", f"{g.config} has errors")
        self.assertRegex(log, r"botpress\.config\.json:\d+:\d+: ")

    def test_monitoring_disabled(self):
        g = self.engine(e.config([], monitoring=False, alerting=False))
        self.fails(g, USAGE, "monitoring is disabled", "`pro.monitoring.enabled`", g.config)

    def test_alerting_without_monitoring(self):
        self.fails(self.engine(e.config([], monitoring=False)), USAGE,
                   "alerting is enabled while monitoring is not")

    def test_alerting_disabled_collects_and_checks_nothing(self):
        g = self.engine(e.config([e.rule("hot", value=0)], alerting=False))
        g.start()
        self.assertIn("alerting is disabled", g.log())
        self.assertIn("evaluating 0 rules", g.log())
        self.assertEqual(202, g.post({"host": "a", "cpu.usage": 99}).status)
        g.wait_ticks(4)
        self.assertEqual([], g.incidents())
        with g.redis() as r:
            self.assertEqual(["a"], [s["host"] for s in l.read_log(r)])
        self.assertLess(g.stop(), 2)

    def test_environment(self):
        g = self.engine(env={"BP_CONFIG_PRO_ALERTING_RULES": "no"})
        self.fails(g, USAGE, "BP_CONFIG_PRO_ALERTING_RULES")
        g = self.engine(env={"TOCSIN_ENABLED": "maybe"})
        self.fails(g, USAGE, "TOCSIN_ENABLED")
        g = self.engine(e.config([], monitoring=False, alerting=False),
                        env={"TOCSIN_ENABLED": "true"})
        g.start()
        self.assertLess(g.stop(), 2)

    def test_cluster_without_redis(self):
        self.fails(self.engine(env={"CLUSTER_ENABLED": "true"}), USAGE, "CLUSTER_ENABLED")

    def test_data_folder_that_cannot_be_made(self):
        g = e.Engine(self.home)
        self.home.file("engine/data", "a file")
        self.fails(g, USAGE, f"{g.data}: cannot be created")

    def test_unknown_option(self):
        g = self.engine(args=["--lisen", "x"])
        self.fails(g, USAGE, "--lisen")


class StateFolder(Start):
    def test_a_file_in_its_place(self):
        path = self.home.file("taken", "a file")
        self.fails(self.engine(state=path), FAILURE, f"state folder {path} cannot be used",
                   "--state-dir")
        with open(path, encoding="utf-8") as f:
            self.assertEqual("a file", f.read())

    def test_a_file_on_the_way(self):
        self.home.file("taken", "a file")
        path = os.path.join(self.home.path, "taken", "state")
        self.fails(self.engine(state=path), FAILURE, f"state folder {path} cannot be used")

    def test_where_nobody_may_write(self):
        for path in ("/proc/tocsin", "/sys/tocsin/state"):
            with self.subTest(path):
                self.fails(self.engine(state=path), FAILURE,
                           f"state folder {path} cannot be used")

    def test_in_use_by_another_engine(self):
        first = self.engine(name="first").start()
        second = self.engine(name="second", state=first.state)
        code, log = second.run_to_end(within=10)
        self.assertEqual(FAILURE, code, log)
        self.assertIn(f"state folder {first.state} is in use by another tocsin "
                      f"(pid {first.process.pid})", log)
        self.assertEqual("owner", first.ready(), "the first goes on")
        self.assertEqual(202, first.post({"host": "a", "x": 1}).status)
        self.assertLess(first.stop(), 2)
        second.start()
        self.assertLess(second.stop(), 2)

    def test_a_path_longer_than_a_socket_may_have(self):
        path = os.path.join(self.home.path, "x" * 100, "y" * 100)
        g = self.engine(state=path)
        g.start()
        self.assertEqual(202, g.post({"host": "a", "x": 1}).status)
        self.assertLess(g.stop(), 2)

    def test_no_redis_server_on_path(self):
        self.fails(self.engine(env={"PATH": self.home.path}), FAILURE,
                   "redis-server is not on PATH", "apt-get install")

    def test_a_log_that_was_cut_off_is_read_as_far_as_it_goes(self):
        g = self.engine().start()
        for _ in range(3):
            self.assertEqual(202, g.post({"host": "a", "cpu.usage": 1}).status)
        g.stop()
        folder = os.path.join(g.state, "appendonlydir")
        last = max((os.path.join(folder, f) for f in os.listdir(folder) if f.endswith(".aof")),
                   key=os.path.getsize)
        os.truncate(last, os.path.getsize(last) - 3)
        g.start()
        g.wait_incident(report={"host": "a", "cpu.usage": 99}, hostName="a")
        self.assertLess(g.stop(), 2)

    def test_data_that_is_damaged(self):
        g = self.engine().start()
        self.assertEqual(202, g.post({"host": "a", "cpu.usage": 1}).status)
        g.stop()
        folder = os.path.join(g.state, "appendonlydir")
        for name in os.listdir(folder):
            if name.endswith(".aof"):
                with open(os.path.join(folder, name), "r+b") as f:
                    f.seek(20)
                    f.write(b"garbage" * 8)
        self.fails(g, FAILURE, f"{folder}/appendonly.aof.1.incr.aof is damaged at byte",
                   "backup", "redis-check-aof --fix")

    def test_an_end_of_zeros_is_cut_off_and_told(self):
        g = self.engine().start()
        self.assertEqual(202, g.post({"host": "a", "cpu.usage": 1}).status)
        g.stop()
        log = os.path.join(g.state, "appendonlydir", "appendonly.aof.1.incr.aof")
        with open(log, "ab") as f:
            f.write(b"\0" * 4096)
        g.start()
        self.assertIn(f"the last 4096 bytes of {log} were cut off", g.log())
        self.assertTrue([f for f in os.listdir(g.state) if ".incr.aof.cut-at-" in f])
        self.assertLess(g.stop(), 2)

    def test_removed_under_the_engine(self):
        """It says so and begins anew, rather than acknowledging into nothing."""
        g = self.engine().start()
        g.wait_incident(report={"host": "a", "cpu.usage": 99}, hostName="a")
        shutil.rmtree(g.state)
        g.wait_for_log("the state folder was removed or moved away under the engine")
        g.wait_for_log("the embedded Redis runs again")
        e.wait_until("samples are taken", lambda: g.post({"host": "b", "x": 1}).status == 202)
        g.wait_ready()
        g.wait_incident(report={"host": "b", "cpu.usage": 99}, hostName="b")
        self.assertIn("Redis lost data: it came back empty", g.log())
        self.assertLess(g.stop(), 2)


class Listening(Start):
    def test_port_in_use(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            where = "127.0.0.1:%d" % s.getsockname()[1]
            self.fails(self.engine(args=["--listen", where]), FAILURE, where, "in use")

    def test_address_that_is_none(self):
        for where in ("127.0.0.1", "127.0.0.1:99999", ":x", ""):
            with self.subTest(where):
                self.fails(self.engine(args=["--listen", where]), USAGE, "listen")

    def test_address_of_another_machine(self):
        self.fails(self.engine(args=["--listen", "192.0.2.1:9480", "--insecure"]), FAILURE,
                   "192.0.2.1:9480")

    def test_beyond_loopback_without_token(self):
        self.fails(self.engine(args=["--listen", "0.0.0.0:0"]), USAGE, "token", "--insecure",
                   "0.0.0.0")
        self.fails(self.engine(args=["--listen", "[::]:0"]), USAGE, "token")


class Token(Start):
    TOKEN = "0123456789abcdef-tocsin-secret"

    def test_is_asked_for_and_never_logged(self):
        by_file = self.home.file("token", self.TOKEN + "\n")
        for name, args, env in (("by-file", ["--token-file", by_file], {}),
                                ("by-env", [], {"TOCSIN_TOKEN": self.TOKEN})):
            with self.subTest(name):
                g = self.engine(name=name, args=["--log-level", "trace", *args], env=env)
                g.start(wait="listening")
                sample = {"host": "a", "cpu.usage": 1}

                def post(value):
                    return g.post(sample, headers={"Authorization": value} if value else {})
                for wrong in (None, "Bearer", "Bearer ", f"Bearer {self.TOKEN}x",
                              f"Bearer {self.TOKEN[:-1]}", self.TOKEN, f"Basic {self.TOKEN}"):
                    a = post(wrong)
                    self.assertEqual(401, a.status, wrong)
                    self.assertIn("Bearer", a.headers.get("WWW-Authenticate", ""))
                    self.assertNotIn(self.TOKEN, a.body)
                e.wait_until("it takes samples",
                             lambda: post(f"Bearer {self.TOKEN}").status == 202)
                self.assertEqual(401, g.get("/metrics").status)
                self.assertEqual(200, g.get(
                    "/metrics", headers={"Authorization": f"Bearer {self.TOKEN}"}).status)
                g.stop()
                self.assertNotIn(self.TOKEN, g.log())

    def test_file_that_cannot_be_used(self):
        self.fails(self.engine(args=["--token-file", "/nonexistent/token"]), USAGE,
                   "/nonexistent/token")
        self.fails(self.engine(args=["--token-file", self.home.path]), USAGE, self.home.path)
        empty = self.home.file("empty", "\n")
        self.fails(self.engine(args=["--token-file", empty]), USAGE, empty)
        secret = "two words-of-secret"
        bad = self.home.file("bad", secret)
        self.assertNotIn(secret, self.fails(self.engine(args=["--token-file", bad]), USAGE, bad))


if __name__ == "__main__":
    e.main()
