"""StatsD over UDP and over a Unix socket: what a client from the npm registry sent is in Tocsin,
value for value, also when Redis was away meanwhile.

usage: statsd_test.py TOCSIN_BINARY [unittest options]"""

import json
import os
import re
import signal
import socket
import sys
import unittest

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(TOP, "tests", "support"))
import engine as e
import load
from client_test import NodeTest, sums


class Statsd(NodeTest):
    def serve(self, rules=(), args=(), redis=None, **statsd):
        statsd = {"listen": "127.0.0.1:0", "host": "app", **statsd}
        return e.Engine(self.home, e.config(list(rules), statsd=statsd), redis=redis, args=args)

    def udp_port(self, engine):
        return int(re.search(r"heard on UDP \S+:(\d+)", engine.log()).group(1))

    def of(self, engine, host):
        with engine.redis() as r:
            return [s for s in load.read_log(r) if s["host"] == host]

    def send(self, engine, *packets):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for p in packets:
                s.sendto(p, ("127.0.0.1", self.udp_port(engine)))

    def metric(self, engine, name):
        return engine.metrics()[f"tocsin_statsd_{name}"]

    def check_client(self, engine, outage=lambda: None):
        client = self.node("statsd_sender.js", str(self.udp_port(engine)))
        e.wait_until("it sends", lambda: self.metric(engine, "packets_total") > 100)
        outage()
        sent = json.loads(client.communicate(timeout=e.PATIENCE)[0])
        self.assertEqual([], sent["errors"])
        wanted = {"hits.count": sent["hits"], "requests.count": sent["times"],
                  "requests.latency_sum": sent["time"], "size.count": sent["sizes"],
                  "size.value_sum": sent["size"]}

        def found():
            got = sums(self.of(engine, "app"))
            return {k: got.get(k) for k in wanted}
        e.wait_until("all is in the log", lambda: found() == wanted or None if
                     found()["size.count"] == sent["sizes"] else None)
        self.assertEqual(wanted, found())
        self.assertEqual({"hits.count": sent["web"]}, sums(self.of(engine, "web-1")))
        self.assertEqual(sent["depth"], self.of(engine, "app")[-1]["depth"])
        self.assertEqual(sent["changes"], self.of(engine, "app")[-1]["change"])
        self.assertEqual(sent["sets"], self.metric(engine, 'metrics_total{result="unsupported"}'))
        self.assertEqual(0, self.metric(engine, 'metrics_total{result="malformed"}'))
        self.assertEqual(0, self.metric(engine, "packets_lost_total"))
        return sent

    def test_a_client_from_the_registry(self):
        rules = [e.rule("all", "requests.count", "sum", value=1000, timeframe="10m")]
        g = self.serve(rules, fields={"web.request": "requests"}).start()
        self.check_client(g)
        self.assertEqual("1000", g.wait_incident(ruleName="all")[1]["triggerValue"])
        g.stop()

    def test_while_redis_is_away(self):
        redis = e.RedisServer(self.home).start()
        g = self.serve(redis=redis, fields={"web.request": "requests"}).start()

        def outage():
            before = self.metric(g, 'metrics_total{result="taken"}')
            redis.kill()
            e.wait_until("it hears on", lambda: self.metric(
                g, 'metrics_total{result="taken"}') > before + 1500)
            redis.start()
        self.check_client(g, outage)

    def test_a_unix_socket(self):
        path = os.path.join(self.home.path, "statsd.sock")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as left:
            left.bind(path)  # of a program that was killed
        g = self.serve(socket=path).start()
        self.assertEqual(0o660, os.stat(path).st_mode & 0o777)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.connect(path)
            for _ in range(2000):
                s.send(b"hits:1|c\nhits:2|c|#host:web-1")
        for host, count in (("app", 2000), ("web-1", 4000)):
            e.wait_until("all is in the log",
                         lambda: sums(self.of(g, host)).get("hits.count") == count)
        g.stop()
        self.assertFalse(os.path.exists(path))

    def test_what_was_heard_last_is_sent_at_the_end(self):
        g = self.serve().start()
        self.send(g, b"hits:1|c")
        e.wait_until("it was heard", lambda: self.metric(g, "packets_total") == 1)
        self.send(g, b"hits:41|c")
        e.wait_until("it was heard", lambda: self.metric(g, "packets_total") == 2)
        self.assertLess(g.stop(), 2)
        g.start()
        self.assertEqual(42, sums(self.of(g, "app"))["hits.count"])

    def test_a_stop_while_redis_stands_still(self):
        redis = e.RedisServer(self.home).start()
        g = self.serve(redis=redis).start()
        redis.process.send_signal(signal.SIGSTOP)
        self.send(g, b"hits:1|c")
        e.wait_until("it was heard", lambda: self.metric(g, "packets_total") == 1)
        self.assertLess(g.stop(), 2)

    def test_hostile_packets(self):
        g = self.serve().start()
        self.send(g, b"", b"\n" * 1000, b"\x00" * 60000, bytes(range(256)) * 200, b"a" * 65000,
                  b"ts:1|g\nhost:5|g\ngone:1|g\nlabels:1|g", b'x":1,"host:1|c', b"a:1e999|g",
                  b"\xff\xfe:1|c", b"ok:1|c\nbad\nok:1|c")
        e.wait_until("it is taken", lambda: sums(self.of(g, "app")).get("ok.count") == 2)
        self.send(g, *[b"\n".join(b"h%d:1|g|#host:h%d" % (i, i) for i in range(n, n + 500))
                       for n in range(0, 12000, 500)])
        e.wait_until("more hosts are refused",
                     lambda: self.metric(g, 'metrics_total{result="refused"}') > 1000)
        self.assertEqual(200, g.get("/healthz").status)
        self.assertEqual(0, g.metrics()['tocsin_samples_total{result="rejected"}'])

    def test_the_last_lines_that_were_not_taken_stand_on_the_engine_page(self):
        g = self.serve().start()
        self.send(g, b"ok:1|c\n<b>bad</b>:x|c\n\xff\x1b[31m:1|c")
        rejected = e.wait_until("they are told", lambda: g.get("/api/v1/engine").json[
            "examples"]["rejected"])
        self.assertEqual(["StatsD line `<b>bad</b>:x|c`", "the value is no number from -1e300 to 1e300"],
                         [rejected[0]["what"], rejected[0]["why"]])
        self.assertEqual(2, len(rejected))
        self.assertNotRegex(rejected[1]["what"], "[\x00-\x1f]")

    def test_it_starts_nowhere_where_it_should_not(self):
        g = self.serve(listen="0.0.0.0:0")
        code, said = g.run_to_end()
        self.assertEqual(2, code)
        self.assertIn("StatsD knows no tokens", said)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            code, said = self.serve(listen="127.0.0.1:%d" % s.getsockname()[1]).run_to_end()
        self.assertEqual(3, code)
        self.assertIn("Address already in use", said)
        path = self.home.file("statsd.sock", "no socket")
        code, said = self.serve(socket=path).run_to_end()
        self.assertEqual(3, code)
        self.assertIn("something else lies there", said)


if __name__ == "__main__":
    e.main()
