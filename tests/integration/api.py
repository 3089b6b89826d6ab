"""The API of Tocsin's own: incidents page by page, the rules, and the document that describes all of
it, to which every answer is held."""

import os
import re
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e

FIELDS = ("id", "ruleName", "hostName", "startTime", "endTime", "reason", "field", "aggregation",
          "operand")


class Schema:
    """As much of JSON Schema as the document uses. Objects may say no more than it says."""

    def __init__(self, document):
        self.document = document

    def resolve(self, node):
        while "$ref" in node:
            at = self.document
            for key in node["$ref"].removeprefix("#/").split("/"):
                at = at[key]
            node = at
        return node

    def properties(self, schema):
        schema = self.resolve(schema)
        own = dict(schema.get("properties", {}))
        for part in schema.get("allOf", ()):
            own |= self.properties(part)
        return own

    def check(self, value, schema, where="answer"):
        schema = self.resolve(schema)
        for part in schema.get("allOf", ()):
            if isinstance(value, dict):
                missing = set(self.resolve(part).get("required", ())) - set(value)
                assert not missing, f"{where} lacks {missing}"
        if value is None:
            assert schema.get("nullable"), f"{where} is null"
            return
        kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool,
                 "array": list, "object": dict}
        if "type" in schema:
            assert isinstance(value, kinds[schema["type"]]), f"{where} is {value!r}"
        assert value in schema.get("enum", [value]), f"{where} is {value!r}"
        if schema.get("format") == "date-time":
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value), where
        if isinstance(value, list):
            for i, item in enumerate(value):
                self.check(item, schema["items"], f"{where}[{i}]")
        known = self.properties(schema)
        if isinstance(value, dict) and known:
            missing = set(schema.get("required", ())) - set(value)
            assert not missing, f"{where} lacks {missing}"
            for key, item in value.items():
                assert key in known, f"{where} says {key}, which the document does not"
                self.check(item, known[key], f"{where}.{key}")


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.labels, cls.annotations = {"team": "bots"}, {"summary": "{{hostName}} burns"}
        rules = [e.rule("hot"), e.rule("very hot", value=90, timeframe="1s", labels=cls.labels,
                                       annotations=cls.annotations),
                 e.rule("idle", "events", "sum", "equalOrLessThan", 0, "1m", cooldown="1m",
                        partial=True, noData="resolve")]
        cls.g = e.Engine(e.Home(cls.addClassCleanup), e.config(rules)).start()
        cls.document = cls.g.get("/api/v1/openapi.json").json
        cls.schema = Schema(cls.document)

    @classmethod
    def tearDownClass(cls):
        assert cls.g.stop() < 2

    def get(self, path, status=200, **query):
        a = self.g.get(path + ("?" + urllib.parse.urlencode(query) if query else ""))
        self.assertEqual(status, a.status, a)
        way = self.document["paths"][path]["get"]
        self.assertIn(str(status), way["responses"], f"{path} answers {status}")
        answer = self.schema.resolve(way["responses"][str(status)])
        self.schema.check(a.json, answer["content"]["application/json"]["schema"])
        return a.json

    def pages(self, limit, **query):
        """All of them, and how many pages they were."""
        got, cursor, n = [], None, 0
        while True:
            page = self.get("/api/v1/incidents", limit=limit, **query,
                            **({"cursor": cursor} if cursor else {}))
            self.assertLessEqual(len(page["incidents"]), limit)
            got, n, cursor = got + page["incidents"], n + 1, page["next"]
            if not cursor:
                return got, n

    def test_rules_also_in_words(self):
        rules = self.get("/api/v1/rules")["rules"]
        self.assertEqual(["hot", "very hot", "idle"], [r["name"] for r in rules])
        self.assertEqual("sum of events over 1 minute is 0 or less", rules[2]["text"])
        self.assertEqual([None, self.labels, None], [r.get("labels") for r in rules])
        self.assertEqual(self.annotations, rules[1]["annotations"])
        self.assertEqual((60_000, 60_000, True, "resolve"),
                         tuple(rules[2][k] for k in ("timeframe", "cooldown", "partial", "noData")))

    def test_incidents(self):
        hosts = [f"h{i:02}" for i in range(25)]
        start = e.now_ms()
        e.wait_until("all are open", lambda: (
            self.g.post([{"host": h, "cpu.usage": 95} for h in hosts]),
            len(self.pages(100)[0]) == 50)[-1], every=0.1)

        every, one_page = self.pages(50)
        self.assertEqual(1, one_page)
        paged, count = self.pages(7)
        self.assertEqual((every, 8), (paged, count))
        self.assertEqual({(r, h) for r in ("hot", "very hot") for h in hosts},
                         {(i["ruleName"], i["hostName"]) for i in every})
        self.assertEqual(sorted(i["startTime"] for i in every), [i["startTime"] for i in every])
        backwards, count = self.pages(7, order="newest")
        self.assertEqual((every[::-1], 8), (backwards, count))
        for query, some in (({}, every), ({"host": "h03"}, [i for i in every if i["hostName"] == "h03"]),
                            ({"rule": "none"}, [])):
            counts = self.get("/api/v1/incidents", limit=1, counts="true", **query)["counts"]
            rules = sorted({i["ruleName"] for i in some})
            self.assertEqual((len(some), len({i["hostName"] for i in some}), len(rules)),
                             (counts["incidents"], counts["hosts"], counts["rules"]))
            self.assertEqual([(r, sum(i["ruleName"] == r for i in some)) for r in rules],
                             [(r["rule"], r["incidents"]) for r in counts["byRule"]])
        only = self.pages(100, rule="very hot", host="h03")[0]
        self.assertEqual([("very hot", "h03")], [(i["ruleName"], i["hostName"]) for i in only])
        self.assertEqual([], self.pages(100, rule="none")[0])
        self.assertEqual([], self.pages(100, to=start - 60_000)[0])
        self.assertEqual(50, len(self.pages(100, **{"from": start - 60_000})[0]))
        self.assertEqual([], self.pages(100, state="resolved")[0])

        def resolved():
            self.g.post([{"host": h, "cpu.usage": 1} for h in hosts[:12]])
            return len(self.pages(100, state="resolved")[0]) == 24
        e.wait_until("half are resolved", resolved)
        ended = self.pages(100, state="resolved")[0]
        events = [f for _, f in self.g.incidents() if f["event"] == "resolved"]
        self.assertEqual([{k: f[k] for k in FIELDS} for f in reversed(events)],
                         [{k: i[k] for k in FIELDS} for i in ended])
        for state in (every, ended):
            self.assertEqual({("hot", None), ("very hot", "bots")},
                             {(i["ruleName"], i.get("labels", {}).get("team")) for i in state})
            self.assertEqual({None, "h03 burns"},
                             {i.get("annotations", {}).get("summary") for i in state
                              if i["hostName"] == "h03"})
        paged, count = self.pages(5, state="resolved")
        self.assertEqual(ended, paged)
        self.assertGreaterEqual(count, 5)
        self.assertEqual(2, len(self.pages(1, state="resolved", host="h03")[0]))
        self.assertEqual(26, len(self.pages(100)[0]))
        last = max(int(i.split("-")[0] if isinstance(i, str) else i.split(b"-")[0])
                   for i, f in self.g.incidents())
        self.assertEqual([], self.pages(9, state="resolved", **{"from": last + 1})[0])
        self.assertEqual([], self.pages(9, state="resolved", to=start)[0])

    def test_questions_that_are_none(self):
        for name, value in (("state", "both"), ("limit", "0"), ("limit", "5001"), ("limit", "x"),
                            ("from", "-1"), ("to", "yesterday"), ("colour", "red"),
                            ("order", "best"), ("counts", "1")):
            answer = self.get("/api/v1/incidents", 400, **{name: value})
            self.assertEqual("bad-parameter", answer["error"]["code"])
            self.assertIn(f"`{name}`", answer["error"]["message"])
        self.get("/api/v1/incidents", 400, state="resolved", cursor="x")
        self.get("/api/v1/incidents", 400, state="resolved", counts="true")
        self.get("/api/v1/incidents", 400, state="resolved", order="newest")

    def test_every_open_route_answers_as_described(self):
        for path, ways in self.document["paths"].items():
            way = ways.get("get", {})
            if way.get("x-right") == "open" and "{" not in path and \
                    "application/json" in way["responses"]["200"]["content"]:
                self.get(path)


if __name__ == "__main__":
    e.main()
