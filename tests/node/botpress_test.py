"""The hook files for Botpress servers without Pro, run as Botpress v12 runs hooks, in its sandbox
and without: every event, warning and error of the server is in Tocsin, once.

usage: botpress_test.py TOCSIN_BINARY [unittest options]"""

import json
import os
import shutil
import sys
import unittest

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(TOP, "tests", "support"))
import engine as e
from client_test import NodeTest, sums
from stopwatch import Stopwatch


class Botpress(NodeTest):
    def project(self):
        """A Botpress project with the files where the guide puts them."""
        folder = os.path.join(self.home.path, "project")
        guide = os.path.join(TOP, "tools", "botpress")
        shutil.copytree(os.path.join(guide, "hooks"), os.path.join(folder, "data/global/hooks"))
        shutil.copytree(os.path.join(guide, "shared_libs"), os.path.join(folder, "shared_libs"))
        shutil.copy(os.path.join(TOP, "tools", "node", "tocsin.js"),
                    os.path.join(folder, "shared_libs"))
        return folder

    def check(self, sandbox):
        g = self.engine([e.rule("errors", "errors.count", "sum", value=12, timeframe="10m"),
                         e.rule("silent", "eventsIn.count", "sum", "equalOrLessThan", 0,
                                timeframe="500ms")]).start()
        server = self.node("botpress_server.js", self.project(), sandbox)
        counts = json.loads(server.stdout.readline())
        g.wait_incident(ruleName="silent", event="opened")
        server.terminate()
        server.communicate(timeout=e.PATIENCE)
        self.assertEqual(0, counts["hookErrors"], self.log())
        self.assertEqual((300, 300, 30, 12, 1), tuple(
            counts[k] for k in ("in", "out", "warn", "error", "critical")))
        found = sums(self.samples(g))
        for field, kind in (("eventsIn", "in"), ("eventsOut", "out"), ("warnings", "warn"),
                            ("errors", "error"), ("criticals", "critical")):
            self.assertEqual(counts[kind], found[field + ".count"], field)
        self.assertTrue(all("mem.usage" in s for s in self.samples(g)))
        self.assertEqual("12", g.wait_incident(ruleName="errors")[1]["triggerValue"])
        return counts

    def test_in_the_sandbox(self):
        self.check("vm")

    def test_without_it(self):
        self.check("plain")

    def test_a_server_whose_engine_is_away_is_not_held_up(self):
        server = self.node("botpress_server.js", self.project(), "plain")
        with Stopwatch(server.pid) as watch:
            counts = json.loads(server.stdout.readline())
        self.assertEqual((300, 0), (counts["in"], counts["hookErrors"]))
        self.assertLess(counts["slowestMs"] - watch.held_up() * 1000, 500)
        server.kill()


if __name__ == "__main__":
    e.main()
