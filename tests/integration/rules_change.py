"""Another configuration at a restart: incidents of rules that are gone are resolved, what is open
stays, another interval or grace is taken up."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e

HOT = e.rule("hot", "x", "last", timeframe="500ms")
WARM = e.rule("warm", "x", "last", value=20, timeframe="500ms")
HIGH, LOW = {"host": "a", "x": 99}, {"host": "a", "x": 5}


def config(rules, **more):
    return e.config(rules, takeover="1s", **more)


class Change(unittest.TestCase):
    def setUp(self):
        self.g = e.Engine(e.Home(self.addCleanup), config([HOT, WARM])).start()
        self.g.wait_incident(report=HIGH, ruleName="hot", event="opened")
        self.g.wait_incident(ruleName="warm", event="opened")

    def restart(self, settings, kill=False):
        self.g.kill() if kill else self.g.stop()
        self.g.configure(settings)
        self.g.start()

    def events(self):
        return [(f["event"], f["ruleName"], f.get("reason")) for _, f in self.g.incidents()]

    def open_incidents(self):
        with self.g.redis() as r:
            return len(r.hash("tocsin:{0}:open"))

    def last_row(self):
        with self.g.redis() as r:
            return int(r.stream("tocsin:{0}:ticks")[-1][0].split("-")[0])

    def test_a_removed_rule_is_resolved_at_the_first_seal(self):
        self.restart(config([WARM]))
        entry_id, event = self.g.wait_incident(ruleName="hot", event="resolved")
        self.assertEqual(("rule-removed", "99"), (event["reason"], event["triggerValue"]))
        self.g.wait_ticks(3)
        self.assertEqual([("opened", "hot", None), ("opened", "warm", None),
                          ("resolved", "hot", "rule-removed")], self.events())
        self.assertEqual(1, self.open_incidents())
        # The same after a crash.
        self.restart(config([HOT]), kill=True)
        entry_id, event = self.g.wait_incident(ruleName="warm", event="resolved")
        self.assertEqual("rule-removed", event["reason"])
        with self.g.redis() as r:
            rows = r.stream("tocsin:{0}:ticks")
        first_under_them = next(i for i, f in rows if f["rules"] == rows[-1][1]["rules"])
        self.assertEqual(first_under_them.split("-")[0], entry_id.split("-")[0])

    def test_labels_and_annotations_of_a_rule_that_is_gone_are_not(self):
        labelled = e.rule("labelled", "x", "last", timeframe="500ms", labels={"severity": "page"},
                          annotations={"summary": "{{hostName}}: {{triggerValue}} in {{timeframe}}"})
        want = ('{"severity":"page"}', '{"summary":"a: 99 in 500 ms"}')
        self.restart(config([HOT, labelled]))
        _, opened = self.g.wait_incident(report=HIGH, ruleName="labelled", event="opened")
        self.assertEqual(want, (opened["labels"], opened["annotations"]))
        _, plain = self.g.wait_incident(ruleName="warm", event="resolved")
        self.assertFalse({"labels", "annotations"} & set(plain), "the rule has none")
        # Through a crash under the same rules, then one without the rule.
        self.restart(config([HOT, labelled]), kill=True)
        self.g.wait_ticks(2)
        with self.g.redis() as r:
            record = r.hash("tocsin:{0}:open")[opened["id"]]
        self.assertIn('"labels":%s,"annotations":%s}' % want, record)
        self.restart(config([HOT]), kill=True)
        _, resolved = self.g.wait_incident(ruleName="labelled", event="resolved")
        self.assertEqual(("rule-removed", *want),
                         (resolved["reason"], resolved["labels"], resolved["annotations"]))

    def test_changed_labels_are_those_of_later_events(self):
        def labelled(severity):
            return dict(HOT, labels={"severity": severity}, annotations={"a": severity + " {{hostName}}"})
        self.restart(config([labelled("page"), WARM]))
        self.g.wait_ticks(2)
        _, opened = self.g.wait_incident(report={"host": "b", "x": 99}, ruleName="hot",
                                         hostName="b", event="opened")
        self.assertEqual('{"severity":"page"}', opened["labels"])
        self.restart(config([labelled("ticket"), WARM]), kill=True)
        _, resolved = self.g.wait_incident(report={"host": "b", "x": 5}, ruleName="hot",
                                           hostName="b", event="resolved")
        self.assertEqual((opened["id"], '{"severity":"ticket"}', '{"a":"ticket b"}'),
                         (resolved["id"], resolved["labels"], resolved["annotations"]))

    def test_all_rules_removed(self):
        self.restart(config([]))
        self.g.wait_incident(ruleName="hot", event="resolved", reason="rule-removed")
        self.g.wait_incident(ruleName="warm", event="resolved", reason="rule-removed")
        self.assertEqual(0, self.open_incidents())
        self.assertLess(self.g.stop(), 2)

    def test_a_changed_rule_keeps_its_incident(self):
        self.restart(config([dict(HOT, value=10), WARM, e.rule("new", "x", value=1000)]))
        self.g.wait_ticks(4)
        self.assertEqual(2, len(self.events()))
        self.g.wait_incident(report=LOW, ruleName="hot", event="resolved", reason="recovered")
        self.g.wait_incident(ruleName="warm", event="resolved", reason="recovered")

    def test_another_interval_and_grace(self):
        for settings, interval in ((config([HOT, WARM], interval="400ms"), 400),
                                   (config([HOT, WARM], interval="300ms", grace="0"), 300)):
            with self.subTest(interval):
                before = self.last_row()
                self.restart(settings, kill=True)
                self.assertEqual(202, self.g.post(HIGH).status)
                self.g.wait_ticks(4)
                with self.g.redis() as r:
                    ends = [int(i.split("-")[0]) for i, f in r.stream("tocsin:{0}:ticks")
                            if f["interval"] == str(interval)]
                self.assertTrue(all(x % interval == 0 for x in ends))
                self.assertGreaterEqual(ends[0] - interval, before,
                                        "the first that begins after the last sealed end")
                series = self.g.get("/api/v1/series?fields=cpu.usage&from=%d" % (before - 60_000)).json
                self.assertEqual("interval", series["whyIncomplete"], series)
                self.assertGreaterEqual(series["begins"], before)
                self.assertEqual(2, self.open_incidents(), "what was open is open")
                self.assertEqual([], [x for x in self.events() if x[0] == "resolved"])
        self.g.wait_incident(report=LOW, ruleName="hot", event="resolved", reason="recovered")
        e.wait_until("it opens again", lambda: self.g.post(HIGH).status == 202 and
                     self.events().count(("opened", "hot", None)) == 2, every=0.1)
        entries = self.g.incidents()
        self.assertEqual(list(range(1, len(entries) + 1)), [int(f["seq"]) for _, f in entries])
        self.assertLess(self.g.stop(), 2)


if __name__ == "__main__":
    e.main()
