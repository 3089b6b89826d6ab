"""The dashboard in a browser, with a live engine behind it: every page, what happens shown as it
happens, the engine's restart, tokens, names that are hostile."""

import json
import sys
import os
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import chromium
from chromium import e

ATTACK = "<img src=x onerror=\"window.hit=1\">'\"&amp;{{1}}"
REVERSED = "\u202egnp.exe\u2066\u200f\u2028 ‮"
LONG = "Ω<b>" + "w" * 249  # 255 bytes
NAMES = (ATTACK, REVERSED, LONG)
# Texts, titles and labels that could turn the direction of what stands around them or break its line.
UNSEEN = """[document.title, document.body.innerText, ...[...document.querySelectorAll(
  '[title], [aria-label]')].flatMap((one) => [one.title, one.ariaLabel])].filter((text) =>
  /[\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]/.test(text))"""


class Dashboard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = e.Home(cls.addClassCleanup)
        cls.browser = chromium.Browser(cls.home)
        cls.addClassCleanup(cls.browser.close)
        print(f"Chromium {cls.browser.version}", file=sys.stderr)

    def start(self, rules=(), name=None, **more):
        """An engine of the test's own."""
        name = name or self.id().rsplit(".", 1)[1][5:20]
        args = more.pop("args", ())
        self.engine = e.Engine(self.home, e.config(list(rules), **more), name, args=args).start()
        self.addCleanup(lambda: self.engine.process.poll() is None and self.engine.stop())
        return self.engine

    def open(self, place="", **more):
        page = self.browser.page(f"http://127.0.0.1:{self.engine.port}", **more)
        self.addCleanup(page.close)
        return page.go(place)

    def report(self, value, *hosts, **more):
        body = [{"host": h, "cpu": {"usage": value}, **more} for h in hosts]
        self.assertEqual(202, self.engine.post(body).status)

    def test_every_page_is_reached_and_says_what_is(self):
        self.start([e.rule("hot", value=90), e.rule("calm", "mem.usage", value=99)])
        _, opened = self.engine.wait_incident(
            report={"host": "web-1", "cpu": {"usage": 95}, "mem": {"usage": 40},
                    "labels": {"dc": "eu"}}, ruleName="hot", hostName="web-1")
        page = self.open()
        page.wait_live()
        page.wait_text("CPU and memory", "web-1", "dc:eu")
        self.assertEqual("Monitoring", page.text("h1"))
        page.call("click", "main a:has-text('web-1')")
        page.wait_text("cpu.usage", "mem.usage", "open incident")
        self.assertEqual("web-1", page.text("h1"))
        page.call("click", "nav a:has-text('Alerting')")
        page.wait_text("hot", "web-1")
        page.run(f"location.hash = '#/incidents/{opened['id']}'")
        page.wait_text("hot on web-1", "last value of cpu.usage", opened["id"])
        page.wait("document.querySelector('main svg.plot, main .plot svg') !== null")
        page.call("click", "nav a:has-text('Rules')")
        page.wait_text("hot", "calm")
        page.call("click", "main a:has-text('hot')")
        page.wait_text("Hosts in breach", "90")
        page.call("click", "nav a:has-text('Engine')")
        page.wait_text("Redis", "Engine")
        page.run("location.hash = '#/nowhere'")
        page.wait("document.querySelector('h1').innerText.length > 0")
        self.assertEqual([], page.said())

    def test_an_incident_appears_and_goes_without_reload(self):
        self.start([e.rule("hot", value=90)])
        self.report(10, "web-1")
        pages = [self.open(place) for place in ("", "#/alerting", "#/rules/hot", "#/hosts/web-1")]
        for page in pages:
            page.wait_live()
            page.run("window.here = true")  # what a reload would forget
        self.assertEqual("", pages[1].text("#open-count").strip())
        turn = [0]

        def report_until(value, done):
            def step():
                self.report(value, "web-1")
                turn[0] += 1
                return done()
            e.wait_until(f"the pages show what {value} means", step, every=0.2)
        report_until(95, lambda: all(p.text("#open-count").startswith("1") for p in pages))
        pages[1].wait_text("web-1", where="#open-incidents")
        pages[2].wait("document.querySelector('.figures dd span').innerText === '1'")
        pages[3].wait_text("1 open incident")
        pages[0].wait("document.querySelector('#hosts tbody td[data-tone=bad]') !== null")
        report_until(10, lambda: all(p.run("document.getElementById('open-count').hidden")
                                     for p in pages))
        pages[1].wait("!document.querySelector('#open-incidents').innerText.includes('web-1')")
        pages[1].wait_text("web-1", "hot")  # among the resolved ones
        pages[3].wait("!document.querySelector('main').innerText.includes('1 open incident')")
        for page in pages:
            self.assertTrue(page.run("window.here"))
            self.assertEqual([], page.said())

    def test_the_stream_reconnects_after_a_restart(self):
        port = e.free_port()
        self.start([e.rule("hot", value=90)], args=["--listen", f"127.0.0.1:{port}"])
        page = self.open("#/alerting")
        page.wait_live()
        page.run("window.here = true")
        self.engine.stop()
        page.wait("document.getElementById('stream').dataset.state === 'away'")
        page.wait_text("since", where="#stream-text")
        self.engine.start()
        self.assertEqual(port, self.engine.port)
        page.wait_live()
        self.engine.wait_incident(report={"host": "after-restart", "cpu": {"usage": 99}},
                                  hostName="after-restart")
        page.wait_text("after-restart", where="#open-incidents")
        self.assertTrue(page.run("window.here"))
        self.assertEqual([], page.said(but=chromium.AWAY))

    def test_a_token_is_asked_for_and_kept_for_the_tab_only(self):
        read = self.home.file("read-token", "reader-0123456789abcdef-reader\n")
        write = self.home.file("write-token", "writer-0123456789abcdef-writer\n")
        self.start(args=["--read-token-file", read, "--write-token-file", write])
        page = self.open()
        dialog = "[data-part=token-dialog]"
        for wrong in ("nonsense", "writer-0123456789abcdef-writer"):
            page.call("fill", f"{dialog} input", wrong)
            page.call("click", f"{dialog} button")
            if wrong == "nonsense":
                page.wait_text("refused", where=dialog)
            else:  # a token, but one that may not read
                page.wait_text("may not", where="body")
        page.call("click", "#forget-token")
        page.call("fill", f"{dialog} input", "reader-0123456789abcdef-reader")
        page.call("click", f"{dialog} button")
        page.wait_live()
        page.wait_text("No host has reported yet")
        kept = page.run("({ session: Object.values(sessionStorage), local: localStorage.length, "
                        "cookies: document.cookie, address: location.href })")
        self.assertEqual(["reader-0123456789abcdef-reader"], kept["session"])
        self.assertEqual((0, ""), (kept["local"], kept["cookies"]))
        self.assertNotIn("reader-", kept["address"])
        self.assertEqual([], page.said(but=("status of 401", "status of 403")))
        other = self.open()  # another tab must ask again
        other.wait(f"document.querySelector('{dialog}')?.open")

    def test_hostile_names_are_text_wherever_they_stand(self):
        rules = [e.rule(name, value=50, labels={"sev": name}, annotations={"summary": name})
                 for name in NAMES]
        self.start(rules)
        for name in NAMES:
            self.assertLessEqual(len(name.encode()), 255)
            self.engine.wait_incident(
                report={"host": name, "cpu": {"usage": 99}, "labels": {"dc": name[:60]}},
                ruleName=LONG, hostName=name)
        self.report(99, ".", "..")  # which browsers fold in the path of a question
        incident = self.engine.wait_incident(ruleName=ATTACK, hostName=ATTACK)[1]["id"]
        page = self.open()
        quoted = page.run(f"{json.dumps(NAMES)}.map(encodeURIComponent)")
        places = ["#/", "#/alerting", "#/rules", "#/engine", f"#/incidents/{incident}",
                  "#/nowhere/" + quoted[0], *[f"#/hosts/{q}" for q in quoted],
                  *[f"#/rules/{q}?host={q}" for q in quoted], f"#/?search={quoted[0]}",
                  f"#/alerting?rule={quoted[0]}&host={quoted[0]}", "#/hosts/%3Cscript%3E",
                  "#/hosts/.", "#/hosts/.."]
        for width in (1280, 360):
            page.call("setViewportSize", {"width": width, "height": 800})
            for number, place in enumerate(places):
                page.run(f"location.hash = {json.dumps(place)}")
                page.wait("document.querySelector('h1')?.innerText.length > 0")
                page.wait_live()
                shown = ATTACK if place in places[:3] or quoted[0] in place else None
                if shown and "nowhere" not in place:
                    page.wait_text("onerror=")
                if place.endswith("."):
                    page.wait_text("cpu.usage")
                self.assertLessEqual(page.overflow(), 0, (place, width))
                # Their names and labels are neither elements nor scripts of the page.
                self.assertEqual(0, page.run("document.querySelectorAll('main b, main img, "
                                             "main script, [onerror]').length"), place)
                self.assertEqual("undefined", page.run("typeof window.hit"), place)
                self.assertEqual([], page.run(UNSEEN), place)
                self.assertEqual([], page.said(but=("status of 404",)), place)
                page.picture(f"hostile-{width}-{number:02}")


if __name__ == "__main__":
    e.main()
