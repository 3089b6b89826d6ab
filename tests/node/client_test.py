"""The Node.js client: applications of Express and Koa under load, whose requests are all in Tocsin,
once, also when the engine is killed and started again meanwhile.

usage: client_test.py TOCSIN_BINARY [unittest options]"""

import concurrent.futures
import http.client
import json
import os
import subprocess
import sys
import unittest

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(TOP, "tests", "support"))
import engine as e
import load
import npm
from stopwatch import Stopwatch

PATHS = ("/ok", "/order", "/fails")
TOKEN = "a-token-of-the-application"


def sums(samples):
    """Sum of each field over samples, as the engine counts: the same host, time and field once."""
    once = {}
    for s in samples:
        for field, value in s.items():
            if field not in ("host", "ts", "labels", "gone"):
                once.setdefault((s["host"], s["ts"], field), value)
    out = {}
    for (_, _, field), value in once.items():
        out[field] = out.get(field, 0) + value
    return out


class NodeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.installed = e.Home(cls.addClassCleanup)
        cls.folder = os.path.join(cls.installed.path, "app")
        npm.copy_and_install(cls.folder, "node")

    def setUp(self):
        self.home = e.Home(self.addCleanup)
        self.port = e.free_port()

    def engine(self, rules=(), args=(), grace="1s"):
        args = ["--listen", f"127.0.0.1:{self.port}", *args]
        # A sample that comes behind its tick finds its place taken where another was before it.
        return e.Engine(self.home, e.config(list(rules), grace=grace), args=args)

    def node(self, *args, **env):
        env = {"TOCSIN_URL": f"http://127.0.0.1:{self.port}", "TOCSIN_HOST": "app",
               "TOCSIN_INTERVAL": "250ms", **env}
        with open(os.path.join(self.home.path, "node.log"), "ab") as log:
            return self.home.run(["node", *args], stdout=subprocess.PIPE, stderr=log, text=True,
                                 cwd=self.folder, env=e.clean_environment(env))

    def log(self):
        with open(os.path.join(self.home.path, "node.log"), encoding="utf-8") as f:
            return f.read()

    def run_script(self, text, **env):
        """What a script with `tocsin` in scope says at its end, as JSON."""
        name = self.id().rsplit(".", 1)[-1] + ".js"
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as f:
            f.write("const tocsin = require('./node/tocsin');" + text)
        process = self.node(name, **env)
        out, _ = process.communicate(timeout=e.PATIENCE)
        self.assertEqual(0, process.returncode, self.log())
        return json.loads(out)

    def samples(self, engine):
        with engine.redis() as r:
            return [s for s in load.read_log(r) if s["host"] == "app"]


