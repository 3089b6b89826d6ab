"""A Redis of the operator's that cannot be used, or not always: refused at the start by name, or
waited for; what was acknowledged is kept, nothing stands twice."""

import os
import socket
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
import load as l

FAILURE = 3


class FakeRedis:
    """Answers INFO as told, everything else with OK."""

    def __init__(self, info, cleanup):
        self.info = info
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        cleanup(self.listener.close)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        with peer, peer.makefile("rb") as f:
            while line := f.readline():
                words = []
                for _ in range(int(line[1:])):
                    words.append(f.read(int(f.readline()[1:]) + 2)[:-2].upper())
                if words[0] == b"INFO":
                    peer.sendall(b"$%d\r\n%s\r\n" % (len(self.info), self.info))
                elif words[0] == b"CONFIG":
                    peer.sendall(b"*2\r\n$16\r\nmaxmemory-policy\r\n$10\r\nnoeviction\r\n")
                else:
                    peer.sendall(b"+OK\r\n")


class RedisCase(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)

    def engine(self, redis, rules=None, **more):
        return e.Engine(self.home, e.config(rules or [e.rule("hot")]), redis=redis, **more)

    def fails(self, engine, *words, code=FAILURE):
        ended, log = engine.run_to_end(within=10)
        self.assertEqual(code, ended, log)
        for word in words:
            self.assertIn(word, log)
        return log


