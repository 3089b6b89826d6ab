"""The dashboard with 10,000 hosts behind it: how soon it is there, what an update costs, how it
looks. With --write, pictures for the README are taken anew."""

import os
import statistics
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import chromium
import costs
import reporter
import sights
from chromium import e

HOSTS = 10_000
IMAGES = os.path.join(chromium.HERE, "..", "..", "docs", "images")
WRITE = "--write" in sys.argv and not sys.argv.remove("--write")
# When the page had its first rows, by its own clock.
FIRST_ROW = """new MutationObserver((unused, observer) => {
  if (!document.querySelector('#hosts tbody a')) return;
  window.firstRow = performance.now();
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });"""


class Cluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = e.Home(cls.addClassCleanup)
        cls.engine = e.Engine(cls.home, e.config(reporter.RULES, "2s", "500ms")).start()
        cls.reporter = reporter.Reporter(cls.engine, HOSTS, 2)
        cls.enterClassContext(cls.reporter)
        cls.browser = chromium.Browser(cls.home)
        cls.addClassCleanup(cls.browser.close)
        cls.url = f"http://127.0.0.1:{cls.engine.port}"
        cls.engine.wait_incident(ruleName="CPU is high", timeout=90)

    def tearDown(self):
        self.assertEqual([], self.reporter.failed)

    def test_1_is_there_within_a_second(self):
        paints, rows = [], []
        for _ in range(5):
            page = self.browser.page(self.url, script=FIRST_ROW).go()
            page.wait("window.firstRow")
            rows.append(page.run("window.firstRow"))
            paints.append(page.run(
                "performance.getEntriesByName('first-contentful-paint')[0].startTime"))
            self.assertEqual([], page.said())
            page.close()
        say("first paint, ms", paints)
        say("first hosts, ms", rows)
        self.assertLess(statistics.median(paints), 1000)
        self.assertLess(statistics.median(rows), 2000)

    def test_2_a_live_update_costs_little(self):
        places = {"Monitoring": "#/", "100 rows": "#/?limit=100&sort=-max%3Acpu.usage",
                  "Alerting": "#/alerting", "Rules": "#/rules", "Engine": "#/engine",
                  "a host": "#/hosts/web-00007"}
        for name, place in places.items():
            page = self.browser.page(self.url).go(place)
            page.wait_live()
            page.run("new Promise((settled) => setTimeout(settled, 1500))")
            costs.check_ticks(self, page, name, 3, 2)
            page.close()

    def test_3_looks(self):
        opened = self.engine.wait_incident(ruleName="CPU is high", event="opened")[1]
        places = {"monitoring": ("#/?frame=1m&sort=-max%3Acpu.usage", "web-0"),
                  "host": (f"#/hosts/{opened['hostName']}?frame=1m", "cpu.usage"),
                  "alerting": ("#/alerting", "CPU is high"),
                  "incident": (f"#/incidents/{opened['id']}", "Why it opened"),
                  "rules": ("#/rules", "CPU is high"),
                  "rule": (f"#/rules/CPU%20is%20high?host={opened['hostName']}", "Hosts in breach"),
                  "engine": ("#/engine", "Redis")}
        if WRITE:
            self.write(places)
        sights.look(self, self.browser, self.url, "cluster", places)

    def write(self, places):
        os.makedirs(IMAGES, exist_ok=True)
        for name, theme, height in (("monitoring", "light", 860), ("alerting", "dark", 760),
                                    ("incident", "light", 860), ("rules", "light", 480)):
            place, text = places[name]
            page = self.browser.page(self.url, 1280, height, theme).go(place)
            page.wait_text(text)
            page.wait_live()
            page.run("new Promise((drawn) => setTimeout(drawn, 2500))")
            path = os.path.join(IMAGES, f"dashboard-{name}.webp")
            with open(path, "wb") as out:
                out.write(page.webp())
            self.assertLess(os.path.getsize(path), 150_000)
            page.close()


def say(what, values):
    print(f"{what}: median {statistics.median(values):.1f}, "
          f"all {', '.join(f'{v:.1f}' for v in values)}", file=sys.stderr)


if __name__ == "__main__":
    e.main()
