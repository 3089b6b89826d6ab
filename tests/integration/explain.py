"""Why a rule fired and why it did not: explanations of live incidents, from the windows and from the
log, held against what the engine committed; how all rules stand; one incident by its id."""

import datetime
import os
import random
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import api
import engine as e
from background import Background

KINDS = ("avg", "sum", "min", "max", "last", "count")
NASTY = 'a"b\\<img src=x>\u202e\u00e9&? #%2F'


def ms(iso):
    return round(datetime.datetime.fromisoformat(iso.replace("Z", "+00:00")).timestamp() * 1000)


class Reports(Background):
    """Hosts that report at every tick, each its own values, until the end of the block."""

    def __init__(self, engine, value_of):
        super().__init__()
        self.engine, self.value_of = engine, value_of

    def _run(self):
        d = random.Random(7)
        while not self.end.is_set():
            self.engine.post([s for s in self.value_of(d) if s])
            self.end.wait(0.1)


class Explain(unittest.TestCase):
    def serve(self, rules, **more):
        g = e.Engine(e.Home(self.addCleanup), e.config(rules, **more)).start()
        self.schema = api.Schema(g.get("/api/v1/openapi.json").json)
        self.g = g
        return g

    def get(self, path, status=200, route=None, **query):
        a = self.g.get(path + ("?" + urllib.parse.urlencode(query) if query else ""))
        self.assertEqual(status, a.status, a)
        way = self.schema.document["paths"][route or path]["get"]
        answer = self.schema.resolve(way["responses"][str(status)])
        self.schema.check(a.json, answer["content"]["application/json"]["schema"])
        return a.json

    def explain(self, rule, host, status=200, **more):
        return self.get("/api/v1/explain", status, rule=rule, host=host, **more)

    def expect_cause(self, event, source=None):
        """The check that an event came from, explained: the same verdict, the same value."""
        at = ms(event["startTime"] if event["event"] == "opened" else event["endTime"])
        x = self.explain(event["ruleName"], event["hostName"], at=at)
        what = (event, x)
        self.assertEqual("breach" if event["event"] == "opened" else "clear", x["verdict"], what)
        if event["event"] == "opened":
            self.assertEqual(float(event["triggerValue"]), x["value"], what)
            self.assertIn("which is", x["words"])
        self.assertIn({"at": at, "value": x["value"], "verdict": x["verdict"]}, x["checks"])
        self.assertEqual(at, ms(x["window"]["to"]))
        self.assertIn(x["source"], (source,) if source else ("windows", "log"))
        return x

    def expect_listed(self, rules, events):
        """The last checks of a rule, many more than its window has ticks: as events came of them."""
        found = 0
        for name in rules:
            x = self.explain(name, "h0")
            self.assertEqual("windows", x["source"])
            self.assertGreater(len(x["checks"]), 12)
            verdicts = {c["at"]: c["verdict"] for c in x["checks"]}
            for f in events:
                at = ms(f["startTime"] if f["event"] == "opened" else f["endTime"])
                if (f["ruleName"], f["hostName"]) == (name, "h0") and at in verdicts and \
                        f.get("reason") in (None, "recovered", "no-data"):
                    self.assertEqual("breach" if f["event"] == "opened" else "clear", verdicts[at], f)
                    found += 1
        self.assertGreater(found, 5)

    def test_every_incident_is_explained_as_it_came_about(self):
        rules = [e.rule(f"{k} {o}", "x.count" if k in ("sum", "count") else "cpu.usage", k, o, v,
                        "1s", noData=n)
                 for k in KINDS for o, v, n in (
                     ("equalOrMoreThan", {"sum": 9, "count": 3}.get(k, 50.5), "resolve"),
                     ("equalOrLessThan", {"sum": 4, "count": 2}.get(k, 50.5), "keep"))]
        # Late values would stand in the windows without having been there at the checks.
        g = self.serve(rules, grace="2s")

        def values(d):
            return [{"host": f"h{i}", "cpu.usage": d.randrange(0, 1000) / 10, "x.count": d.randrange(3)}
                    if d.random() < 0.6 else None for i in range(4)] + [{"host": "ok"}]

        def events(kind):
            return [f for _, f in g.incidents() if f["event"] == kind]

        def all_kinds():
            return {f["ruleName"] for f in events("opened")} >= {r["name"] for r in rules} and \
                len(events("resolved")) > 40
        with Reports(g, values):
            e.wait_until("every rule has fired", all_kinds, 90)
            for event in events("opened")[-3:]:
                self.expect_cause(event)
            g.wait_ticks(12)
        self.expect_listed([r["name"] for r in rules], events("opened") + events("resolved"))
        seen, sources = set(), set()
        for event in reversed(events("opened") + events("resolved")):
            key = (event["event"], event["ruleName"])
            # By silence a host may have expired for all that the value says.
            if key not in seen and event.get("reason", "") in ("", "recovered", "no-data"):
                sources.add(self.expect_cause(event)["source"])
            seen.add(key)
        self.assertIn("log", sources)
        self.assertEqual({("opened", r["name"]) for r in rules} - seen, set())
        # The windows of an engine that starts hold no past checks: the log does.
        last = events("opened")[-1]
        g.stop()
        g.start()
        self.expect_cause(last, "log")

    def test_an_incident_is_explained_under_the_rule_that_opened_it(self):
        g = self.serve([e.rule("hot", value=50)], takeover="2s")
        event = g.wait_incident(report={"host": "h", "cpu.usage": 60}, event="opened")[1]
        x = self.expect_cause(event)
        self.assertEqual(("now", None), (x["under"], x["ruleNow"]))

        def reload(rules):
            g.configure(e.config(rules, takeover="2s"))
            self.assertEqual("done", g.post("", "/-/reload").json["result"])
        reload([e.rule("hot", value=70, labels={"a": "b"})])
        x = self.expect_cause(event)
        self.assertEqual(("then", 50, 70), (x["under"], x["rule"]["value"], x["ruleNow"]["value"]))
        self.assertIn("50 or more", x["words"])
        self.assertEqual("now", self.explain("hot", "h")["under"])
        reload([e.rule("hotter", value=50)])
        x = self.expect_cause(event)
        self.assertEqual(("then", 50, None), (x["under"], x["rule"]["value"], x["ruleNow"]))
        self.explain("never", "h", 404, at=ms(event["startTime"]))
        reload([e.rule("hot", value=50, labels={"c": "d"})])
        self.assertEqual("now", self.expect_cause(event)["under"], "labels decide nothing")
        reload([e.rule("hot", value=70)])
        with g.redis() as r:  # only the set in force is kept
            kept = r.hash("tocsin:rules")
            r("HDEL", "tocsin:rules", *[k for k in kept if k not in ("current", kept["current"])])
        x = self.explain("hot", "h", at=ms(event["startTime"]))
        self.assertEqual(("unknown", 70, "clear"), (x["under"], x["rule"]["value"], x["verdict"]))

    def test_a_late_value_does_not_change_what_a_check_saw(self):
        # The others must not be late, also on a busy machine.
        g = self.serve([e.rule("big", "x.count", "sum", value=10, timeframe="1m")], grace="2s")
        g.wait_ticks(1)
        first = e.now_ms()
        g.post([{"host": "h", "ts": first, "x.count": 1}])
        g.wait_ticks(4)
        g.post([{"host": "h", "x.count": 12}])
        event = g.wait_incident(event="opened")[1]
        self.assertEqual("13", event["triggerValue"])
        g.post([{"host": "h", "ts": first + 250, "x.count": 5}])
        e.wait_until("it is filled in", lambda: self.explain("big", "h")["value"] == 18)
        x = self.expect_cause(event, "log")
        self.assertEqual(13, x["value"])
        self.assertEqual(13, x["incident"]["triggerValue"])

    def test_says_until_when_blind_ticks_keep_an_incident_open(self):
        """The engine was away: nobody knows what the host reported then."""
        g = self.serve([e.rule("peak", "x", "max", value=50, timeframe="5s")])
        g.wait_incident(report={"host": "a", "x": 99}, hostName="a", event="opened")
        with Reports(g, lambda _: [{"host": "a", "x": 99}]):
            e.wait_until("the host is known for a window", lambda: self.explain("peak", "a")
                         ["notBefore"] is None)
        g.kill()
        with g.redis() as r:  # a gap: nothing came into the log for a second
            top = lambda: int(r("XREVRANGE", "tocsin:{0}:samples", "+", "-", "COUNT", 1)
                              [0][0].split(b"-")[0])
            e.wait_until("a tick passed in which nobody could write",
                         lambda: e.now_ms() > top() + 1_500)
        g.start()
        with Reports(g, lambda _: [{"host": "a", "x": 1}]):
            x = e.wait_until("it is told of", lambda: x if (x := self.explain("peak", "a"))
                             ["notBefore"] else None)
            self.assertEqual("open", x["state"])
            self.assertLess(ms(x["asOf"]), ms(x["notBefore"]))
            self.assertLessEqual(ms(x["notBefore"]), ms(x["asOf"]) + 5_000)
            _, done = g.wait_incident(hostName="a", event="resolved")
            self.assertGreaterEqual(ms(done["endTime"]), ms(x["notBefore"]))
            e.wait_until("nothing is in the way", lambda: self.explain("peak", "a")["notBefore"]
                         is None)

    def test_what_stands_now_and_why_nothing_fires(self):
        rules = [e.rule("hot"), e.rule(NASTY, "cpu.usage", "avg", value=10, timeframe="1m"),
                 e.rule("again", "cpu.usage", value=80, cooldown="10m", noData="resolve"),
                 e.rule("other", "never.seen", "sum", value=1), e.rule("kept", "mem.usage")]
        g = self.serve(rules)
        self.assertEqual(404, g.get("/api/v1/explain?rule=none&host=h").status)
        x = self.explain("hot", "nobody")
        self.assertIn(x["reason"], ("unknown-host", "not-yet-checked"))
        with Reports(g, lambda _: [{"host": h, "cpu.usage": 90} for h in ("h", NASTY)]):
            e.wait_until("it is open", lambda: self.explain("hot", NASTY)["state"] == "open")
            # A report may slip over the edge of a tick: then nothing is known for a moment.
            x = e.wait_until("it is in breach", lambda: x if (x := self.explain("hot", "h"))
                             ["verdict"] == "breach" else None)
            self.assertEqual((90, 50), (x["value"], x["threshold"]))
            self.assertEqual("last value of cpu.usage over the last 500 ms was 90, which is 50 or "
                             "more", x["words"])
            self.assertTrue(x["resolvesWhen"].startswith("last value of cpu.usage over 500 ms is "
                                                         "less than 50"))
            e.wait_until("it is committed", lambda: [x["incident"]["id"]] == [
                i["id"] for i in g.get("/api/v1/incidents?rule=hot&host=h").json["incidents"]])
            x = self.explain(NASTY, NASTY)
            self.assertEqual(("unknown", "before-first", NASTY), (x["verdict"], x["reason"], x["host"]))
            self.assertIn("the average needs the whole minute", x["words"])
            self.assertEqual(240, len(x["window"]["ticks"]))
            self.assertEqual(("never-reported", "unknown"),
                             tuple(self.explain("other", "h")[k] for k in ("reason", "verdict")))
            self.assertEqual("unknown-host", self.explain("hot", "nobody")["reason"])
            self.assertEqual("not-yet-checked",
                             self.explain("hot", "h", at=e.now_ms() + 60_000)["reason"])
        with Reports(g, lambda _: [{"host": "h", "cpu.usage": 1}]):
            e.wait_until("it cools", lambda: self.explain("again", "h")["state"] == "coolingDown")
            x = self.explain("again", "h")
            self.assertIn(x["coolingDownUntil"], x["opensWhen"])
            # All of its window: of a tick in which the engine was held up nothing is known.
            x = e.wait_until("silence is told", lambda: x if (x := self.explain("hot", NASTY))
                             ["reason"] == "no-value" and {"silent"} ==
                             {t["state"] for t in x["window"]["ticks"]} else None)
            self.assertIn("silence is no recovery", x["words"])
            self.assertEqual("open", x["state"])
        long_ago = self.explain("hot", "h", 404, at=1_000_000)
        self.assertEqual("unknown-check", long_ago["error"]["code"])
        for query in ({"rule": "hot"}, {"host": "h"}, {"rule": "hot", "host": "h", "at": "x"},
                      {"rule": "hot", "host": "h", "when": "1"}):
            a = self.get("/api/v1/explain", 400, **query)
            self.assertEqual("bad-parameter", a["error"]["code"])

    def test_rules_with_how_they_stand(self):
        rules = [e.rule("hot"), e.rule("avg", aggregation="avg", timeframe="1m"),
                 e.rule("none", "never.seen"), e.rule("cool", value=80, cooldown="10m")]
        g = self.serve(rules)

        def state(name):
            return next(r for r in self.get("/api/v1/rules", state="true")["rules"]
                        if r["name"] == name)["state"]
        hosts = [f"h{i}" for i in range(30)]
        with Reports(g, lambda _: [{"host": h, "cpu.usage": 90 if h < "h2" else 1} for h in hosts]):
            e.wait_until("12 are open", lambda: state("hot")["open"] == 12)
            # A report may slip over the edge of a tick.
            e.wait_until("12 breach", lambda: state("hot")["breach"] == 12 and
                         state("hot")["clear"] == 18)
            s = state("avg")
            self.assertEqual((30, 0, 30), (s["hosts"], s["breach"] + s["clear"], s["unknown"]))
            self.assertEqual(30, s["unknownWhy"]["new"])
            self.assertEqual(0, state("none")["hosts"])
        with Reports(g, lambda _: [{"host": h, "cpu.usage": 1} for h in hosts[:20]]):
            e.wait_until("10 are silent", lambda: state("hot")["unknownWhy"]["noData"] == 10)
            e.wait_until("12 cool down", lambda: state("cool")["coolingDown"] == 12)
        page = self.get("/api/v1/rules", state="true", offset=1, limit=2)
        self.assertEqual((["avg", "none"], 4), ([r["name"] for r in page["rules"]], page["total"]))
        for r in page["rules"]:
            s = r["state"]
            self.assertEqual(s["unknown"], sum(s["unknownWhy"].values()))
            self.assertEqual(s["hosts"], s["breach"] + s["clear"] + s["unknown"])
        self.assertGreater(page["rules"][0]["cost"]["nsPerTick"], 0)
        plain = self.get("/api/v1/rules")
        self.assertEqual((4, page["ruleSet"]), (len(plain["rules"]), plain["ruleSet"]))
        self.assertNotIn("state", plain["rules"][0])
        for query in ({"state": "yes"}, {"limit": 0}, {"limit": 1001}, {"offset": -1}, {"x": 1}):
            self.get("/api/v1/rules", 400, **query)

    def test_one_incident_by_its_id(self):
        g = self.serve([e.rule("hot", labels={"team": "x"})])
        opened = g.wait_incident(report=[{"host": NASTY, "cpu.usage": 90}], event="opened")[1]
        path, route = "/api/v1/incidents/" + opened["id"], "/api/v1/incidents/{id}"
        one = self.get(path, route=route)
        self.assertEqual(("active", NASTY, {"team": "x"}),
                         (one["state"], one["hostName"], one["labels"]))
        e.wait_until("it ends", lambda: g.post([{"host": NASTY, "cpu.usage": 1}]) and any(
            f["event"] == "resolved" for _, f in g.incidents()))
        one = self.get(path, route=route)
        self.assertEqual(("resolved", "recovered", opened["startTime"]),
                         (one["state"], one["reason"], one["startTime"]))
        self.get(path + "?x=1", 400, route)
        for unknown in ("A" * 22, "x", "%3Cimg%3E", "a/b"):
            a = self.get("/api/v1/incidents/" + unknown, 404, route)
            self.assertEqual("unknown-incident", a["error"]["code"])
        a = g.get("/incidents/" + opened["id"])
        self.assertEqual((302, "../#/incidents/" + opened["id"]),
                         (a.status, a.headers["Location"]))
        self.assertEqual(404, g.get("/incidents/%22%3E%3Cscript%3E").status)


if __name__ == "__main__":
    e.main()
