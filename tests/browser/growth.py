"""Pages that are left open: thousands of live updates later they are no larger than before."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import chromium
import many_ticks
import reporter
from chromium import e

WARM, ALL = 900, 4500  # ticks: 3,600 after those with which charts and lists are filled
# The page's clock runs sixty times as fast, so that it asks the engine as often as in an hour.
FAST = "{ const now = performance.now.bind(performance); performance.now = () => now() * 60; }"
PLACES = {"Monitoring": "#/?frame=1m", "Alerting": "#/alerting", "Rules": "#/rules",
          "Engine": "#/engine", "a host": "#/hosts/web-00007?frame=1m"}
MORE_BYTES, MORE_NODES = 600_000, 60  # what differs from one moment to another,
ROW_NODES, ROW_BYTES = 30, 6_000  # and for each row that came to a table or list meanwhile:
# incidents open and resolve, and a busy machine's samples come late


class Growth(unittest.TestCase):
    def test_an_hour_of_updates_does_not_make_a_page_larger(self):
        home = e.Home(self.addCleanup)
        engine = e.Engine(home, e.config(reporter.RULES)).start()
        browser = chromium.Browser(home)
        self.addCleanup(browser.close)
        with reporter.Reporter(engine, 100, 0.25):
            between = many_ticks.ManyTicks(engine, 0.011)
            self.addCleanup(between.server_close)
            pages = {name: browser.page(between.url, script=FAST).go(place)
                     for name, place in PLACES.items()}
            for page in pages.values():
                page.wait_live()
            before = self.after(between, pages, WARM)
            asked = between.asked
            after = self.after(between, pages, ALL)
            print(f"{between.asked - asked} questions", file=sys.stderr)
        # Lists ask for several ticks at once where the machine is busy; figures ask only while no
        # ticks come.
        self.assertGreater(between.asked - asked, (ALL - WARM) / 8)
        for name, page in pages.items():
            print(f"{name}: bytes, nodes, listeners, rows {before[name]} → {after[name]}",
                  file=sys.stderr)
            # In such a hurry they may ask more at a time than the engine answers.
            self.assertEqual([], page.said(but=("status of 503",)))
        for name, (size, nodes, listeners, rows) in after.items():
            more_rows = max(0, rows - before[name][3])
            self.assertLess(size - before[name][0], MORE_BYTES + more_rows * ROW_BYTES, name)
            self.assertLess(nodes - before[name][1], MORE_NODES + more_rows * ROW_NODES, name)
            self.assertLess(listeners - before[name][2], MORE_NODES, name)

    def after(self, between, pages, ticks):
        """The sizes of all pages once they have been told of so many ticks."""
        between.allow = ticks
        for page in pages.values():
            e.wait_until("the last tick is shown", lambda: page.text("#open-count").startswith(
                f"{ticks:,}"), timeout=400, every=0.2)
        for page in pages.values():  # and what it asked for has been answered
            page.run("new Promise((drawn) => setTimeout(drawn, 500))")
        return {name: [*page.size(), page.run("document.querySelectorAll('tr, li, dt').length")]
                for name, page in pages.items()}


if __name__ == "__main__":
    e.main()
