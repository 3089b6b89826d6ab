"""SIGTERM ends the engine within two seconds with exit code 0, whatever it is doing, and leaves
nothing behind that the next start would trip over."""

import os
import shutil
import signal
import socket
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
import load as l
from reaper import processes_in
from stopwatch import Stopwatch


class Stop(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)

    def stop(self, g):
        took = g.stop()
        print(f"stopped in {took:.2f} s", flush=True)
        self.assertLess(took, 2)
        self.assertIn("stopping", g.log())
        self.assertEqual([], list(processes_in(g.state)), "its Redis is stopped")

    def test_at_rest_and_again_at_once(self):
        g = e.Engine(self.home, e.config([e.rule("hot")]), local=True)
        for _ in range(3):
            g.start()
            self.stop(g)

    def test_by_ctrl_c(self):
        g = e.Engine(self.home, e.config([e.rule("hot")])).start()
        with Stopwatch(g.process.pid) as watch:
            g.signal(signal.SIGINT)
            self.assertEqual(0, g.wait_end())
        self.assertLess(watch.seconds(), 2)
        self.assertEqual([], list(processes_in(g.state)))

    def test_while_it_starts(self):
        for wait in (None, "listening"):
            g = e.Engine(self.home, e.config([e.rule("hot")]), name=f"g-{wait}").start(wait=wait)
            if wait is None:
                e.wait_until("its Redis starts", lambda: os.path.exists(g.socket))
            self.stop(g)

    def test_while_its_redis_reads_its_data(self):
        g = e.Engine(self.home, e.config([e.rule("hot")])).start()
        with g.redis() as r:
            r("EVAL", "for i = 1, 20000 do redis.call('SET', 'filler-' .. i, 'x') end", "0")
        self.stop(g)
        # The same server, but slow to read: 0.3 ms a key. It answers after each 1,024.
        slow = os.path.join(self.home.path, "slow")
        self.home.file(os.path.join(slow, "redis-server"),
                       f'#!/bin/sh\nexec {shutil.which("redis-server")} "$@" --key-load-delay 300\n')
        os.chmod(os.path.join(slow, "redis-server"), 0o755)
        g.extra_env["PATH"] = slow + os.pathsep + os.environ["PATH"]
        g.start(wait=None)
        e.wait_until("its Redis reads its data", lambda: "reads its data" in g.log())
        self.stop(g)
        del g.extra_env["PATH"]
        g.start()
        with g.redis() as r:
            self.assertEqual(b"x", r("GET", "filler-20000"))
        self.stop(g)

    def test_under_load(self):
        g = e.Engine(self.home, e.config(l.NOISY_RULES, hostExpiry="4s"))
        with l.Load(lambda: [g.port] if g.port else [], period=0.02, seed=8) as load:
            for _ in range(4):
                g.start()
                g.wait_ticks(3)
                self.stop(g)
            g.start()
        g.wait_ticks(4)
        g.kill()
        l.check_stream(self, g)
        with e.Engine(self.home, name="engine").start().redis() as r:
            logged = {s["n"] for s in l.read_log(r)}
        self.assertEqual([], [n for n in load.acknowledged if n not in logged])
        self.assertGreater(len(load.acknowledged), 200)

    def test_hands_over_at_once(self):
        """The lease is given back: the next start need not wait for it."""
        g = e.Engine(self.home, e.config([e.rule("hot")], takeover="10m")).start()
        self.stop(g)
        g.start(wait="listening")
        g.wait_ready()
        self.stop(g)

    def test_with_redis_away(self):
        for how in ("killed", "standing still"):
            with self.subTest(how):
                redis = e.RedisServer(self.home, name=f"redis-{how[:6]}").start()
                g = e.Engine(self.home, e.config(l.NOISY_RULES), f"g-{how[:6]}", redis)
                with l.Load(lambda g=g: [g.port] if g.port else [], seed=9):
                    g.start()
                    g.wait_ticks(3)
                    if how == "killed":
                        redis.kill()
                        e.wait_until("it noticed", lambda: g.get("/readyz").status == 503)
                    else:
                        redis.process.send_signal(signal.SIGSTOP)
                    took = g.stop()
                    print(f"{how}: stopped in {took:.2f} s", flush=True)
                    self.assertLess(took, 2)

    def test_with_its_own_redis_away(self):
        g = e.Engine(self.home, e.config(l.NOISY_RULES), local=True).start()
        pid = g.redis_pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            took = g.stop()
        finally:
            if os.path.exists(f"/proc/{pid}"):
                os.kill(pid, signal.SIGCONT)
        print(f"stopped in {took:.2f} s", flush=True)
        self.assertLess(took, 2)
        self.assertEqual([], list(processes_in(g.state)))

    def test_with_clients_that_hang(self):
        g = e.Engine(self.home, e.config([e.rule("hot")])).start()
        idle = [socket.create_connection(("127.0.0.1", g.port)) for _ in range(20)]
        for s in idle[10:]:
            s.sendall(b"POST /api/v1/samples HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                      b"Content-Length: 100\r\n\r\n{")
        self.stop(g)
        for s in idle:
            s.close()


if __name__ == "__main__":
    e.main()
