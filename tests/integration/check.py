"""`tocsin check`: 0 for what would start, 2 for what would not, and JSON for programs."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOCSIN = sys.argv.pop(1)
SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "config/tocsin.json"


def check(text, *options, name="c.json"):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, name)
        path.write_text(text)
        done = subprocess.run([TOCSIN, "check", "--config", path, *options],
                              capture_output=True, text=True, timeout=30)
        return done, str(path)


class Check(unittest.TestCase):
    def test_the_sample_is_fine_and_its_memory_grows_with_hosts(self):
        few, _ = check(SAMPLE.read_text(), "--json", "--hosts", "1000")
        many, _ = check(SAMPLE.read_text(), "--json", "--hosts", "100000")
        self.assertEqual((0, 0), (few.returncode, many.returncode), few.stderr)
        few, many = json.loads(few.stdout), json.loads(many.stdout)
        self.assertEqual((True, [], 4), (few["ok"], few["problems"], few["rules"]))
        self.assertNotEqual(few["memory"], many["memory"])

    def test_an_error_ends_with_2_and_names_its_place(self):
        done, path = check(SAMPLE.read_text().replace('"equalOrMoreThan"', '"greaterThan"', 1))
        self.assertEqual(2, done.returncode)
        self.assertRegex(done.stderr, rf"{path}:\d+:\d+: error: unknown operand `greaterThan`")

    def test_sinks_are_shown_without_what_is_secret(self):
        config = json.loads(SAMPLE.read_text())
        config["alertmanagers"] = ["http://am:9093"]
        config["webhooks"] = [{"name": "ops", "url": "https://h.example/tell-no-one",
                               "on": ["opened"], "secret": "tell-no-one-at-all",
                               "headers": {"X": "tell-no-one"}}]
        people, _ = check(json.dumps(config))
        program, _ = check(json.dumps(config), "--json")
        self.assertEqual((0, 0), (people.returncode, program.returncode), people.stderr)
        self.assertIn("webhook       ops at https://h.example, opened\n", people.stderr)
        self.assertIn("alertmanager  http://am:9093\n", people.stderr)
        self.assertEqual([{"kind": "webhook", "name": "ops", "site": "https://h.example", "signed": True},
                          {"kind": "alertmanager", "url": "http://am:9093"}],
                         json.loads(program.stdout)["sinks"])
        self.assertNotIn("tell-no-one", people.stderr + people.stdout + program.stdout)

    def test_a_secret_stands_in_a_file_beside_the_configuration(self):
        with tempfile.TemporaryDirectory() as folder:
            hook = {"name": "ops", "url": "https://h.example/", "secretFile": "secret"}
            path = pathlib.Path(folder, "c.json")
            path.write_text(json.dumps({"tocsin": {"webhooks": [hook]}}))
            run = [TOCSIN, "check", "--config", path]
            missing = subprocess.run(run, capture_output=True, text=True, timeout=30)
            self.assertEqual(2, missing.returncode)
            self.assertIn("error: `secret`: there is no such file", missing.stderr)
            secret = pathlib.Path(folder, "secret")
            secret.write_text("0123456789abcdef\n")
            for mode, warned in ((0o644, 1), (0o600, 0)):
                secret.chmod(mode)
                done = subprocess.run(run, capture_output=True, text=True, timeout=30)
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertEqual(warned, done.stderr.count("can be read by other users"), done.stderr)

    def test_rules_in_the_wrong_place_are_an_error_that_says_the_right_one(self):
        done, path = check('{"rules":[{"name":"a"}]}', name="botpress.config.json")
        self.assertEqual(2, done.returncode)
        self.assertIn(f"{path}:1:2: error: `rules` belong in `pro.alerting.rules` (at /rules)",
                      done.stderr)

    def test_the_reach_of_the_log_is_told_as_a_time(self):
        done, _ = check(SAMPLE.read_text(), "--hosts", "20000")
        self.assertRegex(done.stderr, r"tocsin.logBytes is 1 GiB: it reaches back about \d\S* hours")

    def test_the_configuration_of_a_folder_is_the_one_that_is_there(self):
        with tempfile.TemporaryDirectory() as folder:
            run = [TOCSIN, "check", "--data-dir", folder]
            flat, nested = pathlib.Path(folder, "tocsin.json"), \
                pathlib.Path(folder, "global", "botpress.config.json")
            missing = subprocess.run(run, capture_output=True, text=True, timeout=30)
            self.assertEqual(2, missing.returncode)
            self.assertIn(f"{flat}: error: there is no such file", missing.stderr)
            nested.parent.mkdir()
            nested.write_text('{"pro":{}}')
            found = subprocess.run(run, capture_output=True, text=True, timeout=30)
            self.assertIn(f"{nested}: fine", found.stderr)
            flat.write_text("{}")
            both = subprocess.run(run, capture_output=True, text=True, timeout=30)
            self.assertEqual(2, both.returncode)
            self.assertIn("are both there", both.stderr)
            nested.unlink()
            found = subprocess.run(run, capture_output=True, text=True, timeout=30)
            self.assertEqual(0, found.returncode)
            self.assertIn(f"{flat}: fine; 0 rules", found.stderr)

    def test_json_says_that_it_is_not_ok(self):
        done, path = check("{", "--json")
        self.assertEqual(2, done.returncode)
        said = json.loads(done.stdout)
        self.assertFalse(said["ok"])
        self.assertEqual(path, said["problems"][0]["file"])


unittest.main(verbosity=2)
