"""The command line: one rule for every option of every command, and output that cannot be written
is never taken for done."""

import json
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e

DONE, USAGE, FAILURE = 0, 2, 3
HIDDEN = "web\u202egnp.1\u2028\u2066"  # turns what follows around, ends the line


def run(*words, cwd=None, env=None, **streams):
    streams.setdefault("stdout", subprocess.PIPE)
    streams.setdefault("stderr", subprocess.PIPE)
    return subprocess.run([e.BINARY, *words], text=True, stdin=subprocess.DEVNULL, cwd=cwd,
                          env=e.clean_environment(env), timeout=3 * e.PATIENCE, **streams)


def commands(path=()):
    """Every command that there is, as its words."""
    text = run(*path, "--help").stdout
    below = text.partition("Subcommands:\n")[2]
    found = re.findall(r"^  (\S+)  ", below, re.M)
    return [path] + [c for word in found for c in commands((*path, word))]


def options(path):
    """The options of a command that take a value: [(names, type)]."""
    out = []
    for names, kind in re.findall(r"^  (-\S+) (?!Excludes:|Needs:|REQUIRED)(UINT|INT|FLOAT|TEXT|[A-Z][A-Z.:a-z]*)",
                                  run(*path, "--help").stdout, re.M):
        out.append((names.split(","), kind))
    return out