class Applications(NodeTest):
    def send(self, port, count):
        """Sends requests over eight connections, and gives how many were answered."""
        def some(n):
            c = http.client.HTTPConnection("127.0.0.1", port, timeout=e.PATIENCE)
            for i in range(n):
                c.request("GET", PATHS[i % 3])
                answer = c.getresponse()
                answer.read()
                self.assertEqual(500 if i % 3 == 2 else 200, answer.status)
            c.close()
            return n
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            return sum(pool.map(some, [count // 8] * 8))

    def check(self, kind):
        per_load = 480
        total, orders = 3 * per_load, 3 * per_load // 3 * 2
        # They reach over the whole test: the sum at which one opens is that of all requests.
        rules = [e.rule("all", "requests.count", "sum", value=total, timeframe="10m"),
                 e.rule("more", "requests.count", "sum", value=total + 1, timeframe="10m"),
                 e.rule("orders", "orders.count", "sum", value=orders, timeframe="10m")]
        token = self.home.file("token", TOKEN + "\n")
        g = self.engine(rules, ["--token-file", token], grace="3s")
        headers = {"Authorization": "Bearer " + TOKEN}
        g.start(wait="listening")
        e.wait_until("the engine is ready", lambda: g.get("/readyz", headers).status == 200)
        app = self.node("web_app.js", kind, TOCSIN_TOKEN=TOKEN)
        port = int(app.stdout.readline())
        self.send(port, per_load)
        g.kill()
        self.send(port, per_load)
        g.start(wait="listening")
        self.send(port, per_load)
        app.terminate()
        out, _ = app.communicate(timeout=e.PATIENCE)
        stats = json.loads(out)
        self.assertTrue(stats["all"], self.log())
        self.assertEqual(stats["sampled"], stats["delivered"])
        found = sums(self.samples(g))
        self.assertEqual((total, orders), (found["requests.count"], found["orders.count"]))
        self.assertGreater(found["requests.latency_sum"], 5 * total / 3)
        self.assertEqual(total, float(g.wait_incident(ruleName="all")[1]["triggerValue"]))
        self.assertEqual(orders, float(g.wait_incident(ruleName="orders")[1]["triggerValue"]))
        g.wait_ticks(8)
        self.assertEqual([], [f for _, f in g.incidents() if f["ruleName"] == "more"])
        self.assertNotIn(TOKEN, self.log())

    def test_express(self):
        self.check("express")

    def test_koa(self):
        self.check("koa")


class Client(NodeTest):
    def test_reports_the_machine(self):
        g = self.engine().start()
        app = self.node("web_app.js", "express")
        with Stopwatch(app.pid) as watch:
            e.wait_until("it reports", lambda: len(self.samples(g)) >= 6)
            app.terminate()
            app.communicate(timeout=e.PATIENCE)
        for s in self.samples(g):
            self.assertTrue(0 <= s.get("cpu.usage", 0) <= 100)
            self.assertTrue(0 < s["mem.usage"] < 100)
            self.assertGreater(s["mem.free"], 0)
            self.assertGreater(s["uptime"], 0)
            self.assertEqual((0, 0), (s["requests.count"], s["orders.count"]))
        self.assertTrue(any("cpu.usage" in s for s in self.samples(g)))
        # The first one may be late, as express is being loaded, and the last one is that of the end.
        ticks = [s["ts"] // 250 for s in self.samples(g)[1:-1]]
        self.assertEqual(sorted(ticks), ticks)
        wrong = len(set(range(ticks[0], ticks[-1] + 1)) - set(ticks))
        wrong += len(ticks) - len(set(ticks))
        self.assertLessEqual(wrong, int(watch.held_up() / 0.125), "one per interval")

    def test_an_answer_that_is_lost_counts_once(self):
        """The first URL passes each request on, and cuts the line before the answer."""
        g = self.engine([e.rule("three", "x.count", "sum", value=3, timeframe="10m")]).start()
        stats = self.run_script("""
          const net = require('net')
          const port = Number(new URL(process.env.TOCSIN_URL).port)
          let cut = 0
          const thief = net.createServer(socket => {
            const engine = net.connect(port, '127.0.0.1')
            socket.pipe(engine)
            engine.once('data', () => { ++cut; socket.destroy(); engine.destroy() })
            socket.on('error', () => {})
          }).listen(0, '127.0.0.1', async () => {
            const urls = [`http://127.0.0.1:${thief.address().port}`, process.env.TOCSIN_URL]
            const client = tocsin.create({ urls })
            client.increment('x.count', 3)
            const all = await client.close()
            thief.close()
            console.log(JSON.stringify({ all, cut, ...client.stats }))
          })""")
        self.assertEqual((True, 1, 1, 1),
                         tuple(stats[k] for k in ("all", "cut", "delivered", "failures")))
        self.assertEqual(2, len(self.samples(g)), "it came twice")
        self.assertEqual("3", g.wait_incident(ruleName="three")[1]["triggerValue"])
        self.assertGreater(g.metrics()['tocsin_values_total{result="repeated"}'], 0)

    def test_a_program_that_ends_by_itself_has_reported(self):
        g = self.engine().start()
        self.run_script("const c = tocsin.create({}); c.increment('jobs.count', 7);"
                        "c.gauge('queue.depth', 3); console.log('{}')")
        found = sums(self.samples(g))
        self.assertEqual((7, 3), (found["jobs.count"], found["queue.depth"]))

    def test_many_processes_under_one_name_lose_nothing(self):
        g = self.engine().start()
        out = self.run_script("""
          const cluster = require('cluster')
          if (cluster.isMaster) {
            for (let i = 0; i < 6; ++i) cluster.fork()
            let left = 6
            cluster.on('exit', () => { if (--left === 0) console.log('{}') })
          } else {
            const clients = [tocsin.create({ interval: '1s' }), tocsin.create({ interval: '1s' })]
            let n = 0
            const timer = setInterval(() => {
              for (const c of clients) c.increment('n.count')
              if (++n === 300) { clearInterval(timer); cluster.worker.disconnect() }
            }, 5)
          }""")
        self.assertEqual({}, out)
        self.assertEqual(6 * 2 * 300, sums(self.samples(g))["n.count"])

    def test_says_which_server_speaks(self):
        g = self.engine().start()
        out = self.run_script("""
          const made = ['a', 'b'].map(serverId => tocsin.create({ serverId, interval: '1s' }))
          for (const c of made) { c.increment('n.count'); c.gauge('serverId', 1) }
          Promise.all(made.map(c => c.close())).then(() =>
            console.log(JSON.stringify(made.map(c => c.stats.ignored))))""")
        self.assertEqual([1, 1], out)
        self.assertEqual({"a", "b"}, {s["serverId"] for s in self.samples(g)})

    def test_the_backlog_is_bounded_and_nobody_waits(self):
        out = self.run_script("""
          const client = tocsin.create({ urls: ['http://127.0.0.1:1', 'http://127.0.0.1:2'] })
          for (let i = 0; i < 100000; ++i) client.increment(`f${i}.count`)
          client.gauge('no number', NaN); client.gauge('ts', 1); client.increment({}, 1)
          client.increment(Symbol('x')); client.increment('x', Symbol('y')); client.observe(null)
          for (let i = 0; i < 1000; ++i) client._sample()
          const began = Date.now()
          client.close({ timeout: 300 }).then(all => console.log(JSON.stringify(
            { all, took: Date.now() - began, waiting: client._backlog.length, ...client.stats })))
          """, TOCSIN_INTERVAL="10s")
        self.assertFalse(out["all"])
        self.assertTrue(250 <= out["took"] < 4500, out["took"])
        self.assertEqual(360, out["waiting"], "an hour of samples")
        self.assertEqual(1001 - 360, out["dropped"])
        self.assertEqual(100000 - 256 + 5, out["ignored"])
        self.assertLess(len(self.log().splitlines()), 12, "each thing is said once")

    def test_options_that_cannot_be_used_throw_nothing(self):
        out = self.run_script("""
          for (const o of [null, 5, { url: 'nonsense' }, { counters: 5 }, { host: {}, labels: 1n },
                           { interval: 'soon', token: 'a b' }, { log: 7, url: 'ftp://x' }])
          {
            const c = tocsin.create(o)
            c.increment('a.count')
            c._sample()
            c.close({ timeout: 1 })
          }
          console.log('{}')""")
        self.assertEqual({}, out)

    def test_what_is_refused_holds_nothing_up(self):
        g = self.engine().start()
        out = self.run_script("""
          const client = tocsin.create({ interval: '10s', host: 'x'.repeat(300) })
          client._sample()
          client._host = 'app'
          client.flush().then(async () => {
            client._backlog.push('no json')
            client._backlogBytes += 7
            client.increment('after.count')
            const all = await client.close()
            console.log(JSON.stringify({ all, ...client.stats }))
          })""")
        self.assertTrue(out["all"])
        self.assertEqual(1, sums(self.samples(g))["after.count"])
        self.assertIn("taken in part", self.log())

    def test_answers_as_other_servers_give_them(self):
        out = self.run_script("""
          const net = require('net')
          const later = new Date(Date.now() + 600000).toUTCString()
          const answers = [
            'HTTP/1.1 103 Early Hints\\r\\n\\r\\n' +
              'HTTP/1.1 202 Accepted\\r\\nContent-Length: 100\\r\\n\\r\\nbroken off',
            `HTTP/1.1 503 Busy\\r\\nRetry-After: ${later}\\r\\nContent-Length: 0\\r\\n\\r\\n`
          ]
          let asked = 0
          const server = net.createServer(socket => {
            socket.once('data', () => socket.end(answers[asked++]))
          }).listen(0, '127.0.0.1', async () => {
            const url = `http://127.0.0.1:${server.address().port}`
            const client = tocsin.create({ url, interval: '10s' })
            client.increment('n.count')
            const first = await client.flush()
            client.increment('n.count')
            await client.flush(500)
            const wait = client._urls[0].notBefore - Date.now()
            client.enabled = false
            server.close()
            console.log(JSON.stringify({ first, asked, wait, ...client.stats }))
            process.exit(0)
          })""")
        self.assertTrue(out["first"], "the 202 counts, although its text broke off")
        self.assertEqual(2, out["asked"])
        self.assertEqual(1, out["delivered"])
        self.assertTrue(500_000 < out["wait"] <= 600_000, out["wait"])

    def test_it_takes_its_leave(self):
        g = self.engine([e.rule("up", "uptime", value=0)]).start()
        self.run_script("""
          const client = tocsin.create({})
          setTimeout(() => client.close({ leave: true }).then(() => console.log('{}')), 3000)""")
        g.wait_incident(ruleName="up", event="resolved", reason="host-gone")


if __name__ == "__main__":
    e.main()
