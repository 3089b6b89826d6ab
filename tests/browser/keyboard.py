"""The dashboard without a mouse: whatever Tab goes to can be seen, the focus stays where it is while
the page changes, and what is read aloud is news."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import chromium
import reporter
from chromium import e

CODES = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowDown": 40}
# What is wrong with where the focus is; '': nothing. null: it has left the page.
SEEN = """(() => {
  const here = document.activeElement;
  if (here === document.body) return null;
  const shown = here.matches('.choice input') ? here.nextElementSibling : here;
  const { top, bottom, left, right } = shown.getBoundingClientRect();
  const header = document.querySelector('header');
  const from = header.contains(here) || here.matches('.skip') ? 0 :
    header.getBoundingClientRect().bottom;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  const wrong = [outlineStyle === 'none' || !parseFloat(outlineWidth) ? 'no outline' : '',
    bottom <= from || (top < from - 1 && bottom - top < 300) ? 'below the header' : '',
    top >= innerHeight || right <= 0 || left >= innerWidth ? 'out of sight' : ''].join('');
  return wrong && `${here.outerHTML.slice(0, 120)}: ${wrong}`;
})()"""


class Keyboard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = e.Home(cls.addClassCleanup)
        cls.engine = e.Engine(cls.home, e.config(reporter.RULES, "500ms")).start()
        cls.enterClassContext(reporter.Reporter(cls.engine, 100, 0.5))
        cls.browser = chromium.Browser(cls.home)
        cls.addClassCleanup(cls.browser.close)
        cls.url = f"http://127.0.0.1:{cls.engine.port}"
        cls.opened = cls.engine.wait_incident(ruleName="CPU is high", event="opened", timeout=60)[1]

    def open(self, place, **more):
        page = self.browser.page(self.url, **more).go(place)
        self.addCleanup(page.close)
        page.wait_live()
        page.wait("!document.querySelector('main .loading')")
        return page

    def press(self, page, key):
        for kind in ("keyDown", "keyUp"):
            page.cdp("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                     windowsVirtualKeyCode=CODES[key], **({"text": "\r"} if key == "Enter" else {}))

    def test_what_tab_goes_to_is_seen(self):
        host = self.opened["hostName"]
        for width in (1280, 360):
            for place in ("#/", f"#/hosts/{host}", "#/alerting", f"#/incidents/{self.opened['id']}",
                          "#/rules", f"#/rules/CPU%20is%20high?host={host}", "#/engine", "#/none"):
                page = self.open(place, width=width, height=600)
                page.run("new Promise((settled) => setTimeout(settled, 600))")
                for n in range(40):
                    self.press(page, "Tab")
                    wrong = page.run(SEEN)
                    if wrong is None:
                        break
                    self.assertEqual("", wrong, (place, width, n))
                self.assertGreater(n, 4, place)
                page.close()

    def test_the_focus_stays_while_the_page_changes(self):
        host = self.opened["hostName"]
        for place, what in (("#/?sort=-last%3Auptime", "#hosts tbody a"),
                            (f"#/hosts/{host}", ".chip, .lines a"),
                            ("#/rules", "#rules tbody a"), ("#/engine", "#facts a"),
                            ("#/rules/Reports%20no%20more?host=db-00", ".next a")):
            page = self.open(place)
            page.wait(f"document.querySelector('{what}')")
            page.run(f"document.querySelector('{what}').focus()")
            where = page.run("document.activeElement.href")
            page.run("new Promise((ticks) => setTimeout(ticks, 3000))")
            self.assertEqual(where, page.run("document.activeElement.href"), place)

    def test_a_button_that_can_do_no_more_keeps_the_focus(self):
        page = self.open("#/?limit=25")
        page.run("document.querySelector('[data-control=next]').focus()")
        for shown in ("26–50", "51–75", "76–100"):
            self.press(page, "Enter")
            page.wait_text(f"{shown} of 100", where=".pager")
        self.press(page, "Enter")
        page.run("new Promise((tick) => setTimeout(tick, 1200))")
        page.wait_text("76–100 of 100", where=".pager")
        self.assertEqual(["next", "true"], page.run(
            "[document.activeElement.dataset.control, document.activeElement.ariaDisabled]"))

    def test_what_is_gone_hands_the_focus_on(self):
        page = self.open("#/?label=dc%3Aeu-1&label=role%3Aweb")
        focused = "document.activeElement.getAttribute('aria-label')"
        page.run("document.querySelector('.chips button').focus()")
        self.press(page, "Enter")
        self.assertEqual("Remove the filter role:web", page.run(focused))
        self.press(page, "Enter")
        self.assertEqual("Search hosts", page.run(focused))

    def test_charts_that_are_asked_for_have_the_focus_where_no_more_can_be(self):
        fields = {f"f{i:02}": i for i in range(50)}
        self.assertEqual(202, self.engine.post([{"host": "wide", **fields}]).status)
        page = self.open("#/hosts/wide")
        for shown, more in ((24, "Show 12 more"), (36, "Show 12 more"), (48, None)):
            page.run("document.querySelector('.more button').focus()")
            self.press(page, "Enter")
            page.wait(f"document.querySelectorAll('#fields .chart').length === {shown}")
            if more:
                self.assertEqual(more, page.run("document.activeElement.innerText"))
        self.assertTrue(page.run("document.activeElement === document.querySelectorAll("
                                 "'#fields .plot')[36]"))
        self.assertEqual("2 more fields: search for them", page.text(".more"))

    def test_a_rule_is_picked_by_keys(self):
        page = self.open("#/alerting")
        page.run("document.querySelector('[data-control=rule]').focus()")
        self.press(page, "ArrowDown")
        page.wait("document.querySelectorAll('[role=option]').length > 1")
        self.press(page, "Escape")
        page.wait("document.querySelector('.popup').hidden")
        self.press(page, "ArrowDown")
        page.wait("!document.querySelector('.popup').hidden")
        self.press(page, "ArrowDown")
        self.press(page, "Enter")
        page.wait("location.hash.includes('rule=')")
        self.assertEqual("rule", page.run("document.activeElement.dataset.control"))
        page.run("document.querySelector('[data-control=clear]').focus()")
        self.press(page, "Enter")
        page.wait("!location.hash.includes('rule=')")
        self.assertEqual("rule", page.run("document.activeElement.dataset.control"))

    def test_what_is_read_aloud_is_news(self):
        page = self.open(f"#/incidents/{self.opened['id']}")
        page.run("""window.heard = []; for (const place of document.querySelectorAll(
          '[role=status], [role=alert], [aria-live]')) new MutationObserver(() =>
          heard.push(place.innerText)).observe(place, { childList: true, characterData: true,
          subtree: true })""")
        page.run("new Promise((ticks) => setTimeout(ticks, 8000))")
        heard = page.run("heard")  # of sixteen ticks
        self.assertLessEqual(len(heard), 3, heard)
        page.wait("document.getElementById('announcer').innerText.length > 0")


if __name__ == "__main__":
    e.main()