class Options(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.all = [(path, names, kind) for path in commands() for names, kind in options(path)]

    def setUp(self):
        self.home = e.Home(self.addCleanup)  # commands that would write something do it there

    def refused(self, *words):
        done = run(*words, cwd=self.home.path)
        self.assertEqual(USAGE, done.returncode, (words, done))
        self.assertEqual("", done.stdout)
        return done.stderr

    def test_they_are_found(self):
        known = {(path, name) for path, names, _ in self.all for name in names}
        for one in [((), "--log-level"), (("serve",), "--listen"), (("agent",), "--to"),
                    (("check",), "--hosts"), (("replay",), "--samples"), (("incidents",), "-n"),
                    (("incidents",), "--last"), (("hosts",), "--prefix"),
                    (("incidents",), "--label"), (("rules",), "--to"), (("explain",), "--at"),
                    (("hooks", "test"), "--rule"), (("bench", "pipeline"), "--fire")]:
            self.assertIn(one, known)
        self.assertGreater(len(known), 50)

    def test_an_empty_value_is_an_error_that_names_the_option(self):
        for path, names, _ in self.all:
            for name in names:
                for words in ([f"{name}="], [name, ""], [f"{name}=", "--log-level", "info"]):
                    with self.subTest((path, words)):
                        self.assertIn(f"{name}: the value is empty", self.refused(*path, *words))

    def test_a_missing_value_is_not_taken_from_the_next_option(self):
        for path, names, _ in self.all:
            with self.subTest((path, names)):
                self.assertIn(f"{names[-1]}: its value is missing", self.refused(*path, names[-1]))
                self.assertIn(f"{names[-1]}: its value is missing",
                              self.refused(*path, names[-1], "--log-format=json"))

    def test_numbers_are_decimal(self):
        numbers = [(path, names) for path, names, kind in self.all
                   if kind in ("UINT", "INT", "FLOAT")]
        self.assertGreater(len(numbers), 15)
        for path, names in numbers:
            for wrong in ("0x1", "1k", "nan", "one"):
                with self.subTest((path, names, wrong)):
                    said = self.refused(*path, f"{names[-1]}={wrong}")
                    self.assertIn(f"{names[-1]}: `{wrong}` is no", said)
            with self.subTest((path, names)):
                # What is wrong then is another option: 01 is one, as 1 is.
                self.assertIn("--nonsense", self.refused(*path, f"{names[-1]}=01", "--nonsense"))

    def test_leading_zeros_mean_nothing(self):
        config = self.home.file("c.json", json.dumps(e.config([e.rule("hot")])))
        for text in ("02000", "2000", "+2000"):
            done = run("check", "--json", "--config", config, "--hosts", text)
            self.assertEqual(2000, json.loads(done.stdout)["memory"]["hosts"], done)
        self.assertIn("-n: `0x5` is no whole number", self.refused("incidents", "-n=0x5"))

    def test_a_flag_takes_no_value(self):
        self.assertIn("--json takes no value", self.refused("check", "--json="))
        self.assertIn("--no-local takes no value", self.refused("serve", "--no-local=x"))

    def test_an_unnamed_value_is_not_empty(self):
        self.assertIn("NAME: the value is empty", self.refused("hosts", "forget", ""))


class Written(unittest.TestCase):
    """Output to a full disk, or to nobody."""

    @classmethod
    def setUpClass(cls):
        cls.home = e.Home(cls.addClassCleanup)
        cls.engine = e.Engine(cls.home, e.config([e.rule("hot")])).start()
        cls.engine.wait_incident(report={"host": HIDDEN, "cpu.usage": 99}, event="opened")
        cls.samples = cls.home.file("s.ndjson", "".join(
            f'{{"host":"h{i}","ts":{t},"cpu.usage":99}}\n' for t in range(0, 2000, 250)
            for i in range(100)))
        cls.state = ("--state-dir", cls.engine.state)
        cls.printing = [
            ("check", "--json", "--config", cls.engine.config),
            ("incidents", *cls.state), ("incidents", "--active", *cls.state),
            ("incidents", "--json", *cls.state), ("incidents", "--follow", *cls.state),
            ("hosts", *cls.state), ("hosts", "--json", *cls.state),
            ("replay", "--config", cls.engine.config, "--samples", cls.samples),
            ("replay", "--config", cls.engine.config, "--log", *cls.state),
            ("bench", "evaluate", "--hosts=1", "--rules=1", "--ticks=1"),
            ("--version",), ("--help",), ("serve", "--help")]

    def test_a_full_disk_is_said_and_ends_with_3(self):
        for words in self.printing:
            with self.subTest(words), open("/dev/full", "w", encoding="utf-8") as full:
                done = run(*words, stdout=full)
                self.assertEqual(FAILURE, done.returncode, done)
                self.assertIn("standard output cannot be written: No space left on device",
                              done.stderr)

    def test_a_closed_output_is_said_and_ends_with_3(self):
        for words in self.printing:
            with self.subTest(words):
                done = run(*words, preexec_fn=lambda: os.close(1))
                self.assertEqual(FAILURE, done.returncode, done)
                self.assertIn("standard output cannot be written: Bad file descriptor",
                              done.stderr)

    def test_messages_that_are_lost_end_with_3(self):
        config = self.engine.config
        for words in (("check", "--config", config), ("check", "--config", "/nonexistent"),
                      ("hosts", "forget", "nobody", *self.state),
                      ("replay", "--config", config, "--samples", self.samples)):
            with self.subTest(words), open("/dev/full", "w", encoding="utf-8") as full:
                self.assertEqual(FAILURE, run(*words, stderr=full).returncode)
                self.assertEqual(FAILURE,
                                 run(*words, preexec_fn=lambda: os.close(2)).returncode)

    def test_what_is_written_well_ends_as_before(self):
        for words in self.printing:
            if "--follow" not in words:
                with self.subTest(words):
                    self.assertEqual(DONE, run(*words).returncode)
        self.assertEqual(1, len(run("incidents", "-n=1", *self.state).stdout.splitlines()))

    def test_names_neither_turn_nor_break_a_line(self):
        shown = "web\\u202egnp.1\\u2028\\u2066"
        for words in (("incidents",), ("incidents", "--active"), ("hosts",), ("hosts", "--json"),
                      ("incidents", "--json"), ("incidents", "--active", "--json")):
            with self.subTest(words):
                text = run(*words, *self.state).stdout
                self.assertIn(shown, text)
                self.assertNotRegex(text, "[\u0080-\u009f\u061c\u200e\u200f\u2028-\u202e]")
                if "--json" in words:
                    said = json.loads(text.splitlines()[0])
                    self.assertEqual(HIDDEN, said.get("host") or said["hostName"])
        forgotten = run("hosts", "forget", "no\u009bbody\n", *self.state).stderr
        self.assertIn("host `no\\u009bbody\\n` is not known", forgotten)

    def test_numbers_have_six_digits_for_people_and_all_for_programs(self):
        g = e.Engine(self.home, e.config([e.rule("third", value=1 / 3)]), name="third").start()
        g.wait_incident(report={"host": "a", "cpu.usage": 200 / 3}, event="opened")
        state = ("--state-dir", g.state)
        self.assertIn("is 0.333333 or more; value 66.6667)", run("incidents", *state).stdout)
        self.assertIn("(opened with 66.6667)", run("incidents", "--active", *state).stdout)
        said = json.loads(run("incidents", "--json", *state).stdout.splitlines()[0])
        self.assertEqual((200 / 3, 1 / 3), (said["triggerValue"], said["threshold"]))
        g.stop()


class Before(unittest.TestCase):
    """`serve` looks at what it was told before it writes anything."""

    def test_nothing_is_written_when_the_command_line_is_wrong(self):
        home = e.Home(self.addCleanup)
        empty = home.file("empty", "\n")
        for words, env in ((["--listen", "http://127.0.0.1:0"], {}), (["--listen", "x"], {}),
                           (["--listen", "0.0.0.0:0"], {}),
                           (["--token-file", "/nonexistent"], {}), (["--token-file", empty], {}),
                           (["--tls-cert", empty, "--tls-key", empty], {}),
                           (["--cors-origin", "x"], {}), (["--host", "a\nb"], {}),
                           ([], {"REDIS_URL": "x"}),
                           ([], {"REDIS_URL": "redis://h", "REDIS_OPTIONS": '{"tls":{"key":1}}'})):
            with self.subTest((words, env)):
                g = e.Engine(home, name="wrong", args=words, env=env)
                code, log = g.run_to_end()
                self.assertEqual(USAGE, code, log)
                self.assertFalse(os.path.exists(g.data), log)
                self.assertFalse(os.path.exists(g.state), log)

    def test_a_log_line_stays_one_line(self):
        home = e.Home(self.addCleanup)
        for form in ("text", "json"):
            g = e.Engine(home, e.config([e.rule("a\u2028b\u202ec\u009b", field="no.such")]), name=form,
                         args=["--log-format", form]).start()
            for _ in range(4):
                g.post({"host": "h", "cpu.usage": 1})
                g.wait_ticks(1)
            g.wait_for_log("no.such")
            g.stop()
            self.assertIn("a\\u2028b\\u202ec\\u009b", g.log())
            self.assertNotRegex(g.log(), "[\u0080-\u009f\u2028-\u202e]")


if __name__ == "__main__":
    e.main()
