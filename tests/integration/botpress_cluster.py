"""`tocsin.botpress`: samples that the nodes of a Botpress Pro cluster store in their Redis are in
Tocsin, each once: with clocks that differ, members that are trimmed, and either side away."""

import json
import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
import load
from background import Background

KEY = "monitoring"
SKEWS = {"bp-0": 0, "bp-slow": -90_000, "bp-behind": -3_000, "bp-ahead": 30_000}


class Nodes(Background):
    """Four nodes that store a sample each every 100 ms, as Botpress does, and expire old ones. Each
    sample has a number in mem.free, so that it can be told apart."""

    def __init__(self, redis):
        super().__init__()
        self.redis, self.stored, self.number = redis, {}, 0

    def sample(self, host, ts):
        self.number += 1
        return {"host": host, "ts": ts, "uptime": 3600,
                "cpu": {"usage": 12.5}, "mem": {"usage": 40.1, "free": self.number},
                "requests": {"count": 3, "latency_sum": 41, "latency_avg": 41 / 3},
                "eventsIn": {"count": 2}, "eventsOut": {"count": 1}, "warnings": {"count": 0},
                "errors": {"count": self.number % 4}, "criticals": {"count": 0}}

    def _run(self):
        while not self.end.wait(0.1):
            try:
                with self.redis.client(timeout=2) as r:
                    for host, skew in SKEWS.items():
                        ts = e.now_ms() + skew
                        s = self.sample(host, ts)
                        r("ZADD", KEY, ts, json.dumps(s))
                        self.stored[s["mem"]["free"]] = s
                        r("ZREMRANGEBYSCORE", KEY, "-inf", ts - 600_000)
            except (OSError, e.RespError):  # it is away, or reads its data
                pass  # what was under way may be stored or not: its number is not expected


