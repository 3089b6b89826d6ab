"""The dashboard while answers are late, refused, made up or missing: what is not known is never shown
as if nothing were there, and counts are the engine's."""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import chromium
import between
import load
from background import Background
from chromium import e

HOSTS = 3_000
DELAY = 2
# What was to be read on the page at any moment: asked after each change of it.
WATCH = """window.read = []; new MutationObserver(() => {
  const now = document.querySelector('main')?.innerText ?? '';
  if (now !== read.at(-1)) read.push(now);
}).observe(document, { childList: true, subtree: true, characterData: true, attributes: true });"""
NONE = re.compile(r"Nothing|calm|No (?:host|rule|value|such|field)|None is", re.I)
STALE = "document.querySelector('main [data-state=stale]')"


class Reports(Background):
    """A host that reports until it is told not to."""

    def __init__(self, engine):
        super().__init__()
        self.engine, self.silent = engine, False

    def _run(self):
        while not self.end.wait(0.2):
            if not self.silent:
                self.engine.post({"host": "web-1", "cpu": {"usage": 50}, "mem": {"usage": 40,
                                  "free": 2_000_000}, "requests": {"count": 3},
                                  "eventsIn": {"count": 3}, "eventsOut": {"count": 3}})


class OfMany(unittest.TestCase):
    """6,000 incidents are open."""

    @classmethod
    def setUpClass(cls):
        cls.home = e.Home(cls.addClassCleanup)
        rules = [e.rule("hot", value=90, timeframe="2s"),
                 e.rule("full", "mem.usage", value=90, timeframe="2s")]
        cls.engine = e.Engine(cls.home, e.config(rules, "1s", "500ms")).start()
        body = "\n".join(f'{{"host":"web-{i:05}","cpu.usage":95,"mem.usage":95}}'
                         for i in range(HOSTS))
        e.wait_until("all are open", lambda: cls.engine.post(body, timeout=30) and cls.engine.get(
            "/api/v1/engine").json["incidents"]["open"] == 2 * HOSTS, timeout=60, every=0.5)
        cls.between = between.Between(cls.engine)
        cls.addClassCleanup(cls.between.server_close)
        cls.browser = chromium.Browser(cls.home)
        cls.addClassCleanup(cls.browser.close)
        cls.incident = cls.engine.get("/api/v1/incidents?limit=1").json["incidents"][0]["id"]

    def setUp(self):
        b = self.between
        b.delay, b.refused, b.told, b.away = 0, None, {}, False

    def open(self, *places, **more):
        pages = []
        for place in places:
            pages.append(self.browser.page(self.between.url, script=WATCH, **more))
            self.addCleanup(pages[-1].close)
            pages[-1].go(place)
        return pages

    def all_places(self):
        return {"#/": "web-00000", "#/hosts/web-00007": "2 open incidents",
                "#/alerting?state=open": "on 3,000 hosts", f"#/incidents/{self.incident}": "Why it",
                "#/rules": "hot", "#/rules/hot?host=web-00001": "3,000", "#/engine": "Redis"}

    def test_late_answers_are_loading_and_nothing_else(self):
        self.between.delay = DELAY
        places = self.all_places()
        for page, (place, text) in zip(self.open(*places), places.items()):
            page.wait_text(text)
            page.wait("!document.querySelector('main .loading')")
            read = page.run("read")
            self.assertTrue(any("Loading…" in now for now in read), (place, read))
            for now in read:
                if text not in now:
                    said = re.sub("The log begins at .*", "", now)  # that is an answer
                    self.assertEqual([], NONE.findall(said), (place, now))
            self.assertEqual([], page.said(), place)

    def test_what_is_refused_says_why_and_comes_by_itself(self):
        self.between.refused = (503, "starting")
        places = self.all_places()
        pages = self.open(*places)
        for page in pages:
            page.wait_live()
            page.wait_text("The engine is starting")
            self.assertEqual([], NONE.findall(page.text()), page.text())
        self.between.refused = None
        for page, text in zip(pages, places.values()):
            page.wait_text(text)
            page.wait("!document.querySelector('main .failure')")
            self.assertEqual([], page.said(but=("status of 503",)), text)

    def test_another_question_is_not_answered_by_the_last_ones_rows(self):
        page, = self.open("#/alerting?state=open&rule=nobody")
        page.wait_text("Nothing like that is open.")
        self.between.delay = DELAY
        page.run("read.length = 0")
        page.call("click", "[data-control=clear]")
        page.wait("document.querySelector('main .loading')")
        page.wait_text("on 3,000 hosts")
        self.assertEqual([], [now for now in page.run("read") if "All is calm" in now
                              or "Nothing is open" in now])

    def test_a_stream_that_breaks_off_makes_lists_old(self):
        page, empty = self.open("#/alerting?state=open", "#/alerting?state=open&rule=nobody")
        page.wait_text("on 3,000 hosts")
        empty.wait_text("Nothing like that is open.")
        self.between.away = True
        for one in page, empty:
            one.wait(STALE)
        empty.wait_text("Nothing like that was open at ")
        self.between.away = False
        for one in page, empty:
            one.run("document.getElementById('stream').click()")
            one.wait_live()
            one.wait(f"!{STALE}")
        empty.wait_text("Nothing like that is open.")
        self.assertEqual([], page.said(but=chromium.AWAY))

    def test_counts_are_the_engines_and_what_is_not_listed_is_marked(self):
        page, = self.open("#/alerting?state=open")
        page.wait_text("6,000, on 3,000 hosts, by 2 rules. The newest 5,000 are listed")
        self.assertEqual(["full3,000", "hot3,000"], sorted(page.run(
            "[...document.querySelectorAll('.by-rule .chip')].map((chip) => chip.textContent)")))
        foot = "document.querySelector('#open-incidents tfoot').innerText"
        self.assertEqual("", page.run(foot))
        page.run("for (let i = 0; i < 99; ++i) document.querySelector('[data-control=next]').click()")
        page.wait_text("4,951–5,000 of 5,000")
        page.wait(f"{foot}.includes('1,000 older ones are open, too')")
        of_rule, = self.open("#/alerting?state=open&rule=hot")
        of_rule.wait_text("3,000, on 3,000 hosts, by 1 rule")
        self.assertNotIn("listed", of_rule.text())


