#!/usr/bin/env python3
"""The documentation against the program: excerpts are what the files say, links lead somewhere, commands and
options exist, metrics are those that are exposed.

usage: readme_test.py TOCSIN_BINARY [--write] [unittest options]     --write puts the excerpts into docs/consumers.md"""

import json
import os
import re
import ssl
import subprocess
import sys
import unittest

TOP = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests", "support"))
import engine as e

LANGUAGES = {".mjs": "js", ".py": "python", ".sh": "bash"}
# <!-- FILE: REGION -->, perhaps with its excerpt.
EXCERPT = re.compile(r"<!-- (tools/\S+): (\w+) -->\n(```\w+\n.*?\n```\n)?", re.S)


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as f:
        return f.read()


def pages():
    return ["README.md", "CONTRIBUTING.md", "bench/README.md",
            *(f"docs/{n}" for n in sorted(os.listdir(os.path.join(TOP, "docs"))) if n.endswith(".md"))]


def region(name, mark):
    found = re.search(rf"^(?://|#) readme: begin {mark}\n(.*?)^\s*(?://|#) readme: end$", read(name),
                      re.S | re.M)
    assert found, f"{name} has no region `{mark}`"
    return found.group(1)


def with_excerpts(text):
    def fill(m):
        language = LANGUAGES[os.path.splitext(m[1])[1]]
        return f"<!-- {m[1]}: {m[2]} -->\n```{language}\n{region(m[1], m[2])}```\n"
    return EXCERPT.sub(fill, text)


def anchors(text):
    """The anchors that a forge makes of a page's headings."""
    bare = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower().replace("`", "")).strip().replace(" ", "-")
            for h in re.findall(r"^#+ (.*)$", bare, re.M)}


def commands(text):
    """Every `tocsin …` of a page, as its words: in code blocks and in code within the text."""
    lines = [line for block in re.findall(r"^```\w*\n(.*?)^```", text, re.S | re.M)
             for line in block.splitlines()]
    lines += re.findall(r"`(tocsin [^`]+)`", text)
    for line in lines:
        for found in re.finditer(r"(?:^|[\s/=])tocsin ((?:[a-z]+|--)[^|&;#>]*)", line):
            words = found[1].replace("'", "").split()
            if re.fullmatch("[a-z]+", words[0]):
                yield line, words


