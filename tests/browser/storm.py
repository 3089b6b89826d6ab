"""The list of incidents while thousands are open and fifty a second open and resolve."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import chromium
import costs
from background import Background
from chromium import e

HOSTS, CALM, STEP = 4_000, 500, 25  # for each rule; in each interval so many open, so many resolve

FIRST = "document.querySelector('#open-incidents tbody tr').dataset.key"


class Storm(Background):
    def __init__(self, engine):
        super().__init__()
        self.engine = engine

    def body(self, turn):
        places = [(i + turn * STEP) % HOSTS for i in range(HOSTS)]
        return "\n".join(f'{{"host":"web-{i:05}","cpu.usage":{95 if at >= CALM else 20},'
                         f'"mem.usage":{95 if at < HOSTS - CALM else 20}}}'
                         for i, at in enumerate(places))

    def _run(self):
        turn = 0
        while not self.end.is_set():
            self.engine.post(self.body(turn), timeout=30)
            turn += 1
            now = e.now_ms() / 1000
            self.end.wait((now // 2 + 1.3) * 2 - now)


class InAStorm(unittest.TestCase):
    def test_the_list_costs_little_and_follows(self):
        home = e.Home(self.addCleanup)
        rules = [e.rule("hot", value=90, timeframe="4s", labels={"severity": "page"}),
                 e.rule("full", "mem.usage", value=90, timeframe="4s")]
        engine = e.Engine(home, e.config(rules, "2s", "500ms")).start()
        self.enterContext(Storm(engine))
        browser = chromium.Browser(home)
        self.addCleanup(browser.close)
        page = browser.page(f"http://127.0.0.1:{engine.port}").go("#/alerting")
        page.wait_live()
        page.wait("document.getElementById('open-count').innerText.startsWith('7,0')")
        page.run("new Promise((settled) => setTimeout(settled, 3000))")
        first = page.run(FIRST)
        costs.check_ticks(self, page, "Alerting in a storm", 5, 2)
        self.assertNotEqual(first, page.run(FIRST))
        self.assertEqual([50, 50], page.run("['open', 'resolved'].map((list) => new Set([...document"
                         ".querySelectorAll(`#${list}-incidents tbody tr`)].map((row) => "
                         "row.dataset.key)).size)"))
        self.assert_rows_agree(page, engine)
        self.assertEqual([], page.said())

    def assert_rows_agree(self, page, engine):
        """Rows that were another incident's before say all of the one that they are now."""
        rows = page.run("""[...document.querySelectorAll('#open-incidents tbody tr')].map((row) =>
          [row.dataset.key, row.querySelector('.name').hash, row.querySelector('.name bdi')
            .textContent, row.cells[1].textContent, row.querySelector('.narrow-only').textContent,
            row.querySelector('time').dateTime, row.querySelectorAll('.chip').length])""")
        for key, hash_, rule, host, below, start, chips in rows:
            said = engine.get("/api/v1/incidents/" + key).json
            self.assertEqual((f"#/incidents/{key}", said["ruleName"], said["hostName"],
                              said["hostName"], said["startTime"], len(said.get("labels", {}))),
                             (hash_, rule, host, below, start, chips))


if __name__ == "__main__":
    e.main()
