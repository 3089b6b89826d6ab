"""Webhooks on a real engine, with a receiver that hangs, fails, redirects, refuses and comes back:
every event arrives, in order, at least once; what is refused becomes a dead letter."""

import contextlib
import hashlib
import hmac
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
from receiver import Receiver
from stopwatch import Stopwatch

TOP = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SECRET = "8f2c6a1e9d4b7035"
HOSTS = ["a", "b", "c"]


def settings(*webhooks, **tocsin):
    return e.config([e.rule("hot", "x", timeframe="250ms")], webhooks=list(webhooks), **tocsin)


class Webhooks(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)
        self.receiver = Receiver(self.addCleanup)

    def start(self, *webhooks, **tocsin):
        self.g = e.Engine(self.home, settings(*webhooks, **tocsin)).start()
        return self.g

    def hook(self, **more):
        return {"name": "a", "url": self.receiver.url(), "timeout": "1m", **more}

    def events(self):
        return [(f["event"], f["id"]) for _, f in self.g.incidents()]

    def flip(self, hosts=HOSTS):
        """Opens an incident on each host and resolves it."""
        for value, event in ((99, "opened"), (1, "resolved")):
            before = len(self.events())

            def more(value=value, before=before):
                self.g.post([{"host": h, "x": value} for h in hosts])
                return len(self.events()) >= before + len(hosts)
            e.wait_until(f"{len(hosts)} incidents are {event}", more, every=0.1)

    def wait_taken(self, timeout=None):
        try:
            e.wait_until("everything is delivered",
                         lambda: len(self.receiver.taken()) == len(self.events()), timeout)
        except AssertionError as why:
            raise AssertionError(f"{why}\n{self.receiver.taken()}\n{self.g.log()}") from None
        self.assertEqual(self.events(), self.receiver.taken())

    def wait_delivered(self, n):
        """That an answer was read is counted a moment later."""
        def delivered():
            return self.metric("tocsin_sink_events_total", result="delivered")
        e.wait_until(f"{n} are delivered", lambda: delivered() >= n)
        self.assertEqual(n, delivered())

    def metric(self, name, sink="webhook:a", **labels):
        wanted = "".join(f',{k}="{v}"' for k, v in labels.items())
        return self.g.metrics()[f'{name}{{sink="{sink}"{wanted}}}']

    def dead(self):
        with self.g.redis() as r:
            return [f for _, f in r.stream("tocsin:{0}:webhooks:dead")]

    def test_every_event_in_order_through_hanging_failing_and_back(self):
        self.start(self.hook(timeout="300ms", secret=SECRET, headers={"X-Team": "ops"}))
        self.flip()
        self.wait_taken()
        release = threading.Event()
        self.receiver.answer = lambda _: release.wait(600) and 500
        self.flip()  # a receiver that hangs holds up nothing else
        e.wait_until("it is tried again",
                     lambda: self.metric("tocsin_sink_retries_total") >= 2)
        self.assertIn("none within 300 ms; trying again", self.g.log())
        release.set()
        self.receiver.answer = lambda r: (503, {"Retry-After": "1"})
        self.flip()
        e.wait_until("events wait", lambda: self.metric("tocsin_sink_undelivered") >= 12)
        self.assertGreater(self.metric("tocsin_sink_lag_seconds"), 0)
        self.receiver.answer = 204
        self.wait_taken(60)
        self.wait_delivered(18)
        self.assertEqual(0, self.metric("tocsin_sink_events_total", result="given-up"))
        e.wait_until("nothing waits", lambda: self.metric("tocsin_sink_undelivered") == 0)
        self.assertIn("takes events again", self.g.log())
        self.assertEqual([], self.dead())
        self.check_requests()

    def check_requests(self):
        fields = {f["id"] + f["event"]: f for _, f in self.g.incidents()}
        for r in self.receiver.requests:
            body, headers = json.loads(r["body"]), r["headers"]
            incident, event = body["incident"], body["event"]
            f = fields[incident["id"] + event]
            self.assertEqual("/hook", r["path"])
            self.assertEqual("application/json", headers["Content-Type"])
            self.assertEqual("ops", headers["X-Team"])
            self.assertEqual(f"{incident['id']}-{event}", headers["Idempotency-Key"])
            self.assertEqual({k: f[k] for k in ("ruleName", "hostName", "startTime")},
                             {k: incident[k] for k in ("ruleName", "hostName", "startTime")})
            self.assertEqual(99, incident["triggerValue"])
            self.assertEqual(f.get("endTime"), incident.get("endTime"))
            self.assertEqual(f.get("reason"), body.get("reason"))
            self.assertEqual(("x", 50, 250), tuple(body[k] for k in
                                                   ("field", "threshold", "timeframe")))
            t, v1 = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["Tocsin-Signature"]).groups()
            self.assertLess(abs(r["time"] - int(t)), e.PATIENCE)
            wanted = hmac.new(SECRET.encode(), f"{t}.".encode() + r["body"], hashlib.sha256)
            self.assertEqual(wanted.hexdigest(), v1)
        self.assertNotIn(SECRET, self.g.log())
        self.check_page(self.receiver.requests[0])

    def check_page(self, request):
        """What docs/webhooks.md shows for verifying a request does so."""
        with open(os.path.join(TOP, "docs", "webhooks.md"), encoding="utf-8") as f:
            page = f.read()
        header, body = request["headers"]["Tocsin-Signature"], request["body"]
        python, scope = re.search(r"^```python\n(.*?)^```", page, re.S | re.M).group(1), {}
        exec(python, scope)
        other, late = header[:-1] + ("0" if header[-1] != "0" else "1"), request["time"] + 600
        for verdict, h, b, now in ((True, header, body, None), (False, other, body, None),
                                   (False, header, body + b" ", None), (False, header, body, late)):
            self.assertEqual(verdict, scope["verify"](h, b, SECRET.encode(), now))
            script = re.search(r"^```js\n(.*?)^```", page, re.S | re.M).group(1) + (
                f"process.exit(verify({json.dumps(h)}, Buffer.from({json.dumps(b.decode())}), "
                f"{json.dumps(SECRET)}, {now or 'undefined'}) ? 0 : 9)")
            done = subprocess.run(["node", "-e", script], capture_output=True, text=True)
            self.assertEqual(0 if verdict else 9, done.returncode, done.stderr)

    def test_what_is_refused_is_tried_five_times_and_becomes_a_dead_letter(self):
        self.receiver.answer = 400
        self.start(self.hook())
        self.flip(["a"])
        e.wait_until("the event is given up", lambda: self.dead(), 40)
        self.assertEqual(5, len([r for r in self.receiver.requests
                                 if json.loads(r["body"])["event"] == "opened"]))
        letter = self.dead()[0]
        at, event = self.g.incidents()[0]
        self.assertEqual(("webhook:a", "5", at),
                         (letter["sink"], letter["tries"], letter["eventId"]))
        self.assertEqual({**letter, **event}, letter)
        self.assertIn("answered 400", letter["why"])
        e.wait_until("it is counted", lambda: self.metric("tocsin_sink_events_total",
                                                          result="given-up") == 1)
        # What stands behind it is delivered.
        self.receiver.answer = 200
        e.wait_until("the next one comes", lambda: len(self.receiver.taken()) == 1)
        self.assertEqual("resolved", self.receiver.taken()[0][0])

    def test_interim_answers_and_texts_that_break_off_are_no_reason_to_call_again(self):
        self.start(self.hook())
        cut_off = {"Content-Length": "5", "Connection": "close"}
        answers = [((103,), {}), ((100, 102, 103), {}), ((), cut_off)]
        for n, (interim, headers) in enumerate(answers, 1):
            self.receiver.interim, self.receiver.answer = interim, (200, headers)
            self.flip(["a"])
            self.wait_delivered(2 * n)
        self.assertEqual(self.events(), self.receiver.taken())
        self.assertEqual(len(self.events()), len(self.receiver.requests), "each was called once")

    def test_a_redirect_is_never_followed_and_waits_to_be_mended(self):
        other = Receiver(self.addCleanup)
        self.receiver.answer = (301, {"Location": other.url("/new")})
        self.start({"name": "moved", "url": self.receiver.url("/s3cr3t")})
        self.flip(["a"])
        e.wait_until("it is tried again", lambda: len(self.receiver.requests) >= 2)
        self.assertIn(f"a redirect to `{other.url('/new')}`", self.g.log())
        self.assertNotIn("s3cr3t", self.g.log())
        self.assertEqual(([], []), (other.requests, self.dead()))
        self.receiver.answer = 200
        e.wait_until("both come", lambda: len(self.receiver.taken()) == 2, 40)
        self.assertEqual(["opened", "resolved"], [t[0] for t in self.receiver.taken()])

    def test_an_engine_killed_before_it_acknowledged_delivers_again(self):
        self.start(self.hook())
        for n, value in ((3, 99), (6, 1)):
            def answer(_):
                self.g.process.kill()
                return 200
            self.receiver.answer = answer
            # The first delivery ends the engine: maybe before a post is answered, but not before
            # its samples are in the log.
            def killed(value=value):
                with contextlib.suppress(OSError, http.client.HTTPException):
                    self.g.post([{"host": h, "x": value} for h in HOSTS])
                return self.g.process.poll() is not None
            e.wait_until("it is killed", killed, every=0.1)
            self.receiver.answer = 200
            self.g.start()
            # What is still to come must not end the next engine before it has samples.
            e.wait_until("all are there", lambda n=n: len(self.events()) == n)
            self.wait_taken()
        self.flip()
        self.wait_taken()
        self.assertEqual(12, len(self.events()))
        keys = [r["headers"]["Idempotency-Key"] for r in self.receiver.requests]
        self.assertGreater(len(keys), len(set(keys)), "nothing was delivered twice")

    def test_a_stop_does_not_wait_for_a_receiver_that_hangs(self):
        release = threading.Event()
        self.addCleanup(release.set)
        self.receiver.answer = lambda _: release.wait(600) and 200
        self.start(self.hook(timeout="5m"))
        self.flip(["a"])
        e.wait_until("it hangs", lambda: len(self.receiver.requests) == 1)
        with Stopwatch(self.g.process.pid) as watch:
            self.assertLess(self.g.stop(), 2)
        if watch.held_up() < 0.5:  # otherwise its time may have been over
            self.assertNotIn("leaving without it", self.g.log())
        self.receiver.answer = 200
        self.g.start()
        self.wait_taken()

    def test_tls_with_an_authority_of_ones_own(self):
        for ca in ("right", "wrong"):
            self.make_authority(ca)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path("right.server.pem"), self.path("right.server.key"))
        self.receiver = Receiver(self.addCleanup, context)
        url = self.receiver.url(scheme="https")
        self.start(self.hook(url=url, caFile=self.path("right.pem")),
                   {"name": "wrong", "url": url, "timeout": "1m",
                    "caFile": self.path("wrong.pem")},
                   {"name": "system", "url": url, "timeout": "1m"})
        self.flip()
        self.wait_taken()
        for name in ("wrong", "system"):
            self.g.wait_for_log(f"webhook:{name}: cannot connect to https://127.0.0.1:")
            self.assertEqual(0, self.metric("tocsin_sink_events_total", f"webhook:{name}",
                                            result="delivered"))
        self.assertEqual(2, self.g.log().count("certificate verify failed"))
        self.assertEqual(6, len(self.receiver.requests))

    def path(self, name):
        return os.path.join(self.home.path, name)

    def make_authority(self, name):
        """NAME.pem, and a certificate for 127.0.0.1 that it signed."""
        def openssl(*args):
            subprocess.run(["openssl", *args], check=True, capture_output=True)
        ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-x509", *ec, "-keyout", self.path(f"{name}.key"), "-out",
                self.path(f"{name}.pem"), "-subj", f"/CN={name} authority", "-days", "2")
        openssl("req", *ec, "-keyout", self.path(f"{name}.server.key"), "-out",
                self.path(f"{name}.csr"), "-subj", "/CN=receiver")
        extensions = self.home.file(f"{name}.ext", "subjectAltName=IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", self.path(f"{name}.csr"), "-CA", self.path(f"{name}.pem"),
                "-CAkey", self.path(f"{name}.key"), "-CAcreateserial", "-days", "2",
                "-extfile", extensions, "-out", self.path(f"{name}.server.pem"))

    def test_names_of_private_addresses_are_refused_unless_they_are_meant(self):
        name = "ip6-localhost" if resolves("ip6-localhost") else socket.gethostname()
        if not resolves(name):
            self.skipTest("this machine knows no name of its own")
        self.start(self.hook(),
                   {"name": "local", "url": self.receiver.url("/local", host="localhost")},
                   {"name": "named", "url": self.receiver.url("/named", host=name)},
                   {"name": "cloud", "url": "http://169.254.169.254/latest/"})
        self.flip(["a"])
        for sink, what in (("named", f"{name} is "), ("cloud", "a link-local address")):
            self.g.wait_for_log(f"webhook:{sink}: cannot connect to ")
            line = next(x for x in self.g.log().splitlines() if f"webhook:{sink}: cannot" in x)
            self.assertIn(what, line)
            self.assertIn("set privateAddresses to true if it is meant", line)
        e.wait_until("the others are told", lambda: len(self.receiver.requests) >= 4)
        self.assertEqual({"/hook", "/local"}, {r["path"] for r in self.receiver.requests})

    def test_a_standby_takes_over_and_goes_on(self):
        redis = e.RedisServer(self.home).start()
        both = settings(self.hook(timeout="5s"), takeover="4s")
        self.g = first = e.Engine(self.home, both, "first", redis).start()
        second = e.Engine(self.home, both, "second", redis)
        second.start(wait="listening")
        second.wait_ready("standby")
        self.flip()
        self.wait_taken()
        release = threading.Event()
        self.receiver.answer = lambda _: release.wait(600) and 500
        self.flip()
        first.kill()
        self.receiver.answer = 200
        release.set()
        second.wait_ready("owner")
        self.g = second
        self.flip()
        self.wait_taken()
        self.wait_delivered(12)

    def test_format_alertmanager_and_events_that_are_not_wanted(self):
        self.start(self.hook(format="alertmanager", on=["resolved"]),
                   externalUrl="https://t.example.com")
        self.flip()
        alerts = lambda: [(json.loads(r["body"]), a) for r in self.receiver.requests
                          for a in json.loads(r["body"])["alerts"]]
        e.wait_until("three alerts come", lambda: len(alerts()) == 3)
        events = [f for _, f in self.g.incidents() if f["event"] == "resolved"]
        for (body, alert), f in zip(alerts(), events):
            self.assertEqual(("4", "resolved", "a", 0, {"alertname": "hot"}),
                             tuple(body[k] for k in ("version", "status", "receiver",
                                                     "truncatedAlerts", "groupLabels")))
            self.assertEqual("https://t.example.com", body["externalURL"])
            self.assertEqual({"alertname": "hot", "instance": f["hostName"]}, alert["labels"])
            self.assertEqual((f["startTime"], f["endTime"], "resolved"),
                             tuple(alert[k] for k in ("startsAt", "endsAt", "status")))
            self.assertTrue(alert["generatorURL"].endswith(f["id"]))
            self.assertRegex(alert["fingerprint"], "^[0-9a-f]{16}$")
        self.wait_delivered(6)

    def test_without_webhooks_nothing_runs_and_their_groups_are_named(self):
        self.start(self.hook())
        self.flip(["a"])
        self.wait_taken()
        with self.g.redis() as r:
            self.assertIn(b"name=tocsin-dispatcher", r("CLIENT", "LIST"))
        self.g.stop()
        self.g.configure(settings())
        self.g.start()
        self.assertIn("redis-cli XGROUP DESTROY 'tocsin:{0}:incidents' 'tocsin:webhook:a'",
                      self.g.log())
        with self.g.redis() as r:
            self.assertNotIn(b"name=tocsin-dispatcher", r("CLIENT", "LIST"))
        # It goes on where it was: what came meanwhile is told too.
        self.flip(["a"])
        self.g.stop()
        self.g.configure(settings(self.hook()))
        self.g.start()
        self.wait_taken()


def resolves(name):
    try:
        return bool(socket.getaddrinfo(name, 80))
    except OSError:
        return False


if __name__ == "__main__":
    e.main()
