"""Every endpoint that the OpenAPI document names, asked by whoever may not: nothing but a refusal
comes back. And by whoever may: an answer of a status that the document has, which says as of when."""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e

TOKENS = {"admin": "admin-0123456789abc", "read": "read-0123456789abcd",
          "write": "write-0123456789abc"}
GIVES = {"admin": {"read", "write", "admin"}, "read": {"read"}, "write": {"write"}}
# Botpress's own shape; the document itself.
WITHOUT_AS_OF = re.compile(r"/api/v./admin/|/api/v1/openapi.json")


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


class Closed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.g = e.Engine(e.Home(cls.addClassCleanup), e.config([e.rule("secret rule")]),
                         env={"TOCSIN_TOKEN": TOKENS["admin"], "TOCSIN_READ_TOKEN": TOKENS["read"],
                              "TOCSIN_WRITE_TOKEN": TOKENS["write"]}).start()
        e.wait_until("it evaluates", lambda: cls.g.get("/readyz").status == 200)
        cls.g.post({"host": "secret-host", "cpu": {"usage": 99}}, headers=bearer(TOKENS["write"]))
        document = cls.g.get("/api/v1/openapi.json", bearer(TOKENS["read"])).json
        cls.ways = [(method.upper(), path, way) for path, ways in document["paths"].items()
                    for method, way in ways.items()]

    @classmethod
    def tearDownClass(cls):
        cls.g.stop()

    def ask(self, method, path, headers):
        path = re.sub(r"\{\w+\}", "secret-host", path)
        return e.request(self.g.port, method, path, "{}" if method == "POST" else None, headers)

    def refused(self, answer, status, code, where):
        self.assertEqual(status, answer.status, where)
        self.assertEqual({"error"}, set(answer.json), where)
        self.assertEqual(code, answer.json["error"]["code"], where)
        self.assertNotIn("secret-host", answer.body, where)
        self.assertNotIn("secret rule", answer.body, where)
        self.assertLess(len(answer.body), 300, where)

    def test_nobody_without_a_token_learns_anything(self):
        closed = 0
        for method, path, way in self.ways:
            if way["x-right"] == "open":
                self.assertEqual([], way["security"])
                continue
            closed += 1
            for headers, code in (({}, "token-missing"), (bearer("guess-0123456789abc"),
                                                          "token-wrong")):
                self.refused(self.ask(method, path, headers), 401, code, (method, path))
        self.assertGreater(closed, 10)

    def test_nobody_with_a_token_for_something_else_learns_anything(self):
        tried = 0
        for method, path, way in self.ways:
            for kind, gives in GIVES.items():
                if way["x-right"] != "open" and way["x-right"] not in gives:
                    tried += 1
                    answer = self.ask(method, path, bearer(TOKENS[kind]))
                    self.refused(answer, 403, "token-lacks-right", (method, path, kind))
        self.assertGreater(tried, 10)

    def test_answers_are_documented_and_say_as_of_when(self):
        dated = 0
        for method, path, way in self.ways:
            if method != "GET" or "text/event-stream" in str(way["responses"].get("200")):
                continue
            answer = self.ask(method, path, bearer(TOKENS["read"]))
            self.assertIn(str(answer.status), way["responses"], (path, answer))
            if not answer.headers["Content-Type"].startswith("application/json"):
                continue
            if answer.status >= 400:
                self.assertEqual({"code", "message"}, set(answer.json["error"]), path)
            elif path.startswith("/api/") and not WITHOUT_AS_OF.search(path):
                dated += 1
                self.assertRegex(answer.json["asOf"], r"^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$", path)
        self.assertGreater(dated, 1)


if __name__ == "__main__":
    e.main()