class Documentation(unittest.TestCase):
    def test_excerpts_are_what_the_files_say(self):
        text = read("docs/consumers.md")
        self.assertGreater(len(EXCERPT.findall(text)), 5)
        self.assertEqual(with_excerpts(text), text, "run readme_test.py TOCSIN --write")

    def test_the_replay_that_is_shown_is_what_it_prints(self):
        shown = re.search(r"<<'END'\n(.*?)END\n```\n\n```console\n\$ build/tocsin (replay .*?)\n(.*?)```",
                          read("README.md"), re.S)
        home = e.Home(self.addCleanup)
        home.file("samples.ndjson", shown[1])
        rule = json.loads(re.search(r"A rule in .*?```json\n(.*?)```", read("README.md"), re.S)[1])
        rule["name"] = "High number of errors"  # as the file to start from has it
        home.file("data/tocsin.json", json.dumps({"rules": [rule]}))
        done = subprocess.run([e.BINARY, *shown[2].split()], capture_output=True, text=True,
                              timeout=30, cwd=home.path)
        self.assertEqual(shown[3], done.stdout + done.stderr)

    def test_commands_are_found_where_they_are_built(self):
        blocks = [b for page in ("README.md", "docs/consumers.md")
                  for b in re.findall(r"^```(?:sh|console)\n(.*?)^```", read(page), re.S | re.M)]
        for line in "".join(blocks).splitlines():
            self.assertNotRegex(line, r"^(\$ )?tocsin ", "where it was built it is build/tocsin")

    def test_consumers_side_by_side_get_every_event_each(self):
        groups = re.findall(r"^\$ GROUP=(\S+) .*tools/consumers/consumer\.(\w+) ", read("docs/consumers.md"),
                            re.M)
        self.assertEqual(["mjs", "py", "sh"], [kind for _, kind in groups])
        self.assertEqual(3, len({group for group, _ in groups}))

    def test_links_lead_somewhere(self):
        for page in pages():
            for link in re.findall(r"\]\(([^)\s]+)\)", read(page)):
                if link.startswith("http"):
                    continue
                path, _, anchor = link.partition("#")
                target = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
                self.assertTrue(os.path.exists(os.path.join(TOP, target)), f"{page}: {link}")
                if anchor:
                    self.assertIn(anchor, anchors(read(target)), f"{page}: {link}")

    def test_paths_of_the_project_exist(self):
        for page in pages():
            for path in re.findall(r"`((?:actors|config|streams|tests|tools|bench|docs)/[\w./-]*)`", read(page)):
                self.assertTrue(os.path.exists(os.path.join(TOP, path)), f"{page}: {path}")

    def test_commands_and_options_exist(self):
        seen = set()
        for page in pages():
            for line, words in commands(read(page)):
                command = words[0]
                help_text = self.help_of(command)
                self.assertIsNotNone(help_text, f"{page}: {line}")
                for option in re.findall(r"(?<!\S)(--?[a-z][\w-]*)", " ".join(words[1:])):
                    self.assertRegex(help_text, rf"(?<![\w-]){option}(?![\w-])", f"{page}: {line}")
                seen.add(command)
        self.assertEqual({"serve", "agent", "check", "replay", "incidents", "hosts", "rules",
                          "explain", "hooks", "bench"}, seen)

    def test_no_option_is_left_out(self):
        everything = "".join(read(p) for p in pages())
        for command in ("serve", "agent", "check", "replay", "incidents", "hosts", "rules",
                        "explain", "hooks", "bench"):
            for option in re.findall(r"^ +(?:-\w,)?(--[a-z-]+)", self.help_of(command), re.M):
                if option not in ("--help", "--help-all", "--version"):
                    self.assertTrue(option in everything, f"tocsin {command} {option}")

    helps = {}

    def help_of(self, command):
        if command not in self.helps:
            # Options of the program itself may stand behind the command; bench has subcommands.
            done = [subprocess.run([e.BINARY, *words], capture_output=True, text=True, timeout=30)
                    for words in ([command, "--help-all"], ["--help"])]
            self.helps[command] = (None if done[0].returncode else done[0].stdout + done[1].stdout)
        return self.helps[command]

    def test_metrics_are_those_that_are_exposed(self):
        # With everything on that has metrics of its own.
        home = e.Home(self.addCleanup)
        cert, key = e.certificate(home, "all")
        settings = e.config([], webhooks=[{"url": "http://127.0.0.1:9/"}],
                            statsd={"listen": "127.0.0.1:0"},
                            botpress={"redisUrl": f"redis://127.0.0.1:{e.free_port()}"})
        engine = e.Engine(home, settings, args=["--tls-cert", cert, "--tls-key", key],
                          tls=ssl.create_default_context(cafile=cert)).start()
        exposed = set(re.findall(r"^# TYPE (\S+)", engine.get("/metrics").body, re.M))
        engine.stop()
        documented = set()
        for page in pages():
            documented |= set(re.findall(r"`((?:tocsin|process)_[a-z_]+)[`{]", read(page)))
        self.assertEqual(exposed, documented)

    def test_settings_are_those_that_are_read(self):
        text = read("docs/configuration.md")
        declared = re.findall(r'setting_key\{"([\w.]+)", "(\w+)"', read("config/setting_keys.cpp"))
        self.assertEqual({".".join(d) for d in declared},
                         set(re.findall(r"^\| `((?:pro|tocsin)\.[\w.]+)` \|", text, re.M)))


if __name__ == "__main__":
    if "--write" in sys.argv:
        filled = with_excerpts(read("docs/consumers.md"))
        with open(os.path.join(TOP, "docs/consumers.md"), "w", encoding="utf-8") as out:
            out.write(filled)
        sys.exit(0)
    e.main()
