"""The dashboard of what is there: charts, columns and figures of fields that hosts report and of no
others; what the reader chooses is in the address; the worst hosts come first; search by words."""

import json
import os
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import chromium
import sights
from background import Background
from chromium import e

ATTACK = "<img src=x onerror=window.hit=1>"
CHARTS = "[...document.querySelectorAll('#charts .chart')].map((one) => one.dataset.chart)"
COLUMNS = "[...document.querySelectorAll('#hosts thead th')].map((th) => th.dataset.column)"
ROWS = "[...document.querySelectorAll('#hosts tbody tr')].map((row) => row.dataset.key)"
# What of Botpress a plain machine must not show.
FOREIGN = "/requests|events|warnings|errors|criticals/i.test(document.querySelector('main').innerText)"
# Layout that moves by itself, from the first paint on.
SHIFTS = """window.shifts = []; new PerformanceObserver((list) => { for (const one of list.getEntries())
  if (!one.hadRecentInput) shifts.push([one.value, ...one.sources.map(({ node }) =>
    node?.nodeType === 1 ? node.outerHTML.slice(0, 80) : String(node?.textContent).slice(0, 80))]);
}).observe({ type: 'layout-shift', buffered: true });"""


class Machines(Background):
    """Five of them with an agent's fields and nothing else; `hot` one has its first disk full."""

    def __init__(self, engine):
        super().__init__()
        self.engine, self.more, self.turned = engine, {}, False

    def _run(self):
        while not self.end.wait(0.3):
            self.engine.post([{
                "host": f"box-{i}", "cpu.usage": 10 + i, "mem.usage": 40, "mem.free": 2_000_000 - i,
                "uptime": 5_000 + i, "disk.usage./": 96 if i == 3 else 50, "disk.usage./var-log": 12.34 + i,
                "net.receive.eth-0": 1_000 * i, f"{ATTACK}": i, "load.core": 0.5,
                "turn": -i if self.turned else i,
                "labels": {"dc": ("eu-1", "us-1")[i % 2], **({f"l{n}": f"v{n}" for n in range(6)}
                                                             if i == 2 else {})}, **self.more}
                for i in range(5)])


