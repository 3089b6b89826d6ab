"""Incidents and ticks as they happen: what clients of GET /api/v1/events get is the incident
stream, each event once and in order, over as many connections as it takes."""

import json
import os
import random
import socket
import ssl
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
from event_stream import EventStream
from stopwatch import Stopwatch

RULE = e.rule("cpu \"high\" <img> é", timeframe="250ms", labels={"severity": "page"},
              annotations={"summary": "{{host}} is hot"})
TEXTS = ("event", "id", "ruleName", "hostName", "startTime", "endTime", "reason", "field",
         "aggregation", "operand")
NUMBERS = ("triggerValue", "threshold", "timeframe")
OBJECTS = ("labels", "annotations")


def as_json(fields):
    """What the event of these fields must look like."""
    out = {k: fields[k] for k in TEXTS if k in fields}
    out |= {k: json.loads(fields[k]) for k in NUMBERS + OBJECTS if k in fields}
    return out


class Events(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)
        self.begin_ms = e.now_ms() - 60_000

    def start(self, **more):
        self.engine = e.Engine(self.home, e.config([RULE], grace="150ms", **more)).start()
        return self.engine

    def follow(self, last_id=None, port=None, **more):
        stream = EventStream(port or self.engine.port, last_id, **more)
        self.addCleanup(stream.close)
        self.assertEqual(200, stream.status)
        return stream

    def report(self, value, hosts=("a", "b\"'<script>é"), engine=None):
        body = "\n".join(json.dumps({"host": h, "cpu": {"usage": value}}) for h in hosts)
        self.assertEqual(202, (engine or self.engine).post(body, timeout=30).status)

    def flip_until(self, condition, hosts=("a", "b\"'<script>é"), engine=None):
        """Hosts are hot and cold by turns."""
        turn = [0]

        def step():
            turn[0] += 1
            self.report(99 if turn[0] // 6 % 2 else 1, hosts, engine)
            return condition()
        e.wait_until("enough happened", step, every=0.05)

    def expected(self, redis=None):
        """What of the stream is due: [(id, event)]."""
        with (redis or self.engine).redis() as r:
            return [(i, as_json(f)) for i, f in r.stream("tocsin:{0}:incidents")]

    def test_says_what_happens_as_it_stands_in_the_stream(self):
        self.start()
        with self.follow() as s:
            self.flip_until(lambda: len(s.incidents()) >= 8)
            kinds = {d["event"] for _, d in s.incidents()}
            self.assertEqual({"opened", "resolved"}, kinds)
            e.wait_until("all came", lambda: s.incidents() == self.expected())
            self.assertEqual({"severity": "page"}, s.incidents()[0][1]["labels"])

    def test_says_how_every_tick_went(self):
        self.start()
        with self.follow() as s:
            self.flip_until(lambda: len(s.of("tick")) >= 8 and len(s.incidents()) >= 4)
            ticks = [d for _, d in s.of("tick")]
            ends = [t["endMs"] for t in ticks]
            self.assertEqual(list(range(ends[0], ends[-1] + 1, 250)), ends)
            self.assertTrue(all(i is None for i, _ in s.of("tick")))
            self.assertEqual(2, ticks[-1]["hosts"])
            self.assertGreater(sum(t["samples"] for t in ticks), 8)
            # What a tick opened came before the tick.
            opened, due = 0, 0
            for name, _, data in list(s.events):
                opened += name == "incident"
                if name == "tick":
                    due += data["opened"] + data["resolved"]
                    self.assertGreaterEqual(opened, due)
            state = self.engine.get("/api/v1/engine").json
            kept = {t["endMs"]: t for t in state["ticks"]}
            told = [{k: v for k, v in t.items() if k != "cluster"} for t in ticks[2:6]]
            self.assertEqual(told, [kept[t["endMs"]] for t in ticks[2:6]])
            # What all hosts reported in it.
            cluster = next(t["cluster"] for t in ticks if "cpu.usage" in t.get("cluster", {}))
            self.assertEqual({"avg", "min", "max", "sum", "count"}, set(cluster["cpu.usage"]))

    def test_several_connections_together_get_the_stream_through_a_storm(self):
        self.engine = e.Engine(self.home, e.config([RULE], interval="500ms", grace="250ms")).start()
        # Fewer than 10,000 events, which a client may be behind: nobody is told to begin anew.
        hosts = [f"host-{i:04}" for i in range(800)]
        got, rng, stream = [], random.Random(11), self.follow()
        end = threading.Event()

        def storm():
            turn = 0
            while not end.is_set() and turn < 12:
                self.report(99 if turn % 2 == 0 else 1, hosts)
                turn += 1
                end.wait(0.75)
        reporter = threading.Thread(target=storm, daemon=True)
        reporter.start()

        def cut_and_resume():
            mark = len(got) + len(stream.incidents())
            e.wait_until("some came, or the storm is over",
                         lambda: len(got) + len(stream.incidents()) > mark + rng.randrange(900)
                         or not reporter.is_alive())
            resume()

        def resume():
            nonlocal stream
            stream.close()
            self.assertEqual([], stream.of("reset"))
            got.extend(stream.incidents())
            stream = self.follow(stream.last_id)
        while reporter.is_alive():
            cut_and_resume()
        reporter.join()
        self.engine.wait_ticks(4)
        due = self.expected()

        def rest_came():
            if stream.ended:  # the engine lets go of whoever is too slow
                resume()
            return len(got) + len(stream.incidents()) >= len(due)
        e.wait_until("the rest came", rest_came)
        self.assertGreater(len(due), 3_000)
        self.assertEqual(due, got + stream.incidents())
        self.assertEqual([], stream.of("reset"))
        print(f"{len(due)} events", flush=True)

    def test_goes_on_from_any_event_or_says_that_it_cannot(self):
        self.start()
        self.flip_until(lambda: len(self.engine.incidents()) >= 8)
        self.report(1)
        self.engine.wait_ticks(5)
        due = self.expected()
        for n in (0, 3, len(due) - 1):
            with self.follow(due[n][0]) as s:
                s.wait_incidents(len(due) - n - 1)
                self.assertEqual(due[n + 1:], s.incidents())
        with self.follow("0-0") as s:  # it has nothing, and all is there
            self.assertEqual(due, s.wait_incidents(len(due)))
        with self.follow(query="?lastEventId=" + due[3][0]) as s:
            self.assertEqual(due[4:], s.wait_incidents(len(due) - 4))
        with self.engine.redis() as r:
            r("XTRIM", "tocsin:{0}:incidents", "MAXLEN", 4)
        for last in ("0-0", due[1][0], "99999999999999-0"):
            with self.follow(last) as s:
                e.wait_until("it says so", lambda: s.of("reset"))
                self.assertEqual([(due[-1][0], {})], s.of("reset"))
                self.assertEqual(due[-1][0], s.last_id)
                self.assertEqual([], s.incidents())
        with self.follow(due[-3][0]) as s:
            self.assertEqual(due[-2:], s.wait_incidents(2))

    def add_events(self, n, host="a"):
        """Not the engine's, and before any of its own."""
        self.report(1)
        self.engine.wait_ticks(2)  # without it the engine would doubt what it finds
        with self.engine.redis() as r:
            r("EVAL", "for n = 1, tonumber(ARGV[1]) do redis.call('XADD', KEYS[1], ARGV[3] .. '-' .. n, "
              "'event', 'opened', 'id', 'i' .. n, 'hostName', ARGV[2]) end",
              1, "tocsin:{0}:incidents", n, host, self.begin_ms)

    def test_more_than_10_000_events_back_are_not_sent_again(self):
        self.start()
        self.add_events(11_000)
        with self.follow(f"{self.begin_ms}-900") as s:
            e.wait_until("it says so", lambda: s.of("reset"))
            self.assertEqual(f"{self.begin_ms}-11000", s.last_id)
        with self.follow(f"{self.begin_ms}-1000") as s:
            events = s.wait_incidents(10_000)
            self.assertEqual([f"{self.begin_ms}-{n}" for n in range(1001, 11_001)], [i for i, _ in events])

    def test_a_standby_says_it_too(self):
        redis = e.RedisServer(self.home).start()
        settings = e.config([RULE], grace="150ms", takeover="4s")
        self.engine = e.Engine(self.home, settings, "first", redis).start()
        second = e.Engine(self.home, settings, "second", redis).start(wait="listening")
        second.wait_ready("standby")
        with self.follow(port=second.port) as s:
            self.flip_until(lambda: len(s.incidents()) >= 4)
            self.assertEqual([], s.of("tick"))
            self.engine.kill()
            second.wait_ready("owner")
            self.flip_until(lambda: len(s.incidents()) >= 12 and s.of("tick"), engine=second)
            self.engine = second
            self.report(1)
            second.wait_ticks(4)
            e.wait_until("all came", lambda: s.incidents() == self.expected())

    def test_stays_open_while_redis_is_away(self):
        redis = e.RedisServer(self.home).start()
        self.engine = e.Engine(self.home, e.config([RULE], grace="150ms"), redis=redis).start()
        with self.follow() as s:
            self.flip_until(lambda: len(s.incidents()) >= 4)
            redis.kill()
            e.wait_until("it is missed", lambda: self.engine.get("/readyz").status == 503)
            refused = EventStream(self.engine.port)
            self.assertEqual(503, refused.status)
            refused.close()
            redis.start()
            self.engine.wait_ready()
            e.wait_until("samples are taken", lambda: self.engine.post(
                {"host": "a", "cpu.usage": 1}).status == 202)
            before = len(s.incidents())
            self.flip_until(lambda: len(s.incidents()) >= before + 4)
            self.report(1)
            self.engine.wait_ticks(4)
            e.wait_until("all came", lambda: s.incidents() == self.expected())
            self.assertFalse(s.ended)

    def feed_connections(self):
        with self.engine.redis() as r:
            return r("CLIENT", "LIST").count(b"name=tocsin-live-feed")

    def test_costs_redis_nothing_without_clients(self):
        self.start()
        self.flip_until(lambda: len(self.engine.incidents()) >= 4)
        self.assertEqual(0, self.feed_connections())
        with self.follow():
            e.wait_until("Redis is asked", lambda: self.feed_connections() == 1)

        def commands():
            with self.engine.redis() as r:
                line = next(x for x in r("CLIENT", "LIST").splitlines() if b"live-feed" in x)
                return int(dict(p.split(b"=") for p in line.split() if b"=" in p)[b"idle"])
        e.wait_until("the client is gone",
                     lambda: self.engine.metrics()["tocsin_sse_clients"] == 0)
        self.flip_until(lambda: commands() >= 2)

    def test_takes_64_clients(self):
        self.start()
        all_of_them = [self.follow() for _ in range(64)]
        one_more = EventStream(self.engine.port)
        self.assertEqual(503, one_more.status)
        self.assertEqual("too-many-clients", json.loads(one_more.answer.read())["error"]["code"])
        one_more.close()
        self.assertEqual(64, self.engine.metrics()["tocsin_sse_clients"])
        self.flip_until(lambda: all(len(s.incidents()) >= 4 for s in all_of_them))
        all_of_them[5].close()
        e.wait_until("its place is free",
                     lambda: self.engine.metrics()["tocsin_sse_clients"] == 63)
        self.follow()

    def test_lets_go_of_a_client_that_takes_nothing(self):
        self.start()
        watch = Stopwatch(self.engine.process.pid).start()
        self.addCleanup(watch.stop)
        good = self.follow()
        lazy = socket.create_connection(("127.0.0.1", self.engine.port))
        self.addCleanup(lazy.close)
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        lazy.recv(15)
        self.add_events(6_000, "x" * 2_000)
        self.flip_until(lambda: len(good.incidents()) >= 6_004)
        e.wait_until("it is let go of",
                     lambda: self.engine.metrics()["tocsin_sse_dropped_total"] == 1, timeout=60)
        self.assertFalse(good.ended)
        before = len(good.of("tick"))
        self.flip_until(lambda: len(good.of("tick")) >= before + 4)
        late = 2_000 + watch.held_up() * 1000
        self.assertEqual([d["lagMs"] for _, d in good.of("tick") if d["lagMs"] > late], [])

    def test_ends_at_once_when_the_engine_stops(self):
        self.start()
        with self.follow() as s:
            self.assertLess(self.engine.stop(), 3)
            e.wait_until("it ended", lambda: s.ended)

    def test_over_tls_and_with_a_token_that_may_read(self):
        certificate = e.certificate(self.home, "server")
        token = "a-token-that-may-read-1"
        self.engine = e.Engine(
            self.home, e.config([RULE], grace="150ms"),
            tls=ssl.create_default_context(cafile=certificate[0]),
            args=["--tls-cert", certificate[0], "--tls-key", certificate[1]],
            env={"TOCSIN_READ_TOKEN": token, "TOCSIN_TOKEN": "a-token-that-may-do-all"})
        self.engine.start()
        refused = EventStream(self.engine.port, tls=self.engine.tls)
        self.assertEqual(401, refused.status)
        refused.close()
        with self.follow(tls=self.engine.tls, headers={"Authorization": f"Bearer {token}"}) as s:
            e.wait_until("ticks come", lambda: len(s.of("tick")) >= 4)

    def test_refuses_what_is_no_id_and_answers_head(self):
        self.start()
        for bad in ("?lastEventId=yesterday", "?since=1"):
            answer = self.engine.get("/api/v1/events" + bad)
            self.assertEqual((400, "bad-parameter"), (answer.status, answer.json["error"]["code"]))
        head = e.request(self.engine.port, "HEAD", "/api/v1/events")
        self.assertEqual((200, ""), (head.status, head.body))
        self.assertEqual("text/event-stream", head.headers["Content-Type"])
        self.assertEqual(0, self.engine.metrics()["tocsin_sse_clients"])


if __name__ == "__main__":
    e.main()