class BotpressCluster(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)
        self.cluster = e.RedisServer(self.home, name="cluster").start()
        self.last_ts = 0

    def engine(self, rules=(), **more):
        botpress = {"redisUrl": self.cluster.url, **more}
        # On a busy machine it may take long until a sample that is stored is in the log; one that
        # came behind its tick would find its place taken by those before it.
        return e.Engine(self.home, e.config(list(rules), grace="3s", takeover="1s",
                                            botpress=botpress))

    def found(self, engine):
        """The log's samples of nodes by their number, each with how often it is there."""
        out = {}
        with engine.redis() as r:
            for s in load.read_log(r):
                if s["host"].startswith("bp-"):
                    out.setdefault(int(s["mem.free"]), []).append(s)
        return out

    def wait_for_all(self, engine, nodes):
        e.wait_until("all is in the log", lambda: set(nodes.stored) <= set(self.found(engine)))
        return self.found(engine)

    def check_values(self, found, nodes):
        for number, expected in nodes.stored.items():
            for s in found[number]:
                self.assertEqual((expected["host"], expected["ts"]), (s["host"], s["ts"]))
                for field in ("requests.count", "requests.latency_sum", "eventsIn.count",
                              "errors.count", "cpu.usage"):
                    top, _, name = field.partition(".")
                    self.assertEqual(expected[top][name], s[field])

    def test_every_member_once_whatever_the_clocks(self):
        rules = [e.rule("busy", "requests.count", "sum", value=30, timeframe="1m")]
        g = self.engine(rules).start()
        with Nodes(self.cluster) as nodes:
            g.wait_incident(ruleName="busy", hostName="bp-0", event="opened")
            e.wait_until("there are many", lambda: len(nodes.stored) > 200)
        found = self.wait_for_all(g, nodes)
        self.check_values(found, nodes)
        self.assertEqual({1}, {len(s) for s in found.values()}, "nothing is handed on again")
        self.assertEqual(set(SKEWS), {s[0]["host"] for s in found.values()})
        self.assertEqual(len(found), g.metrics()["tocsin_botpress_members_total"])
        with g.redis() as r:  # those on time are taken, others late or early, as ever
            self.assertIn("bp-0", r.hash("tocsin:{0}:hosts"))

    def test_members_of_any_size_cost_no_more_than_a_page(self):
        with self.cluster.client() as r:
            now = e.now_ms()
            for n in range(40):  # together more than a page, one of them alone as well
                pad = "x" * (40_000_000 if n == 20 else 400_000)
                r("ZADD", KEY, now + n, json.dumps({"host": f"bp-{n}", "ts": now + n, "pad": pad,
                                                    "mem": {"free": n}}))
        g = self.engine().start()
        wanted = set(range(40)) - {20}
        e.wait_until("the others are in the log", lambda: set(self.found(g)) == wanted,
                     timeout=120)
        self.assertEqual(1, g.log().count("holds a member of more than 8 MiB"), g.log())
        with open(f"/proc/{g.process.pid}/status", encoding="ascii") as f:
            peak = next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))
        # The sanitizer keeps up to 256 MiB of what was freed.
        self.assertLess(peak, 700_000 if "ASAN_OPTIONS" in os.environ else 300_000, "kB")

    def test_the_engine_and_the_cluster_s_redis_go_and_come_back(self):
        rules = [e.rule("requests", "requests.count", "sum", value=1, timeframe="1m")]
        g = self.engine(rules).start()
        with Nodes(self.cluster) as nodes:
            e.wait_until("there are some", lambda: len(nodes.stored) > 60)
            g.kill()
            before = len(nodes.stored)
            e.wait_until("there are more", lambda: len(nodes.stored) > before + 60)
            g.start()
            self.wait_for_all(g, nodes)
            self.cluster.kill()
            g.wait_for_log("botpress: ")
            self.assertEqual(0, g.metrics()["tocsin_botpress_up"])
            self.cluster.start()
            g.wait_for_log("is followed again")
            before = len(nodes.stored)
            e.wait_until("there are more", lambda: len(nodes.stored) > before + 60)
        self.check_values(self.wait_for_all(g, nodes), nodes)
        self.assertLess(g.stop(), 2)
        # The log has some of them twice, since the restart; the engine took each value once.
        g.start()
        opened = [f for f in g.replay() if f["event"] == "opened" and f["hostName"] == "bp-0"]
        self.assertEqual(1, len(opened))
        self.assertLessEqual({f["hostName"] for _, f in g.incidents()}, set(SKEWS))

    def test_values_that_are_read_again_count_once(self):
        """After a restart the last two minutes are read again: sums do not grow by it."""
        rules = [e.rule("exactly", "requests.count", "sum", value=300, timeframe="10m"),
                 e.rule("more", "requests.count", "sum", value=301, timeframe="10m")]
        g = self.engine(rules).start()
        nodes = Nodes(self.cluster)
        for _ in range(99):
            self.store(nodes)
        e.wait_until("all is in the log", lambda: len(self.found(g)) == 99)
        for kill in (True, False):
            g.kill() if kill else g.stop()
            g.start()
            e.wait_until("they are read again",
                         lambda: g.metrics()["tocsin_botpress_members_total"] >= 99)
        self.store(nodes)
        self.assertEqual("300", g.wait_incident(ruleName="exactly")[1]["triggerValue"])
        g.wait_ticks(4)
        self.assertEqual([], [f for _, f in g.incidents() if f["ruleName"] == "more"])

    def store(self, nodes):
        ts = self.last_ts = max(e.now_ms(), self.last_ts + 1)  # no two have the same
        with self.cluster.client() as r:
            r("ZADD", KEY, ts, json.dumps(nodes.sample("bp-0", ts)))

    def test_it_writes_nothing_there_and_takes_what_is_no_sample_for_none(self):
        user = ["ACL", "SETUSER", "reader", "on", ">secret-of-the-reader", "~monitoring:eu",
                "+zrangebyscore", "+client|setname", "+select"]
        with self.cluster.client() as r:
            r(*user)
            for i, text in enumerate(["", "no json", "[1]", '{"host":5}', '{"host":"bp-x",\n"ts":%d,'
                                      '"mem.free":7}' % e.now_ms(), "\xff", "{" * 5000, "null",
                                      *self.two_servers()]):
                r("ZADD", "monitoring:eu", e.now_ms() + i, text)
            before = r("INFO", "commandstats")
        url = self.cluster.url.replace("//", "//reader:secret-of-the-reader@")
        g = self.engine(redisUrl=url, key="monitoring:eu").start()
        e.wait_until("the samples are there", lambda: {7, 8, 9} <= set(self.found(g)))
        found = self.found(g)
        self.assertEqual(["one", "two"], [found[n][0]["serverId"] for n in (8, 9)])
        self.assertGreater(g.metrics()['tocsin_samples_total{result="rejected"}'], 3)
        self.assertNotIn("secret-of", g.log())
        with self.cluster.client() as r:
            after = r("INFO", "commandstats")
            self.assertEqual(10, r("ZCARD", "monitoring:eu"))
        for text, commands in ((before, {b"acl|setuser", b"zadd"}), (after, {b"zrangebyscore"})):
            for command in commands:
                self.assertIn(b"cmdstat_" + command, text)

    def two_servers(self):
        """Of one host and moment, each behind a byte order mark."""
        ts = e.now_ms()
        return ["\ufeff" + json.dumps({"host": "bp-y", "serverId": server, "ts": ts, "mem.free": n})
                for server, n in (("one", 8), ("two", 9))]

    def test_a_stop_while_the_cluster_s_redis_stands_still(self):
        g = self.engine().start()
        with Nodes(self.cluster):
            e.wait_until("it follows", lambda: self.found(g))
            self.cluster.process.send_signal(signal.SIGSTOP)
            g.wait_for_log("botpress: ")
        self.assertLess(g.stop(), 2)

    def test_a_key_without_samples_is_said(self):
        g = self.engine(key="elsewhere").start()
        g.wait_for_log("is this the key")
        with self.cluster.client() as r:
            r("SET", "elsewhere", "x")
        g.wait_for_log("WRONGTYPE")
        self.assertEqual(200, g.get("/readyz").status)


if __name__ == "__main__":
    e.main()
