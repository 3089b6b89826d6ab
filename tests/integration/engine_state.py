"""GET /api/v1/engine: what it says of ticks, of samples that were odd, and of Redis; also where
Redis is away and where another engine evaluates."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
from api import Schema

NASTY = "a\"'<img>\u202eé" + "x" * 200


class EngineState(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)

    def start(self, interval="250ms", **more):
        # Longer than it may take until a sample is in the log: one in time is not late.
        self.g = e.Engine(self.home, e.config([e.rule("hot")], interval, "2s"), **more).start()
        self.document = self.g.get("/api/v1/openapi.json").json
        return self.g

    def state(self, engine=None):
        answer = (engine or self.g).get("/api/v1/engine")
        self.assertEqual(200, answer.status, answer)
        way = self.document["paths"]["/api/v1/engine"]["get"]["responses"]["200"]
        Schema(self.document).check(answer.json, way["content"]["application/json"]["schema"])
        return answer.json

    def test_says_who_it_is_and_how_ticks_go(self):
        self.start()
        self.g.post([{"host": h, "cpu.usage": 99} for h in ("a", "b")])
        self.g.wait_incident(event="opened", hostName="b")
        self.g.wait_ticks(3)
        s = self.state()
        self.assertEqual(("owner", True, None, "engine"),
                         tuple(s[k] for k in ("role", "ready", "notReady", "host")))
        self.assertEqual((250, 2000, 250), (s["interval"], s["grace"], s["watcherInterval"]))
        self.assertEqual(1, s["rules"]["count"])
        with self.g.redis() as r:
            self.assertEqual(r("HGET", "tocsin:rules", "current").decode(), s["rules"]["ruleSet"])
            rows = {int(i.split("-")[0]) for i, _ in r.stream("tocsin:{0}:ticks")}
        ends = [t["endMs"] for t in s["ticks"]]
        self.assertEqual(list(range(ends[0], ends[-1] + 1, 250)), ends)
        self.assertLessEqual(set(ends), rows)
        self.assertEqual((2, 2), tuple(sum(t[k] for t in s["ticks"]) for k in ("samples", "opened")))
        self.assertEqual((2, 2), (s["ticks"][-1]["hosts"], s["ticks"][-1]["open"]))
        self.assertEqual((2, 2), (s["incidents"]["open"], s["counts"]["accepted"]))
        self.assertTrue(s["redis"]["answers"] and s["redis"]["private"])
        self.assertGreater(s["redis"]["usedBytes"], 100_000)
        self.assertGreater(s["log"]["bytes"], 100)
        self.assertGreater(s["memory"]["residentBytes"], 1_000_000)

    def test_keeps_the_last_360_ticks(self):
        redis = e.RedisServer(self.home).start()
        with redis.client() as r:  # ticks begin with the first entry, and all of them are sealed
            r("XADD", "tocsin:{0}:samples", f"{e.now_ms() - 40_000}-0", "hb", "")
        self.start(redis=redis, interval="100ms")
        e.wait_until("more than 360 are sealed",
                     lambda: self.g.metrics()["tocsin_ticks_sealed_total"] > 370)
        self.assertEqual(360, len(self.state()["ticks"]))

    def test_shows_samples_that_were_odd(self):
        self.start()
        self.g.post({"host": "a", "cpu.usage": 1})
        self.g.wait_ticks(2)
        now = e.now_ms()
        self.g.post("\n".join(json.dumps(s) for s in (
            {"host": NASTY, "ts": now - 60_000, "cpu.usage": 1},
            {"host": "early", "ts": now + 3_600_000, "cpu.usage": 1})))
        self.g.post('{"host":"a","cpu.usage":"hot"}\n{"cpu.usage":1}\n{nonsense\n')
        for value in (1, 2):
            self.g.post([{"host": "twice", "ts": now, "cpu.usage": value, "mem.usage": value}] * 2)

        def seen():
            s = self.state()
            x = s["examples"]
            return s if x["late"] and x["early"] and x["repeated"] and s["skewed"] else None
        s = e.wait_until("all are told of", seen)
        late, early = s["examples"]["late"][0], s["examples"]["early"][0]
        self.assertEqual((NASTY, now - 60_000), (late["host"], late["ts"]))
        self.assertTrue(60_000 <= late["byMs"] < 90_000, late)
        self.assertEqual(("early", now + 3_600_000), (early["host"], early["ts"]))
        self.assertEqual({("twice", now // 250 * 250)},
                         {(r["host"], r["ts"]) for r in s["examples"]["repeated"]})
        self.assertEqual("early", s["skewed"][0]["host"])
        self.assertTrue(3_500_000 < s["skewed"][0]["aheadMs"] <= 3_600_000)
        self.assertEqual(1, s["hosts"]["skewed"])
        rejected = s["examples"]["rejected"]
        self.assertGreaterEqual(len(rejected), 2)
        self.assertTrue(all(r["why"] and r["what"].startswith("line ") for r in rejected))

    def test_keeps_few_examples(self):
        self.start()
        self.g.post({"host": "a", "cpu.usage": 1})
        self.g.wait_ticks(2)
        old = e.now_ms() - 100_000
        self.g.post([{"host": f"late-{i}", "ts": old, "cpu.usage": 1} for i in range(200)])
        for _ in range(30):
            self.g.post("nonsense\n" * 50)
        s = e.wait_until("all came", lambda: (x := self.state())["examples"]["late"] and
                         x["examples"]["late"][-1]["host"] == "late-199" and x)
        self.assertEqual([f"late-{i}" for i in range(184, 200)],
                         [x["host"] for x in s["examples"]["late"]])
        self.assertEqual(16, len(s["examples"]["rejected"]))

    def test_says_once_when_tables_are_full_and_rules_have_their_places(self):
        settings = e.config([e.rule("slow", "requests.latency_avg", timeframe="250ms", value=3)],
                            "250ms", "2s", fields=6, hosts=3)
        self.g = e.Engine(self.home, settings).start()
        self.document = self.g.get("/api/v1/openapi.json").json
        junk = {f"tag-{i}": 1 for i in range(20)}
        e.wait_until("fields are full", lambda: self.g.post({"host": "junk", **junk}).status == 202
                     and (self.state()["fields"] or {}).get("dropped"))
        fields = self.state()["fields"]
        self.assertEqual((6, 6, True), tuple(fields[k] for k in ("known", "max", "full")))
        self.assertEqual("junk", fields["dropped"]["host"])
        self.assertTrue(fields["most"]["fields"] > 1, fields)
        answer = self.g.post([{"host": "junk", "other": 1, "tag-0": 1}, {"host": "junk", "other": 2}])
        self.assertEqual((202, 2, 2), (answer.status, answer.json["accepted"],
                                       answer.json["droppedTotal"]), answer)
        self.assertEqual("other", answer.json["dropped"][0]["field"])
        self.assertIn("tocsin.fields", answer.json["dropped"][0]["error"])
        late = {"host": "junk", "requests": {"latency_sum": 40, "count": 10}}
        self.g.wait_incident(event="opened", hostName="junk", report=late)
        e.wait_until("hosts are full", lambda: self.g.post(
            [{"host": f"h{i}", "cpu.usage": 1} for i in range(4)]) and
            self.state()["hosts"]["refused"])
        answer = self.g.post({"host": "one-more", "cpu.usage": 1})
        self.assertEqual("one-more", answer.json["dropped"][0]["host"])
        self.assertIn("tocsin.hosts", answer.json["dropped"][0]["error"])
        self.assertEqual((3, True), tuple(self.state()["hosts"][k] for k in ("max", "full")))
        for table in ("fields", "hosts"):
            self.assertEqual(1, self.g.log().count(f"the table of {table} is full"), self.g.log())

    def test_answers_on_a_standby_and_without_redis_and_shows_no_secret(self):
        redis = e.RedisServer(self.home, "--requirepass", "sesame-open").start()
        url = f"redis://:sesame-open@127.0.0.1:{redis.port}"
        self.start(redis=url)
        second = e.Engine(self.home, e.config([e.rule("hot")], grace="2s"), "second", url)
        second.start(wait="listening").wait_ready("standby")
        s = self.state(second)
        self.assertEqual(("standby", True, [], False),
                         (s["role"], s["ready"], s["ticks"], s["redis"]["private"]))
        self.assertRegex(s["redis"]["version"], r"^\d+\.\d+")
        redis.kill()
        e.wait_until("it is missed", lambda: self.g.get("/readyz").status == 503)
        for engine in (self.g, second):
            s = e.wait_until("it says so", lambda: not (x := self.state(engine))["ready"] and x)
            self.assertIn("Redis", s["notReady"])
            self.assertEqual((False, None, None), (s["redis"]["answers"], s["redis"]["version"],
                                                   s["log"]["bytes"]))
            self.assertNotIn("sesame", json.dumps(s))
        self.assertEqual(400, self.g.get("/api/v1/engine?x=1").status)


if __name__ == "__main__":
    e.main()
