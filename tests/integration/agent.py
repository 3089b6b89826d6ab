"""`tocsin agent` against `tocsin serve`: samples arrive, a server that is away loses none, and an
agent that is stopped takes its leave."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
import load as l
from stopwatch import Stopwatch


class Agent(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)
        self.port = e.free_port()
        self.watch = None

    def serve(self, rules=(), name="server", **more):
        args = ["--listen", f"127.0.0.1:{self.port}", *more.pop("args", ())]
        return e.Engine(self.home, e.config(list(rules), takeover="1s"), name, args=args, **more)

    def agent(self, *more, env=None, ports=None):
        path = os.path.join(self.home.path, "agent.log")
        to = [x for p in ports or [self.port] for x in ("--to", f"http://127.0.0.1:{p}")]
        with open(path, "ab") as log:
            self.agent_log = path
            agent = self.home.run([e.BINARY, "agent", *to, "--interval", "250ms", "--host", "far",
                                   *more], stderr=log, stdout=log, cwd=self.home.path,
                                  env=e.clean_environment(env))
        self.watch = Stopwatch(agent.pid).start()
        self.addCleanup(self.watch.stop)
        return agent

    def check_ticks(self, ticks):
        """Each once; those in which the machine held the agent up may be missing."""
        self.assertEqual(sorted(set(ticks)), ticks)
        missing = ticks[-1] + 1 - ticks[0] - len(ticks)
        self.assertLessEqual(missing, self.held_up(), ticks)

    def held_up(self):
        """How many intervals it may have been too late for."""
        return int(self.watch.held_up() / 0.125)

    def log_of(self, g):
        with g.redis() as r:
            return [s for s in l.read_log(r) if s["host"] == "far"]

    def stop(self, agent):
        agent.terminate()
        self.assertEqual(0, agent.wait(e.PATIENCE))
        self.watch.stop()

    def test_reports_and_takes_its_leave(self):
        g = self.serve([e.rule("up", "uptime", "last", value=0)]).start()
        agent = self.agent()
        g.wait_incident(hostName="far", event="opened", ruleName="up")
        e.wait_until("it reports", lambda: len(self.log_of(g)) >= 6)
        samples = self.log_of(g)
        for field in ("mem.usage", "mem.free", "uptime", "ts"):
            self.assertTrue(all(field in flat(s) for s in samples), field)
        # Jiffies are 10 ms: of two reports closer together than that (the first after the start,
        # or one after a late one) the second has no difference to report.
        usage = [flat(s)["cpu.usage"] for s in samples if "cpu.usage" in flat(s)]
        self.assertGreaterEqual(len(usage), len(samples) - 2 - self.held_up())
        self.assertTrue(all(0 <= u <= 100 for u in usage))
        self.assertTrue(all(0 < flat(s)["mem.usage"] < 100 for s in samples))
        self.check_ticks([s["ts"] // 250 for s in samples])
        self.stop(agent)
        g.wait_incident(hostName="far", event="resolved", reason="host-gone")
        with g.redis() as r:
            self.assertNotIn("far", r.hash("tocsin:{0}:hosts"))
        self.assertLess(g.stop(), 2)

    def test_server_away_and_back_loses_nothing(self):
        g = self.serve()
        agent = self.agent()
        e.wait_until("it notices that nobody answers",
                     lambda: f"127.0.0.1:{self.port}" in open_text(self.agent_log))
        for kill in (True, False, True):
            g.start()
            before = len(self.log_of(g))
            e.wait_until("it reports", lambda: len(self.log_of(g)) >= before + 5)
            g.kill() if kill else g.stop()
            away = e.now_ms()
            e.wait_until("it was away", lambda: e.now_ms() > away + 1500)
        g.start()
        back = e.now_ms()
        e.wait_until("it reports again",
                     lambda: any(s["ts"] > back for s in self.log_of(g)))
        self.stop(agent)
        self.check_ticks(sorted({s["ts"] // 250 for s in self.log_of(g)}))
        self.assertLess(g.stop(), 2)

    def test_redis_away_and_back_loses_nothing(self):
        redis = e.RedisServer(self.home).start()
        g = self.serve(redis=redis).start()
        agent = self.agent()
        e.wait_until("it reports", lambda: len(self.log_of(g)) >= 4)
        redis.kill()
        away = e.now_ms()
        e.wait_until("it was away", lambda: e.now_ms() > away + 1500)
        redis.start()
        back = e.now_ms()
        e.wait_until("it reports again",
                     lambda: any(s["ts"] > back for s in self.log_of(g)))
        self.stop(agent)
        self.check_ticks(sorted({s["ts"] // 250 for s in self.log_of(g)}))
        self.assertLess(g.stop(), 2)

    def test_next_server_when_one_is_dead(self):
        g = self.serve().start()
        agent = self.agent(ports=[e.free_port(), self.port])
        e.wait_until("it reports", lambda: len(self.log_of(g)) >= 3)
        self.stop(agent)
        self.assertLess(g.stop(), 2)

    def test_token(self):
        token = self.home.file("token", "a-secret-of-the-agent\n")
        g = self.serve(args=["--token-file", token])
        g.start(wait="listening")
        agent = self.agent("--token-file", token)
        e.wait_until("it reports", lambda: os.path.exists(g.socket) and len(self.log_of(g)) >= 2)
        self.stop(agent)
        self.assertNotIn("a-secret", open_text(self.agent_log))
        agent = self.agent(env={"TOCSIN_TOKEN": "a-wrong-secret"})
        e.wait_until("it says that it is refused", lambda: "401" in open_text(self.agent_log))
        self.stop(agent)
        self.assertNotIn("a-wrong-secret", open_text(self.agent_log))

    def test_a_token_is_replaced(self):
        servers = self.home.file("servers-tokens", "the-token-of-last-year\n")
        agents = self.home.file("agents-token", "the-token-of-last-year\n")
        g = self.serve(args=["--token-file", servers])
        g.start(wait="listening")
        agent = self.agent("--token-file", agents)
        e.wait_until("it reports", lambda: os.path.exists(g.socket) and len(self.log_of(g)) >= 2)
        self.home.file("servers-tokens", "the-token-of-this-year\n")
        e.wait_until("it is refused", lambda: "401" in open_text(self.agent_log))
        at = e.now_ms()
        self.home.file("agents-token", "")
        e.wait_until("it says that there is none",
                     lambda: "the token from before" in open_text(self.agent_log))
        self.home.file("agents-token", "the-token-of-this-year\n")
        e.wait_until("it reports again", lambda: any(s["ts"] > at for s in self.log_of(g)))
        self.stop(agent)
        self.check_ticks(sorted({s["ts"] // 250 for s in self.log_of(g)}))
        self.assertNotIn("-year", open_text(self.agent_log))

    def test_no_leave(self):
        g = self.serve().start()
        agent = self.agent("--no-leave")
        e.wait_until("it reports", lambda: len(self.log_of(g)) >= 2)
        self.stop(agent)
        self.assertFalse(any(s.get("gone") for s in self.log_of(g)))

    def test_wrong_usage(self):
        for words in (["--interval", "1ms"], ["--to", "nowhere"], ["--host", "h" * 300],
                      ["--token-file", "/nonexistent"]):
            agent = self.agent(*words)
            self.assertEqual(2, agent.wait(e.PATIENCE), words)


def flat(sample, prefix=""):
    out = {}
    for key, value in sample.items():
        if isinstance(value, dict):
            out |= flat(value, prefix + key + ".")
        else:
            out[prefix + key] = value
    return out


def open_text(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


if __name__ == "__main__":
    e.main()