class Unusable(RedisCase):
    def test_wrong_password(self):
        redis = e.RedisServer(self.home, "--requirepass", "the-right-secret").start()
        where = f"127.0.0.1:{redis.port}"
        log = self.fails(self.engine(f"redis://:the-wrong-secret@{where}"), where, "WRONGPASS")
        self.assertNotIn("the-wrong-secret", log)
        self.fails(self.engine(redis.url), where, "NOAUTH")
        g = self.engine(f"redis://:the-right-secret@{where}").start()
        self.assertLess(g.stop(), 2)
        self.assertNotIn("the-right-secret", g.log())

    def test_wrong_user_and_database(self):
        redis = e.RedisServer(self.home).start()
        where = f"127.0.0.1:{redis.port}"
        self.fails(self.engine(f"redis://nobody:x@{where}"), where, "WRONGPASS")
        self.fails(self.engine(f"redis://{where}/99"), where, "99")

    def test_too_old(self):
        for version in (b"5.0.14", b"6.0.16", b"6.1.9"):
            fake = FakeRedis(b"redis_version:%s\r\nrole:master\r\nmaxmemory_policy:noeviction\r\n"
                             % version, self.addCleanup)
            self.fails(self.engine(f"redis://127.0.0.1:{fake.port}"), f"127.0.0.1:{fake.port}",
                       f"is Redis {version.decode()}", "6.2 or later")

    def test_no_redis_at_all(self):
        """Another server listens there."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def answer():
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                with peer:
                    peer.recv(4096)
                    peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        threading.Thread(target=answer, daemon=True).start()
        where = f"127.0.0.1:{listener.getsockname()[1]}"
        self.fails(self.engine(f"redis://{where}"), where)

    def test_evicting_policy(self):
        redis = e.RedisServer(self.home, "--maxmemory-policy", "allkeys-lru").start()
        self.fails(self.engine(redis), f"127.0.0.1:{redis.port}",
                   "maxmemory-policy `allkeys-lru`", "`noeviction`")

    def test_read_only_replica(self):
        master = e.RedisServer(self.home, name="master").start()
        replica = e.RedisServer(self.home, "--replicaof", f"127.0.0.1 {master.port}",
                                name="replica").start()
        self.fails(self.engine(replica), f"127.0.0.1:{replica.port}", "read-only replica",
                   "master")

    def test_url_that_is_none(self):
        for url in ("redis//x", "http://127.0.0.1:1", "redis://127.0.0.1:99999"):
            self.fails(self.engine(url), "TOCSIN_REDIS_URL", code=2)

    def test_keys_of_somebody_else(self):
        redis = e.RedisServer(self.home).start()
        with redis.client() as r:
            r("SET", "tocsin:{0}:samples", "not a stream")
        g = self.engine(redis).start(wait="listening")
        a = g.post({"host": "a", "x": 1})
        self.assertEqual(503, a.status, a)
        self.assertIn("WRONGTYPE", a.body)
        e.wait_until("it is not ready", lambda: g.get("/readyz").status == 503)
        self.assertLess(g.stop(), 2)

    def test_another_cluster(self):
        redis = e.RedisServer(self.home).start()
        first = self.engine(redis, name="first").start()
        second = e.Engine(self.home, e.config([], cluster="other"), "second", redis)
        second.start(wait="listening")
        second.wait_for_log("belongs to another cluster")
        self.assertIsNone(second.ready())
        self.assertEqual("owner", first.ready())
        self.assertLess(second.stop(), 2)


class Away(RedisCase):
    """The Redis goes and comes back; samples that were refused are sent again."""

    def wait_refused(self, g, words, code="redis-refused"):
        def refused():
            a = g.post({"host": "probe", "x": 1})
            if a.status == 202:
                return False
            self.assertEqual(503, a.status, a)
            self.assertTrue(int(a.headers["Retry-After"]) >= 1)
            self.assertEqual(code, a.json["error"]["code"])
            self.assertIn(words, a.body)
            return True
        e.wait_until("samples are refused", refused)

    def check(self, g, load):
        """Quiet now: everything is there, nothing twice."""
        g.wait_ready()
        g.wait_ticks(6)
        self.assertEqual([], load.unexpected)
        with g.redis() as r:
            logged = {s["n"] for s in l.read_log(r) if "n" in s}
        self.assertEqual([], [n for n in load.acknowledged if n not in logged])
        self.assertEqual([], load.waiting, "every sample was taken in the end")
        g.kill()
        self.assertGreater(len(l.check_stream(self, g)), 5)

    def test_away_at_the_start(self):
        redis = e.RedisServer(self.home)
        log = self.fails(self.engine(redis), f"127.0.0.1:{redis.port}")
        self.assertRegex(log, "refused|cannot")

    def test_away_at_the_start_of_a_private_one(self):
        """The socket of a Redis that is not there is no obstacle."""
        g = e.Engine(self.home, e.config([e.rule("hot")], takeover="1s")).start()
        os.kill(g.redis_pid(), 9)
        g.kill()
        g.start()
        self.assertLess(g.stop(), 2)

    def test_killed_and_back(self):
        redis = e.RedisServer(self.home).start()
        g = self.engine(redis, l.NOISY_RULES).start()
        with l.Load(lambda: [g.port], seed=3) as load:
            for _ in range(3):
                g.wait_ticks(4)
                redis.kill()
                self.wait_refused(g, "Redis is away", "redis-away")
                e.wait_until("it says that it is not ready",
                             lambda: g.get("/readyz").status == 503)
                e.wait_until("it says which Redis",
                             lambda: f"127.0.0.1:{redis.port}" in g.get("/readyz").body)
                self.assertEqual(200, g.get("/healthz").status)
                redis.start()
                g.wait_ready()
            e.wait_until("what was refused is sent again", lambda: not load.waiting)
        self.assertIn("Redis is back", g.log())
        self.assertGreater(g.metrics()["tocsin_redis_errors_total"], 0)
        self.assertGreater(load.refused, 0)
        self.check(g, load)

    def test_restarted_between_two_ticks(self):
        """One outage, said once; that the new Redis knows no script is nobody's trouble."""
        redis = e.RedisServer(self.home).start()
        g = e.Engine(self.home, e.config([e.rule("hot")], interval="2s", takeover="2s"),
                     redis=redis).start()
        g.wait_ticks(1)
        redis.kill()
        e.wait_until("it knows", lambda: "is lost: " in g.log())
        redis.start()
        g.wait_ticks(2)
        g.wait_incident(report={"host": "a", "cpu.usage": 99}, hostName="a")
        for words in ("is lost: ", "Redis is back at "):
            self.assertEqual(1, g.log().count(words), g.log())
        self.assertNotIn("NOSCRIPT", g.log())
        self.assertLess(g.stop(), 2)

    def test_stands_still(self):
        """It does not answer for a while, but keeps its connections."""
        redis = e.RedisServer(self.home).start()
        g = self.engine(redis, l.NOISY_RULES).start()
        with l.Load(lambda: [g.port], seed=4) as load:
            g.wait_ticks(4)
            redis.process.send_signal(19)
            try:
                load.end.wait(3)
            finally:
                redis.process.send_signal(18)
            g.wait_ready()
            g.wait_ticks(4)
            e.wait_until("what was refused is sent again", lambda: not load.waiting)
        self.check(g, load)

    def test_full(self):
        redis = e.RedisServer(self.home).start()
        g = self.engine(redis, l.NOISY_RULES).start()
        with l.Load(lambda: [g.port], seed=5) as load:
            g.wait_ticks(4)
            with redis.client() as r:
                r("CONFIG", "SET", "maxmemory", "1mb")
                full_ms = e.now_ms()
                self.wait_refused(g, "OOM")
                # It still seals and commits: alerts matter most when things are full. Hosts whose
                # samples are refused are silent for longer than the rule of that name allows.
                g.wait_ticks(8)
                e.wait_until("an alert is written to a full Redis",
                             lambda: any(int(id.split("-")[0]) > full_ms + 500
                                         for id, _ in g.incidents()))
                self.assertEqual(200, g.get("/healthz").status)
                r("CONFIG", "SET", "maxmemory", "0")
            g.wait_ready()
            e.wait_until("what was refused is sent again", lambda: not load.waiting)
            g.wait_ticks(4)
        self.check(g, load)

    def test_becomes_read_only(self):
        redis = e.RedisServer(self.home).start()
        other = e.RedisServer(self.home, name="other").start()
        g = self.engine(redis, l.NOISY_RULES).start()
        with l.Load(lambda: [g.port], seed=5) as load:
            g.wait_ticks(4)
            with redis.client() as r:
                # A replica of a master that it cannot reach keeps its data.
                other.kill()
                r("REPLICAOF", "127.0.0.1", other.port)
                self.wait_refused(g, "READONLY")
                self.assertIsNone(g.process.poll())
                r("REPLICAOF", "NO", "ONE")
            g.wait_ready()
            g.wait_ticks(4)
            e.wait_until("what was refused is sent again", lambda: not load.waiting)
        self.check(g, load)

    def test_emptied(self):
        """Somebody flushes it: the engine says so and begins anew, without inventing events."""
        redis = e.RedisServer(self.home).start()
        g = self.engine(redis).start()
        g.wait_incident(report={"host": "a", "cpu.usage": 99}, hostName="a")
        with redis.client() as r:
            r("FLUSHALL")
        e.wait_until("samples are taken again and evaluated", lambda: (
            g.post({"host": "b", "cpu.usage": 99}).status == 202 and
            [f for _, f in g.incidents() if (f["hostName"], f["event"]) == ("b", "opened")]),
            every=0.1)
        self.assertIsNone(g.process.poll())
        self.assertLess(g.stop(), 2)


if __name__ == "__main__":
    e.main()
