"""The example consumers in tools/consumers, run for real: each gets what is open when it joins and
every event from then on, through its own death at the worst moments, a handler that fails, a
restart of the engine, a connection that is dead though nobody closed it, a primary that becomes a
replica, and a group that somebody removed.

usage: consumers_test.py TOCSIN_BINARY shell|node|python [unittest options]"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import unittest
from collections import Counter

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(TOP, "tests", "support"))
import engine as e
import npm

KIND = None
GROUP = "pager"

# Notes what it is called for. A file beside it makes it fail, or kill the consumer that called it:
# before its work, or after it, when the consumer has not noted that yet.
HANDLER = """#!/bin/bash
cd "$(dirname "$0")" || exit 1
if rm die-before 2>/dev/null; then kill -9 "$PPID"; exit 1; fi
if rm fail 2>/dev/null; then exit 1; fi
printf '%s|' "$INCIDENT_event" "$INCIDENT_id" "$INCIDENT_hostName" "$INCIDENT_ruleName" \\
  "$INCIDENT_triggerValue" >>done
echo "$INCIDENT_reason" >>done
if rm die-after 2>/dev/null; then kill -9 "$PPID"; fi
exit 0
"""


def install(folder):
    """Copies the consumer there, with what it needs; gives the command that runs it."""
    shutil.copytree(os.path.join(TOP, "tools", "consumers"), folder,
                    ignore=shutil.ignore_patterns("node_modules"))
    if KIND == "shell":
        return ["bash", os.path.join(folder, "consumer.sh")]
    if KIND == "python":
        return ["/usr/bin/python3", os.path.join(folder, "consumer.py")]
    npm.install(folder)
    return ["node", os.path.join(folder, "consumer.mjs")]


class Proxy:
    """Carries connections to a Redis (a `RedisServer`). What it carries can go silent, as behind a
    firewall that forgot it: nobody closes anything, and new connections work."""

    def __init__(self, redis, at_end):
        self.redis, self.live, self.all = redis, [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "redis://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()
        at_end(self.close)

    def close(self):
        self.listener.close()
        for one, other in self.all:
            one.close()
            other.close()

    def go_silent(self):
        self.live.clear()

    def accept(self):
        while True:
            try:
                pair = self.listener.accept()[0], socket.create_connection(
                    ("127.0.0.1", self.redis.port))
            except OSError:
                return
            self.all.append(pair)
            self.live.append(pair)
            for one, other in (pair, pair[::-1]):
                threading.Thread(target=self.carry, args=(pair, one, other), daemon=True).start()

    def carry(self, pair, one, other):
        try:
            while data := one.recv(65536):
                if pair not in self.live:
                    threading.Event().wait()  # keeps both ends open
                other.sendall(data)
        except OSError:
            pass
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Consumer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = e.Home(cls.addClassCleanup)
        cls.command = install(os.path.join(cls.home.path, "consumer"))
        # Blanks, quotes and a line break: names come through as they are.
        rules = [e.rule(' Hot\n"CPU" ', timeframe="250ms"), e.rule("Errors", "errors.count", "sum",
                                                                   value=3, timeframe="250ms")]
        cls.engine = e.Engine(cls.home, e.config(rules, takeover="1s"), "engine").start()

    @classmethod
    def tearDownClass(cls):
        cls.engine.stop()

    def setUp(self):
        self.folder = os.path.join(self.home.path, self.id().rsplit(".", 1)[-1])
        self.home.file(os.path.join(self.folder, "handler"), HANDLER)
        os.chmod(os.path.join(self.folder, "handler"), 0o755)
        self.group = self.id().rsplit(".", 1)[-1]
        self.starts = 0

    def start(self, name, **variables):
        self.starts += 1
        self.log_path = os.path.join(self.folder, f"stderr.{self.starts}")
        env = e.clean_environment({"REDIS_URL": "unix://" + self.engine.socket, "NAME": name,
                                   "GROUP": self.group, "RETRY_MS": "1000", **variables})
        with open(self.log_path, "wb") as log:
            return self.home.run([*self.command, os.path.join(self.folder, "handler")], env=env,
                                 stdout=log, stderr=log, cwd=self.folder)

    def stop(self, consumer):
        consumer.terminate()
        self.assertEqual(0, consumer.wait(e.PATIENCE), self.log())

    def log(self):
        with open(self.log_path, encoding="utf-8") as f:
            return f.read()

    def ask_handler(self, what):
        """Of the next event: what is done may be just about to look."""
        e.wait_until("what is done is acknowledged", lambda: self.pending() == 0)
        with open(os.path.join(self.folder, what), "w", encoding="utf-8"):
            pass

    def done(self):
        """What the handler did: how often for each (event, id)."""
        return Counter((w[0], w[1]) for w in self.done_words())

    def done_words(self):
        try:
            with open(os.path.join(self.folder, "done"), encoding="utf-8") as f:
                return [w.split("|") for w in f.read().replace('\n"', ' "').splitlines()]
        except FileNotFoundError:
            return []

    def wait_done(self, *events):
        try:
            e.wait_until(f"{events} are handled",
                         lambda: all(self.done()[event] for event in events), every=0.05)
        except AssertionError as why:
            raise AssertionError(f"{why}\nhandled: {self.done()}\n{self.log()}") from None

    def hot(self, host, usage=99):
        """Makes an incident open, or resolve; gives its (event, id)."""
        what = "opened" if usage > 50 else "resolved"
        _, fields = self.engine.wait_incident(report={"host": host, "cpu": {"usage": usage}},
                                              event=what, hostName=host)
        return what, fields["id"]

    def cool(self, host):
        return self.hot(host, 1)

    def pending(self):
        with self.engine.redis() as r:
            return r("XPENDING", "tocsin:{0}:incidents", self.group)[0]

    def test_nothing_is_lost_and_nothing_is_twice(self):
        # Open before the consumer is there; resolved before it is nobody's business.
        early = self.hot("early")
        over = self.hot("over"), self.cool("over")
        a = self.start("a")
        self.wait_done(early)

        # Dies between delivery and its work: another one takes that over.
        self.ask_handler("die-before")
        delivered = self.hot("delivered")
        self.assertEqual(-signal.SIGKILL, a.wait(e.PATIENCE), self.log())
        self.assertEqual(0, self.done()[delivered])
        self.assertEqual(1, self.pending())
        meanwhile = self.hot("meanwhile"), self.cool("delivered")
        b = self.start("b")
        self.wait_done(delivered, *meanwhile)

        # Dies between its work and the acknowledgement: this cannot but be done again, by the
        # consumer itself when it is back.
        self.ask_handler("die-after")
        twice = self.hot("twice")
        self.assertEqual(-signal.SIGKILL, b.wait(e.PATIENCE), self.log())
        self.assertEqual(1, self.done()[twice])
        self.assertEqual(1, self.pending())
        b = self.start("b", RETRY_MS="600000")
        e.wait_until("it is done again", lambda: self.done()[twice] == 2)
        self.stop(b)

        # What fails is tried again.
        b = self.start("b")
        self.ask_handler("fail")
        failed = self.hot("failed")
        self.wait_done(failed)
        e.wait_until("that is noted", lambda: self.pending() == 0)

        # The engine and its Redis go and come back under the consumer.
        self.engine.stop()
        self.engine.start()
        after = self.hot("after"), self.cool("meanwhile"), self.cool("early")
        self.wait_done(*after)
        # And so does the consumer, while things happen.
        self.stop(b)
        away = self.hot("away"), self.cool("after")
        c = self.start("c")
        self.wait_done(*away)
        e.wait_until("everything is acknowledged", lambda: self.pending() == 0)
        self.stop(c)

        stream = {(f["event"], f["id"]) for _, f in self.engine.incidents()}
        expected = Counter(stream - set(over))
        expected[twice] = 2
        self.assertEqual(expected, self.done())
        self.assertTrue(all(w[3] == ' Hot "CPU" ' and w[4] == "99" for w in self.done_words()),
                        self.done_words())
        self.assertEqual({"", "recovered"}, {w[5] for w in self.done_words()})

    def test_an_event_that_appears_again_is_handled_once(self):
        # As after a failover of Redis that lost writes: the same event under another entry.
        fields = ("v", 1, "event", "opened", "seq", 1, "id", "0123456789abcdefghij_-", "ruleName",
                  "r", "hostName", "h", "startTime", "2026-01-01T00:00:00.000Z", "triggerValue",
                  "0.1")
        with self.engine.redis() as r:
            for entry in ("5-1", "5-2", "6-1"):
                r("XADD", "copy:{0}:incidents", entry, *fields)
            r("XADD", "copy:{0}:incidents", "7-1", *fields[:2], "event", "resolved", *fields[4:])
            consumer = self.start("a", PREFIX="copy", FROM="all")
            self.wait_done(("resolved", fields[7]))
            e.wait_until("everything is acknowledged",
                         lambda: r("XPENDING", "copy:{0}:incidents", self.group)[0] == 0)
            self.stop(consumer)
            consumer = self.start("a", PREFIX="copy")
            r("XADD", "copy:{0}:incidents", "8-1", *fields)
            e.wait_until("it is acknowledged", lambda: r(
                "XINFO", "GROUPS", "copy:{0}:incidents")[0][7] == b"8-1" and r(
                "XPENDING", "copy:{0}:incidents", self.group)[0] == 0)
            self.stop(consumer)
        self.assertEqual([["opened", fields[7], "h", "r", "0.1", ""],
                          ["resolved", fields[7], "h", "r", "0.1", ""]], self.done_words())

    def test_a_consumer_may_be_there_before_the_engine(self):
        # Its group makes the stream, empty, on a Redis that no engine has seen yet.
        redis = e.RedisServer(self.home, name="new-redis").start()
        consumer = self.start("a", REDIS_URL=redis.url)
        with redis.client() as r:
            e.wait_until("the group is there", lambda: r("EXISTS", "consumer:{0}:%s:joined" % self.group))
        engine = e.Engine(self.home, e.config([e.rule("hot", timeframe="250ms")]), "new",
                          redis).start()
        self.addCleanup(engine.kill)
        _, fields = engine.wait_incident(report={"host": "h", "cpu": {"usage": 99}}, event="opened")
        self.wait_done(("opened", fields["id"]))
        self.stop(consumer)

    def own_redis(self, name, *options):
        redis = e.RedisServer(self.home, *options, name=f"{self.group}-{name}").start()
        self.addCleanup(redis.kill)
        return redis

    def add(self, redis, entry, what, incident):
        """An event as an engine writes it; gives its (event, id)."""
        with redis.client() as r:
            r("XADD", "tocsin:{0}:incidents", entry, "v", 1, "event", what, "seq", 1, "id", incident,
              "ruleName", "r", "hostName", "h", "startTime", "2026-01-01T00:00:00.000Z",
              "triggerValue", 1)
        return what, incident

    def open(self, redis, incident):
        """Of the hash of what is open, as an engine writes it."""
        with redis.client() as r:
            r("HSET", "tocsin:{0}:open", incident, json.dumps(
                {"id": incident, "ruleName": "r", "hostName": "h", "triggerValue": 1,
                 "startTime": "2026-01-01T00:00:00.000Z"}))
        return "opened", incident

    def test_a_connection_that_nobody_closed_is_made_anew(self):
        redis = self.own_redis("redis")
        proxy = Proxy(redis, self.addCleanup)
        consumer = self.start("a", REDIS_URL=proxy.url, FROM="all")
        self.wait_done(self.add(redis, "1-1", "opened", "one"))
        with redis.client() as r:
            e.wait_until("it waits for events",
                         lambda: b"blocked_clients:1\r\n" in r("INFO", "clients"), every=0.001)
        proxy.go_silent()
        self.wait_done(self.add(redis, "2-1", "opened", "two"))
        self.stop(consumer)

    def test_a_primary_that_became_a_replica_is_left(self):
        # Its address leads to the new primary; the connection to the old one still stands.
        old, new = self.own_redis("old"), self.own_redis("new")
        with old.client() as r, new.client() as other:
            other("REPLICAOF", "127.0.0.1", old.port)
            proxy = Proxy(old, self.addCleanup)
            consumer = self.start("a", REDIS_URL=proxy.url, FROM="all")
            self.wait_done(self.add(old, "1-1", "opened", "one"))
            e.wait_until("the replica has it all", lambda: other(
                "EXISTS", "consumer:{0}:%s:seen:one:opened" % self.group) and other(
                    "XPENDING", "tocsin:{0}:incidents", self.group)[0] == 0)
            proxy.redis = new
            other("REPLICAOF", "NO", "ONE")
            r("REPLICAOF", "127.0.0.1", new.port)
        self.wait_done(self.add(new, "2-1", "opened", "two"))
        self.stop(consumer)
        self.assertEqual({1}, set(self.done().values()))

    def test_a_group_that_somebody_removed_is_made_again(self):
        redis = self.own_redis("redis")
        stream = "tocsin:{0}:incidents"
        for start_from in ("now", "all"):
            with self.subTest(start_from), redis.client() as r:
                r("FLUSHALL")
                before = self.add(redis, "1-1", "opened", f"before-{start_from}")
                r("HSET", "tocsin:{0}:progress", "lastEventId", "1-1")
                consumer = self.start("a", REDIS_URL=redis.url, FROM=start_from)
                e.wait_until("the group is there", lambda: r(
                    "EXISTS", "consumer:{0}:%s:joined" % self.group))
                one = self.add(redis, "2-1", "opened", f"one-{start_from}")
                self.wait_done(one)
                # While it waits: what comes before it is back is not missed.
                r("XGROUP", "DESTROY", stream, self.group)
                gone = self.add(redis, "3-1", "resolved", f"one-{start_from}")
                self.wait_done(gone)
                self.stop(consumer)
                # While it is away: also what was removed with the stream, and is open.
                r("DEL", stream)
                lost = self.open(redis, f"lost-{start_from}")
                consumer = self.start("a", REDIS_URL=redis.url, FROM=start_from)
                self.wait_done(lost, self.add(redis, "4-1", "opened", f"four-{start_from}"))
                self.stop(consumer)
                self.assertEqual(start_from == "all", before in self.done())
                self.assertEqual({1}, set(self.done().values()), "nothing is done again")

    def test_a_pending_event_that_was_trimmed_is_told(self):
        redis = self.own_redis("redis")
        events = [self.add(redis, f"{i}-1", "opened", f"i{i}") for i in (1, 2, 3)]
        with redis.client() as r:
            r("XGROUP", "CREATE", "tocsin:{0}:incidents", self.group, "0")
            r("XREADGROUP", "GROUP", self.group, "dead", "STREAMS", "tocsin:{0}:incidents", ">")
            r("XTRIM", "tocsin:{0}:incidents", "MINID", "3-1")
            consumer = self.start("a", REDIS_URL=redis.url, FROM="all")
            self.wait_done(events[2])
            self.assertEqual(1, self.log().count("consumer: 1-1 is lost"), self.log())
            self.assertEqual(1, self.log().count("consumer: 2-1 is lost"), self.log())
            e.wait_until("all is acknowledged", lambda: r(
                "XPENDING", "tocsin:{0}:incidents", self.group)[0] == 0)
        self.stop(consumer)

    def test_an_event_that_the_disk_has_no_room_for_is_not_done(self):
        redis = self.own_redis("redis")
        self.add(redis, "1-1", "opened", "one")
        env = e.clean_environment({"REDIS_URL": redis.url, "GROUP": self.group, "FROM": "all",
                                   "NAME": "a", "RETRY_MS": "1000"})
        self.log_path = os.path.join(self.folder, "stderr")
        for path in ("/dev/full", os.path.join(self.folder, "out")):
            with open(path, "wb") as out, open(self.log_path, "wb") as log:
                consumer = self.home.run(self.command, stdout=out, stderr=log, cwd=self.folder, env=env)
            if path == "/dev/full":
                e.wait_until("it is tried again",
                             lambda: self.log().count("1-1 is tried again later") > 1)
                with redis.client() as r:
                    self.assertEqual(1, r("XPENDING", "tocsin:{0}:incidents", self.group)[0])
            else:
                e.wait_until("it is printed", lambda: os.path.getsize(path))
            self.stop(consumer)
        with open(path, encoding="utf-8") as printed:
            self.assertEqual("opened one h r 1\n", printed.read())

    def test_without_a_command_it_prints_events(self):
        opened = self.hot("printed")
        with open(os.path.join(self.folder, "out"), "w+", encoding="utf-8") as out:
            consumer = self.home.run(
                self.command, stdout=out, cwd=self.folder, env=e.clean_environment(
                    {"REDIS_URL": "unix://" + self.engine.socket, "GROUP": self.group}))
            def printed():
                out.seek(0)
                return f'opened {opened[1]} printed  Hot\n"CPU"  99' in out.read()
            e.wait_until("it is printed", printed)
            self.stop_silent(consumer)

    def stop_silent(self, consumer):
        consumer.terminate()
        self.assertEqual(0, consumer.wait(e.PATIENCE))


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[2] not in ("shell", "node", "python"):
        sys.exit(__doc__)
    KIND = sys.argv.pop(2)
    e.main()
