"""What others do to the keys in Redis: each is removed, replaced or written to by a stranger, under a
running engine, before rules are changed and before another engine takes over. Alerting goes on, or
the engine says how to get out; what is lost is said."""

import itertools
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e

P = "tocsin:{0}:"
KEYS = ("tocsin:cluster", "tocsin:rules", P + "lease", P + "progress", P + "ticks", P + "samples",
        P + "incidents", P + "open", P + "cooldowns", P + "hosts")


class Damaged(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)
        self.redis = e.RedisServer(self.home, "--appendonly", "no").start()
        self.hosts = (f"h{n}" for n in itertools.count())
        self.values = itertools.cycle((40, 50))

    def config(self):
        return e.config([e.rule("hot", "x", value=next(self.values), timeframe="200ms",
                                cooldown="1s")],
                        interval="100ms", grace="50ms", takeover="4s")

    def engine(self, name="first", role="owner"):
        g = e.Engine(self.home, self.config(), name, self.redis).start(wait="listening")
        g.wait_ready(role)
        return g

    def alerts(self, g):
        """A host that was never heard of gets its incident, in the end."""
        host = next(self.hosts)

        def look():
            return g.post({"host": host, "x": 99}).status == 202 and any(
                f.get("hostName") == host for _, f in g.incidents())
        try:
            e.wait_until(f"an incident on {host}", look, every=0.1)
        except AssertionError as error:
            raise AssertionError(f"{error}: {g.get('/readyz')}\n{g.log()}") from None

    def reload(self, g):
        g.configure(self.config())
        e.wait_until("other rules are in force",
                     lambda: g.post("", "/-/reload").json.get("result") in ("done", "unchanged"))

    def test_a_key_that_is_removed(self):
        g = self.engine()
        self.alerts(g)
        with self.redis.client() as r:
            for key in KEYS:
                with self.subTest(key):
                    r("DEL", key)
                    self.alerts(g)
                    r("DEL", key)
                    self.reload(g)
                    self.alerts(g)
        self.assertLess(g.stop(), 2)

    def test_a_key_that_is_replaced_is_named_with_a_way_out(self):
        g = self.engine()
        for key in KEYS:
            with self.subTest(key), self.redis.client() as r:
                r("DEL", key)
                r("SET", key, "foreign")
                if key in ("tocsin:cluster", "tocsin:rules"):  # looked at when the state is read back
                    g.kill()
                    g.start(wait="listening")
                way_out = f"RENAME {key} {key}:foreign"
                def told():
                    g.post({"host": "a", "x": 99})  # whoever writes notices it, too
                    return way_out in g.log()
                e.wait_until(f"it says {way_out}", told, every=0.1)
                r("RENAME", key, f"{key}:foreign")
                self.alerts(g)
        self.assertLess(g.stop(), 2)

    def test_strangers_entries(self):
        g = self.engine()
        ahead = e.now_ms() + 3_600_000
        strange = [("XADD", P + "incidents", "*", "foo", "bar"),
                   ("XADD", P + "incidents", f"{ahead}-0", "foo", "bar"),
                   ("XADD", P + "ticks", "*", "foo", "bar"),
                   ("XADD", P + "ticks", f"{ahead}-0", "foo", "bar"),
                   ("XADD", P + "samples", "*", "foo", "bar"),
                   ("HSET", P + "progress", "tick", "5"),
                   ("HSET", P + "open", "x", "{"),
                   ("HSET", P + "hosts", "zz", "{"),
                   ("HSET", P + "cooldowns", "zz", "{"),
                   ("HSET", P + "lease", "owner", "nobody:knows:7"),
                   ("HSET", "tocsin:rules", "current", "none")]
        for words in strange:
            with self.subTest(words):
                with self.redis.client() as r:
                    r(*words)
                self.alerts(g)
                self.reload(g)
                self.alerts(g)
        g.kill()
        g.start(wait="listening")
        self.alerts(g)
        self.assertLess(g.stop(), 2)

    def test_redis_that_came_back_empty_is_joined_again_and_the_loss_is_told(self):
        first = self.engine()
        second = self.engine("second", "standby")
        self.alerts(first)
        self.redis.kill()
        self.redis.start()
        self.alerts(first if first.ready() == "owner" else second)
        e.wait_until("one of them evaluates", lambda: "owner" in (first.ready(), second.ready()))
        owner, other = (first, second) if first.ready() == "owner" else (second, first)
        with self.redis.client() as r:
            self.assertEqual({"name", "partitions", "tags", "interval", "grace", "schema"},
                             set(r.hash("tocsin:cluster")))
        if owner is first:
            self.assertRegex(owner.log(), r"error Redis lost data: it came back empty, and this "
                                          r"engine had committed ticks up to \S+Z\. Lost are 1 open "
                                          r"incidents .*cooldowns.* windows of 1 hosts")
        else:
            self.assertIn("error Redis came back empty: what the other engine", owner.log())
        self.reload(owner)
        self.alerts(owner)
        owner.kill()
        other.wait_ready("owner")
        self.alerts(other)


if __name__ == "__main__":
    e.main()
