"""The dashboard of an engine that nobody has reported to, and of one with this machine alone."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import chromium
import sights
from chromium import e


class Beginnings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = e.Home(cls.addClassCleanup)
        cls.browser = chromium.Browser(cls.home)
        cls.addClassCleanup(cls.browser.close)

    def start(self, name, *rules, **more):
        self.engine = e.Engine(self.home, e.config(list(rules), "1s", **more), name,
                               local=name == "machine").start()
        self.addCleanup(self.engine.stop)
        return f"http://127.0.0.1:{self.engine.port}"

    def test_an_empty_engine_says_what_to_do_first(self):
        url = self.start("empty")
        sights.look(self, self.browser, url, "empty", {
            "monitoring": ("#/", "No host has reported yet"),
            "alerting": ("#/alerting", "Nothing"), "rules": ("#/rules", "No rule is in force"),
            "engine": ("#/engine", "Redis")})
        page = self.browser.page(url).go()
        page.wait_text("curl " + url)
        # What it says is true: done as it stands there, and the page shows the first host.
        self.assertEqual(202, self.engine.post(page.text("main code").split("-d '")[1][:-1]).status)
        page.wait_text("web-1", where="#hosts")
        page.close()

    def assert_wide_frames_are_filled(self, url):
        for name, place in {"monitoring": "#/?frame=5h&resolution=3600000",
                            "host": "#/hosts/machine?frame=5h"}.items():
            page = self.browser.page(url).go(place)
            page.wait_live()
            page.wait("document.querySelector('main .plot[aria-label*=\": last \"]')")
            page.picture(f"machine-wide-{name}", whole=True)
            self.assertEqual([], page.said())
            page.close()

    def test_this_machine_alone(self):
        url = self.start("machine", e.rule("CPU is high", "cpu.usage", "avg", value=101,
                                           timeframe="5s"))
        self.engine.wait_ticks(8)
        # All there ever was lies in a part of one step: it is shown, also by an engine that returned.
        self.assert_wide_frames_are_filled(url)
        self.engine.stop()
        url = f"http://127.0.0.1:{self.engine.start().port}"
        self.assert_wide_frames_are_filled(url)
        sights.look(self, self.browser, url, "machine", {
            "monitoring": ("#/?frame=1m", "Reporting"), "host": ("#/hosts/machine", "cpu.usage"),
            "alerting": ("#/alerting", "Nothing"), "rules": ("#/rules", "CPU is high"),
            "rule": ("#/rules/CPU%20is%20high?host=machine", "Hosts in breach"),
            "engine": ("#/engine", "Redis")})


if __name__ == "__main__":
    e.main()