class Fields(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = e.Home(cls.addClassCleanup)
        rules = [e.rule("disk is full", "disk.usage./", value=90),
                 e.rule("never", "load.core", value=99)]
        cls.engine = e.Engine(cls.home, e.config(rules, "500ms", "250ms")).start()
        cls.machines = cls.enterClassContext(Machines(cls.engine))
        cls.browser = chromium.Browser(cls.home)
        cls.addClassCleanup(cls.browser.close)
        cls.url = f"http://127.0.0.1:{cls.engine.port}"
        cls.engine.wait_incident(ruleName="disk is full", event="opened", timeout=60)
        cls.engine.wait_ticks(4)

    def open(self, place="#/", **more):
        page = self.browser.page(self.url, **more).go(place)
        self.addCleanup(page.close)
        page.wait_live()
        page.wait("document.querySelector('#hosts tbody a') || "
                  "document.querySelector('#fields .chart')")
        return page

    def query(self, page, name):
        hash_ = page.run("location.hash")
        return urllib.parse.parse_qs(hash_.partition("?")[2]).get(name)

    def choose(self, page, chooser, field, search=None):
        """Presses the box of a field in a chooser, which is opened if need be."""
        root = f".chooser:has([data-control={chooser}])"
        if page.run(f"document.querySelector('{root} .popup').hidden"):
            page.call("click", f"[data-control={chooser}]")
        page.call("fill", f"{root} input[type=search]", search or field)
        page.call("click", f"{root} li:has(bdi:text-is({json.dumps(field)})) input")

    def test_what_no_host_reports_is_not_there(self):
        page = self.open()
        page.wait(f"{CHARTS}.length === 3")
        self.assertEqual("CPU and memory", page.run(CHARTS)[0])
        # Of most hosts all alike: what rules look at, of each family one.
        self.assertEqual(["disk.usage./", "load.core"], page.run(CHARTS)[1:])
        page.wait(f"{COLUMNS}.includes('labels')")
        self.assertEqual(["host", "lastSample", "open", "last:uptime", "max:cpu.usage",
                          "max:mem.usage", "max:disk.usage./", "max:load.core"],
                         page.run(COLUMNS)[:8])
        self.assertFalse(page.run(FOREIGN), page.text())
        page.wait("[...document.querySelectorAll('#charts .plot')].every((plot) => "
                  "!plot.dataset.note)")  # none is empty
        self.assertEqual([], page.run("""[...document.querySelectorAll('#hosts tbody td')]
          .filter((cell) => cell.matches('.number') && cell.cellIndex > 2 && cell.innerText === '–')
          .map((cell) => cell.cellIndex)"""))
        host = self.open("#/hosts/box-3")
        host.wait_text("disk.usage./var-log", "disk is full")
        self.assertFalse(host.run(FOREIGN), host.text())
        for one in page, host:
            self.assertEqual([], one.said())

    def test_what_is_reported_for_the_first_time_comes_by_itself(self):
        page = self.open()
        page.run("window.here = true")
        self.machines.more = {"late.field": 7}
        self.addCleanup(self.machines.more.clear)
        page.call("click", "[data-control=columns]")
        e.wait_until("the chooser knows it", lambda: (
            page.run("document.querySelector('[data-control=columns]').click()"),
            page.run("document.querySelector('[data-control=columns]').click()"),
            "late.field" in page.text(".chooser:has([data-control=columns]) ul"))[-1],
            timeout=40, every=0.5)
        self.assertTrue(page.run("window.here"))

    def test_charts_are_chosen_and_kept_in_the_address(self):
        page = self.open()
        self.choose(page, "charts", "disk.usage./var-log")
        self.assertIn("disk.usage./var-log", self.query(page, "chart"))
        for unwanted in ("cpu.usage", "mem.usage", "load.core", "disk.usage./"):
            self.choose(page, "charts", unwanted)
        self.choose(page, "charts", ATTACK)
        self.choose(page, "charts", "net.receive.eth-0")
        wanted = ["disk.usage./var-log", ATTACK, "net.receive.eth-0"]
        self.assertEqual(wanted, self.query(page, "chart"))
        page.wait(f"JSON.stringify({CHARTS}) === {json.dumps(json.dumps(wanted, separators=(',', ':')))}")
        page.wait_text("14.3 %", where="#charts")  # the average of the five
        other = self.open(page.run("location.hash"))  # somebody it was sent to
        other.wait(f"{CHARTS}.length === 3")
        other.wait_text("14.3 %", where="#charts")
        self.assertEqual(wanted, other.run(CHARTS))
        other.call("click", "[data-control=charts]")
        other.call("click", ".chooser:has([data-control=charts]) button:text-is('Automatic')")
        other.wait(f"{CHARTS}[0] === 'CPU and memory'")
        self.assertIsNone(self.query(other, "chart"))
        self.assertEqual("undefined", page.run("typeof window.hit"))
        for one in page, other:
            self.assertEqual([], one.said())

    def test_columns_are_chosen_sorted_by_and_kept_in_the_address(self):
        page = self.open("#/?column=max%3Adisk.usage.%2Fvar-log&column=nonsense")
        page.wait("document.querySelector('[data-column=\"max:disk.usage./var-log\"]')")
        self.choose(page, "columns", "net.receive.eth-0")
        self.assertEqual(["max:disk.usage./var-log", "max:net.receive.eth-0"],
                         self.query(page, "column"))
        way = ".chooser li:has(bdi:text-is('net.receive.eth-0')) select"
        page.call("selectOption", way, "min")
        page.call("click", ".chooser:has([data-control=columns]) button:text-is('Close')")
        page.wait("document.activeElement.dataset.control === 'columns'")
        page.call("click", "[data-column='min:net.receive.eth-0'] button")
        page.wait(f"{ROWS}.join(' ') === 'box-4 box-3 box-2 box-1 box-0'")
        page.call("click", "[data-column='min:net.receive.eth-0'] button")
        page.wait(f"{ROWS}.join(' ') === 'box-0 box-1 box-2 box-3 box-4'")
        self.assertEqual(["min:net.receive.eth-0"], self.query(page, "sort"))
        again = self.open(page.run("location.hash"))
        again.wait(f"{ROWS}.join(' ') === 'box-0 box-1 box-2 box-3 box-4'")
        self.assertEqual("ascending", again.run(
            "document.querySelector('[data-column=\"min:net.receive.eth-0\"]').ariaSort"))
        for one in page, again:
            self.assertEqual([], one.said())

    def test_fields_are_chosen_by_keys(self):
        page = self.open()
        page.wait(f"{CHARTS}.length === 3")
        page.call("focus", "[data-control=charts]")
        for key in ("Enter", "Tab", "Space"):  # opens, leaves the search, takes the first field away
            page.call("press", ":focus", key)
        page.wait(f"{CHARTS}[0] === 'Memory'")
        self.assertNotIn("cpu.usage", self.query(page, "chart"))
        page.call("press", ":focus", "Escape")
        self.assertEqual(["charts", "false"], page.run(
            "[document.activeElement.dataset.control, document.activeElement.ariaExpanded]"))
        self.assertEqual([], page.said())

    def test_the_worst_come_first_and_old_addresses_mean_what_they_did(self):
        order = "box-3 box-4 box-2 box-1 box-0"  # one has an incident; the others by their peak of CPU
        page = self.open()
        page.wait(f"{ROWS}.join(' ') === '{order}'")
        for place, rows in {"#/?sort=host": "box-0 box-1 box-2 box-3 box-4",
                            "#/?sort=-host": "box-4 box-3 box-2 box-1 box-0",
                            "#/?sort=-sum%3Aerrors.count": order,  # nobody reports it
                            "#/?sort=-last%3Amem.free": "box-0 box-1 box-2 box-3 box-4",
                            "#/?search=BOX-3": "box-3", "#/?label=dc%3Aus-1&sort=host": "box-1 box-3",
                            "#/?state=reporting&limit=25&sort=host&frame=1h":
                            "box-0 box-1 box-2 box-3 box-4"}.items():
            page.go("#/nowhere").go(place)
            page.wait(f"{ROWS}.join(' ') === '{rows}'")
            self.assertEqual([], page.said(), place)

    def test_rows_stay_while_the_reader_is_at_them(self):
        page = self.open("#/?column=last:turn&sort=-last:turn")
        page.wait(f"{ROWS}.join(' ') === 'box-4 box-3 box-2 box-1 box-0'")
        page.run("document.querySelectorAll('#hosts tbody a')[2].focus()")
        self.machines.turned = True
        page.wait_text("−4", where="#hosts tbody tr:first-child")
        self.assertEqual("box-4 box-3 box-2 box-1 box-0", page.run(f"{ROWS}.join(' ')"))
        self.assertEqual("#/hosts/box-2", page.run("document.activeElement.hash"))
        page.run("document.activeElement.blur()")
        page.wait(f"{ROWS}.join(' ') === 'box-0 box-1 box-2 box-3 box-4'")

    def test_search_takes_words_labels_and_stars(self):
        page = self.open("#/?sort=host")
        for text, rows in {"box us": "box-1 box-3", "dc:eu-1": "box-0 box-2 box-4", "*-3": "box-3",
                           "dc:us* 3": "box-3", "l4:": "box-2", "dc:eu": ""}.items():
            page.call("fill", "[data-control=search]", text)
            page.wait(f"{ROWS}.filter(Boolean).join(' ') === '{rows}'")
            e.wait_until(f"{text} is in the address", lambda: [text] == self.query(page, "search"))
        page.wait_text("No host is like that.")
        page.wait("getComputedStyle(document.querySelector('.hint')).display === 'block'")
        self.assertIn("label:value", page.text(".hint"))
        self.assertEqual([], page.said())

    def test_labels_that_do_not_fit_are_counted_and_shown(self):
        page = self.open("#/?search=box-2")
        page.wait("document.querySelector('.more-labels')")
        self.assertEqual("+4", page.text(".more-labels"))
        name = page.run("document.querySelector('.more-labels').getAttribute('aria-label')")
        self.assertTrue(name.startswith("4 more labels: ") and "l5:v5" in name, name)
        for do, undo in (("hover", "document.querySelector('h1')"), ("focus", None)):
            page.call(do, ".more-labels")
            page.wait("document.querySelector('.tip:popover-open')?.innerText.includes('l5:v5')")
            if undo:
                page.call("hover", "h1")
            else:
                page.cdp("Input.dispatchKeyEvent", type="keyDown", key="Escape", code="Escape",
                         windowsVirtualKeyCode=27)
            page.wait("!document.querySelector('.tip:popover-open')")
        self.assertEqual([], page.said())

    def test_nothing_moves_while_the_page_comes(self):
        for width in (1280, 390):
            page = self.open(width=width, script=SHIFTS)
            page.wait(f"{CHARTS}.length === 3")
            page.run("new Promise((settled) => setTimeout(settled, 2500))")
            shifts = page.run("shifts")
            self.assertLess(sum(value for value, *_ in shifts), 0.02, shifts)

    def test_looks(self):
        sights.look(self, self.browser, self.url, "fields", {
            "monitoring": ("#/", "box-3"), "host": ("#/hosts/box-3", "disk.usage./"),
            "chosen": ("#/?chart=disk.usage./var-log&chart=net.receive.eth-0&"
                       "column=max:disk.usage./var-log", "box-3")},
            screens=[(1280, "light"), (390, "dark"), (1280, "dark"), (390, "light")])
        for width, theme in ((1280, "light"), (390, "dark"), (360, "light")):
            for chooser in ("charts", "columns"):
                page = self.open(width=width, height=740, theme=theme)
                page.call("click", f"[data-control={chooser}]")
                page.wait(f"document.querySelector('.chooser li')")
                page.picture(f"fields-choose-{chooser}-{width}-{theme}")
                self.assertEqual([], page.call("judge"))
                self.assertLessEqual(page.overflow(), 0, (chooser, width))
                left, right = page.run("""(() => { const { left, right } = document.querySelector(
                  '.chooser .popup:not([hidden])').getBoundingClientRect(); return [left, right]; })()""")
                self.assertTrue(left >= 0 and right <= width, (chooser, width, left, right))
                self.assertEqual([], page.said())


if __name__ == "__main__":
    e.main()