def made_up_series(query):
    """Five hours of 300 s each; the last is 20 s old."""
    step, end = 300_000, e.now_ms() // 300_000 * 300_000 + 20_000
    time = [end - 20_000 + i * step for i in range(-12, 1)]
    some = lambda value, last: [value] * 12 + [last]
    return {"host": None, "from": time[0], "to": time[-1] + step, "step": step,
            "interval": 10_000, "time": time, "blind": [], "complete": False,
            "begins": time[0] + 130_000, "whyIncomplete": "beginning", "source": "windows",
            "asOf": load.iso(end), "series": [
                {"field": f, "avg": some(11, 12), "min": some(1, 1), "max": some(99, 99),
                 "sum": some(2700, 200), "count": some(27, 2)} for f in query["fields"].split(",")]}


class OfOne(unittest.TestCase):
    """One host, of which nothing is wrong."""

    @classmethod
    def setUpClass(cls):
        cls.home = e.Home(cls.addClassCleanup)
        rules = [e.rule("hot", value=90, timeframe="2s"),
                 e.rule("mem is short", "mem.free", operand="equalOrLessThan", value=1_500_000),
                 e.rule("gone", "once", "avg", value=99, timeframe="2s")]
        cls.engine = e.Engine(cls.home, e.config(rules, "500ms", "250ms")).start()
        cls.reports = cls.enterClassContext(Reports(cls.engine))
        cls.between = between.Between(cls.engine)
        cls.addClassCleanup(cls.between.server_close)
        cls.browser = chromium.Browser(cls.home)
        cls.addClassCleanup(cls.browser.close)
        cls.engine.wait_ticks(4)

    def open(self, place):
        page = self.browser.page(self.between.url).go(place)
        self.addCleanup(page.close)
        page.wait_live()
        return page

    def figure(self, page, name, wanted):
        page.wait(f"document.querySelector('[data-figure={name}]').innerText === '{wanted}'")

    def test_1_the_step_under_way_is_not_drawn_and_no_figure_is_made_of_it(self):
        # Figures of the newest tick ask by ticks, if they hear none in time: they get none. What is
        # made up ends up to five minutes ahead, and ticks behind it would not be newer.
        def told(query):
            of_ticks = int(query.get("step", 10_000)) < 10_000
            return made_up_series(query) | ({"time": [], "series": []} if of_ticks else {})
        self.between.told = {"/api/v1/series": told}
        self.addCleanup(self.between.told.clear)
        page = self.open("#/?frame=1h")
        chart = "figure[data-chart=\"Requests and events\"]"
        page.wait_text("per 5 min, up to", where=chart)
        page.run(f"document.querySelector('{chart} details').open = true")
        page.wait(f"document.querySelector('{chart} tbody tr')")
        self.assertEqual([["2,700"] * 3] * 12, page.run(f"""[...document.querySelectorAll(
          '{chart} tbody tr')].map((row) => [...row.querySelectorAll('td')].map((td) =>
          td.textContent))"""))
        page.wait(f"""[...document.querySelectorAll('{chart} .legend .value')].map(
          (value) => value.textContent).join(' ') === '2,700 2,700 2,700'""")
        self.figure(page, "cpu", "50 %")  # of the newest tick, whatever charts show
        self.figure(page, "memory", "40 %")
        begins = made_up_series({"fields": "x"})["begins"] // 1000 % 86_400
        # With a date in front of it where that was yesterday.
        page.wait(f"/The log begins at (.* )?{begins // 3600:02}:{begins // 60 % 60:02}:"
                  f"{begins % 60:02}: there is nothing from before\\./"
                  ".test(document.querySelector('main')?.innerText)")

    def test_2_how_many_are_silent_does_not_depend_on_filters(self):
        for place in ("#/", "#/?search=nobody", "#/?state=silent"):
            self.figure(self.open(place), "silent", "0")

    def test_3_thresholds_have_the_unit_of_the_chart(self):
        page = self.open("#/hosts/web-1")
        page.wait_text("mem is short: last value of mem.free over 500 ms is 1.43 GiB or less")
        self.assertNotIn("1500000", page.text())

    def test_4_a_check_without_a_value_is_not_drawn_at_nought(self):
        self.assertEqual(202, self.engine.post({"host": "once", "once": 9}).status)
        self.engine.wait_ticks(8)
        page = self.open("#/rules/gone?host=once")
        checks = "[data-chart*='check by check'] .plot svg"
        page.wait(f"document.querySelector(\"{checks} path.cross\")")
        nought, crosses = page.run(f"""(() => {{
          const [drawing] = document.querySelectorAll("{checks}");
          const lines = [...drawing.querySelectorAll('line.grid')].map((l) => Number(l.getAttribute('y1')));
          return [Math.max(...lines), [...drawing.querySelectorAll('path.cross')].map((cross) =>
            Number(cross.getAttribute('d').split(/[ l]/)[1]) + 3)]; }})()""")
        for y in crosses:
            self.assertGreater(abs(y - nought), 4)

    def test_5_calm_is_said_only_while_hosts_report(self):
        page = self.open("#/alerting")
        page.wait_text("Nothing is open. All is calm.")
        self.reports.silent = True
        e.wait_until("the host is silent", lambda: self.engine.get(
            "/api/v1/hosts?state=silent&search=web-1").json["matched"] == 1)
        page = self.open("#/alerting")
        page.wait_text("Nothing is open, but no host reports: all 2 hosts are silent.")


if __name__ == "__main__":
    e.main()
