"""The example consumers in tools/consumers, run for real: each gets what is open when it joins and
every event from then on, through its own death at the worst moments, a handler that fails and a
restart of the engine.

usage: consumers_test.py TOCSIN_BINARY shell|node|python [unittest options]"""

import os
import shutil
import signal
import subprocess
import sys
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
