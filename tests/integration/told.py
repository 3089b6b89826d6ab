"""Who is told and how, on a real engine: only what matches, in a body of one's own, with credentials
and certificates, and the watchdog while rules are checked. Every configuration that the documentation
shows is read from its page and tried against a stub."""

import base64
import email
import email.header
import email.policy
import json
import os
import re
import ssl
import stat
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
from receiver import Receiver

TOP = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
HOT = e.rule("hot", "x", labels={"severity": "page"}, annotations={"summary": "{{hostName}} is hot"})
WARM = e.rule("warm", "x", value=20, labels={"severity": "ticket"})


def page(name):
    with open(os.path.join(TOP, "docs", name), encoding="utf-8") as f:
        return f.read()


def blocks(name, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page(name), re.S | re.M)


def shown(name, mark):
    """The one configuration on the page that holds this text, in the flat form."""
    found = [b for b in blocks(name, "json") if mark in b]
    assert len(found) == 1, f"{name} shows `{mark}` {len(found)} times"
    return json.loads(found[0])


def bodies(receiver):
    return [r["body"].decode() for r in list(receiver.requests)]


class Told(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)
        self.receiver = Receiver(self.addCleanup)

    def start(self, rules=(HOT, WARM), redis=None, **tocsin):
        self.g = e.Engine(self.home, e.config(list(rules), **tocsin), redis=redis).start()
        return self.g

    def path(self, name):
        return os.path.join(self.home.path, name)

    def secret(self, name, text):
        path = self.home.file(name, text)
        os.chmod(path, 0o600)
        return path

    def open_and_close(self, host="a", rule="hot"):
        for x, event in ((99, "opened"), (1, "resolved")):
            self.g.wait_incident(report={"host": host, "x": x}, hostName=host, event=event,
                                 ruleName=rule)

    def wait_requests(self, n, receiver=None, timeout=None):
        receiver = receiver or self.receiver
        try:
            e.wait_until(f"{n} requests came", lambda: len(receiver.requests) >= n, timeout)
        except AssertionError as why:
            raise AssertionError(f"{why}\n{receiver.requests}\n{self.g.log()}") from None
        return receiver.requests

    def count(self, result, sink):
        return self.g.metrics()[f'tocsin_sink_events_total{{sink="{sink}",result="{result}"}}']

    def everything_shown(self):
        """What the engine says to whoever asks, and what Redis keeps."""
        asked = "".join(self.g.get(p).body for p in
                        ("/metrics", "/api/v1/engine", "/api/v1/rules", "/api/v1/incidents"))
        with self.g.redis() as r:
            kept = b"".join(k + b" " for k in r("KEYS", "*"))
            groups = repr(r("XINFO", "GROUPS", "tocsin:{0}:incidents"))
        return asked + kept.decode() + groups + self.g.log()


class Webhooks(Told):
    def test_only_what_matches_is_sent_and_the_rest_is_counted(self):
        self.start(webhooks=[{"name": "pages", "url": self.receiver.url(),
                              "match": {"severity": ["p?ge", "!*test*"], "team": ""},
                              "body": {"text": "{{event}} {{ruleName}} {{labels.severity}} {{annotations.summary}}"}}])
        self.open_and_close()
        self.g.wait_incident(event="resolved", ruleName="warm")
        e.wait_until("two were passed over",
                     lambda: self.count("unmatched", "webhook:pages") == 2)
        e.wait_until("two were sent", lambda: self.count("delivered", "webhook:pages") == 2)
        self.assertEqual(['{"text":"opened hot page a is hot"}', '{"text":"resolved hot page a is hot"}'],
                         bodies(self.receiver))
        with self.g.redis() as r:
            self.assertEqual(0, r("XPENDING", "tocsin:{0}:incidents", "tocsin:webhook:pages")[0])

    def test_no_name_of_a_host_breaks_out_of_a_body(self):
        self.start([HOT], webhooks=[{"name": "w", "url": self.receiver.url(), "secret": "0123456789abcdef",
                                     "body": {"text": "{{hostName}}", "to": "ops"}}])
        host = 'a","to":"nobody\\'
        self.open_and_close(host)
        for r in self.wait_requests(2):
            self.assertEqual({"text": host, "to": "ops"}, json.loads(r["body"]))
            self.assertEqual("application/json", r["headers"]["Content-Type"])
            self.assertIn("Tocsin-Signature", r["headers"])

    def test_a_test_is_marked_everywhere(self):
        am = Receiver(self.addCleanup)
        g = e.Engine(self.home, e.config([HOT], alertmanagers=[am.url("")], webhooks=[
            {"name": "a", "url": self.receiver.url("/a")},
            {"name": "b", "url": self.receiver.url("/b"), "body": "{{event}} {{test}}"},
            {"name": "c", "url": self.receiver.url("/c"), "match": {"severity": "ticket"}}]))
        self.home.file("engine/data/global/hooks/on_incident_status_changed/a.js",
                       "console.log('test is', incident.test)\n")
        done = subprocess.run([e.BINARY, "hooks", "test", "--data-dir", g.data], capture_output=True,
                              text=True, timeout=60, env=e.clean_environment())
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertEqual(2, done.stdout.count("  a.js | test is true"), done.stdout)
        self.assertEqual(2, done.stdout.count(
            "  webhook:c: not-sent: the rule's labels are not those of its `match`"), done.stdout)
        by_path = {p: [r for r in self.receiver.requests if r["path"] == p] for p in ("/a", "/b", "/c")}
        self.assertEqual([2, 2, 0], [len(r) for r in by_path.values()])
        for r in by_path["/a"]:
            self.assertEqual("true", r["headers"]["Tocsin-Test"])
            self.assertIs(True, json.loads(r["body"])["incident"]["test"])
        self.assertEqual([b"opened test", b"resolved test"], [r["body"] for r in by_path["/b"]])
        for r in am.requests:
            self.assertEqual("true", json.loads(r["body"])[0]["annotations"]["test"])

    def test_in_production_nothing_says_test(self):
        self.start([HOT], webhooks=[{"name": "a", "url": self.receiver.url()}])
        self.open_and_close()
        for r in self.wait_requests(2):
            self.assertNotIn("Tocsin-Test", r["headers"])
            self.assertNotIn(b"test", r["body"])


class Alertmanagers(Told):
    def test_credentials_reach_the_host_and_nobody_else(self):
        elsewhere = Receiver(self.addCleanup)
        basic, bearer = self.receiver, Receiver(self.addCleanup)
        basic.answer = lambda r: (200 if r["headers"].get("Authorization") == "Basic " + base64.b64encode(
            b"tocsin:tell-no-one-1").decode() else 401)
        bearer.answer = (307, {"Location": elsewhere.url()})
        self.start([HOT], alertmanagers=[
            {"url": basic.url(""), "username": "tocsin",
             "passwordFile": self.secret("password", "tell-no-one-1\nsecond line\n")},
            {"url": bearer.url(""), "tokenFile": self.secret("token", "tell-no-one-2\n")}])
        self.open_and_close()
        e.wait_until("basic credentials are taken",
                     lambda: self.count("delivered", f"alertmanager:{basic.url('')}") == 2)
        self.assertEqual("Bearer tell-no-one-2",
                         self.wait_requests(2, bearer)[0]["headers"]["Authorization"])
        self.assertEqual({200}, {r["status"] for r in basic.requests})
        self.assertEqual([], elsewhere.requests)
        self.g.wait_for_log("a redirect to")
        self.assertNotIn("tell-no-one", self.everything_shown())
        # The place among the events hangs on the URL alone.
        with self.g.redis() as r:
            self.assertIn(f"tocsin:alertmanager:{basic.url('')}".encode(),
                          repr(r("XINFO", "GROUPS", "tocsin:{0}:incidents")).encode())

    def test_a_client_certificate_is_shown(self):
        cert, key = e.certificate(self.home, "both")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        context.load_verify_locations(cert)
        context.verify_mode = ssl.CERT_REQUIRED
        guarded = Receiver(self.addCleanup, context)
        url = guarded.url("", "https")
        self.start([HOT], webhooks=[{"name": "w", "url": url + "/w", "caFile": cert,
                                     "certFile": cert, "keyFile": key},
                                    {"name": "without", "url": url + "/without", "caFile": cert}],
                   alertmanagers=[{"url": url, "caFile": cert, "certFile": cert, "keyFile": key}])
        self.open_and_close()
        for sink in ("webhook:w", f"alertmanager:{url}"):
            e.wait_until(f"{sink} is told", lambda s=sink: self.count("delivered", s) == 2)
        self.g.wait_for_log("webhook:without: ")
        self.assertEqual(0, self.count("delivered", "webhook:without"))
        self.assertNotIn("/without", {r["path"] for r in guarded.requests})


class Watchdog(Told):
    def beats(self, receiver=None):
        return len((receiver or self.receiver).requests)

    def more_beats(self, n=2):
        before = self.beats()
        e.wait_until("the watchdog is told again", lambda: self.beats() >= before + n)

    def silence(self, seconds):
        """Until nothing has come for so long: what was on its way may."""
        beats, since = self.beats(), time.monotonic()

        def silent():
            nonlocal beats, since
            if self.beats() != beats:
                beats, since = self.beats(), time.monotonic()
            return time.monotonic() - since > seconds
        e.wait_until(f"the watchdog is silent for {seconds} s", silent, 60)

    def hook(self, **more):
        return {"name": "w", "url": self.receiver.url(), "on": ["watchdog"], **more}

    def test_it_is_told_in_the_form_of_each_while_rules_are_checked(self):
        am, other, silent = (Receiver(self.addCleanup) for _ in range(3))
        self.start([HOT], watchdog=True, watchdogInterval="1s", cluster="eu",
                   alertmanagers=[am.url("")],
                   webhooks=[self.hook(match={"severity": "nothing"}),
                             {"name": "f", "url": other.url(), "on": ["watchdog"], "format": "alertmanager"},
                             {"name": "s", "url": silent.url()}])
        self.more_beats()
        first = json.loads(self.receiver.requests[0]["body"])
        self.assertEqual(("watchdog", "eu"), (first["event"], first["cluster"]))
        alerts = json.loads(self.wait_requests(1, other)[0]["body"])["alerts"]
        self.assertEqual([{"alertname": "Watchdog", "cluster": "eu"}], [a["labels"] for a in alerts])
        alert = json.loads(self.wait_requests(1, am)[0]["body"])[0]
        self.assertEqual({"alertname": "Watchdog", "cluster": "eu"}, alert["labels"])
        self.assertGreater(alert["endsAt"], alert["startsAt"])
        # It is no incident: no stream has it, and who did not ask hears nothing.
        self.assertEqual(([], []), (self.g.incidents(), silent.requests))
        self.assertEqual(0, self.count("delivered", "webhook:w"))

    def test_it_is_silent_while_redis_is_away_and_comes_back(self):
        redis = e.RedisServer(self.home).start()
        self.start([HOT], redis, watchdog=True, watchdogInterval="1s", webhooks=[self.hook()])
        self.more_beats()
        redis.kill()
        self.silence(4)
        redis.start()
        self.more_beats()

    def test_one_that_stands_by_is_silent_and_speaks_when_it_takes_over(self):
        redis = e.RedisServer(self.home).start()
        second_to = Receiver(self.addCleanup)
        self.start([HOT], redis, watchdog=True, watchdogInterval="1s", takeover="2s",
                   webhooks=[self.hook()])
        second = e.Engine(self.home, e.config([HOT], watchdog=True, watchdogInterval="1s", takeover="2s",
                                              webhooks=[self.hook(url=second_to.url())]),
                          "second", redis)
        second.start(wait="listening")
        second.wait_ready("standby")
        self.more_beats(3)
        self.assertEqual(0, self.beats(second_to))
        self.g.kill()
        second.wait_ready("owner")
        e.wait_until("it speaks", lambda: self.beats(second_to) >= 2)
        self.silence(3)

    def test_without_the_setting_nobody_is_told(self):
        self.start([HOT], webhooks=[self.hook()])
        self.assertIn("waits for `watchdog`, which is off", self.g.log())
        self.open_and_close()
        e.wait_until("both were taken", lambda: self.count("delivered", "webhook:w") == 2)
        self.assertEqual(0, self.beats())


class Documentation(Told):
    """Each configuration as the page shows it, but for the place of the stub and of files."""

    def run_shown(self, shown, **replaced):
        text = json.dumps(shown)
        for what, by in replaced.items():
            self.assertIn(what, text)
            text = text.replace(what, by)
        self.start([HOT], **json.loads(text))
        self.open_and_close()

    def test_slack(self):
        shown_ = shown("webhooks.md", "hooks.slack.com")
        self.run_shown(shown_, **{"https://hooks.slack.com": self.receiver.url("")})
        opened, resolved = (json.loads(r["body"]) for r in self.wait_requests(2)[:2])
        link = self.g.incidents()[0][1]["id"]
        self.assertEqual("/services/T0000/B0000/secret", self.receiver.requests[0]["path"])
        self.assertEqual({"text": "*hot* opened on a: x is 99, threshold 50 over 500 ms\n"
                                  f"http://127.0.0.1:{self.g.port}/incidents/{link}"}, opened)
        self.assertIn("*hot* resolved on a", resolved["text"])

    def test_the_readme_s_first_message(self):
        with open(os.path.join(TOP, "README.md"), encoding="utf-8") as f:
            block = next(b for b in re.findall(r"^```json\n(.*?)^```", f.read(), re.S | re.M) if "webhooks" in b)
        self.run_shown(json.loads("{" + block + "}"), **{"https://hooks.slack.com": self.receiver.url("")})
        self.assertEqual([{"text": f"{what}: hot on a (99)"} for what in ("opened", "resolved")],
                         [json.loads(r["body"]) for r in self.wait_requests(2)[:2]])

    def test_ntfy(self):
        self.run_shown(shown("webhooks.md", "ntfy.sh"), **{"https://ntfy.sh": self.receiver.url("")})
        opened = self.wait_requests(2)[0]
        self.assertEqual("/tocsin-7f3a91", opened["path"])
        self.assertEqual(("Tocsin", "bell", "text/plain; charset=utf-8"),
                         tuple(opened["headers"][h] for h in ("Title", "Tags", "Content-Type")))
        self.assertTrue(opened["body"].decode().startswith("hot opened on a: 99\nhttp://"))

    def test_watchdog(self):
        shown_ = shown("webhooks.md", "hc-ping.com")
        self.start([HOT], **json.loads(json.dumps(shown_).replace("https://hc-ping.com", self.receiver.url(""))))
        first = self.wait_requests(1)[0]
        self.assertEqual("watchdog", json.loads(first["body"])["event"])
        self.assertTrue(first["path"].startswith("/00000000-"))

    def test_match(self):
        fragment = next(b for b in blocks("webhooks.md", "json") if b.startswith('"match"'))
        teams = [("ops-eu", "page"), ("ops-test", "page"), ("ops-eu", "ticket"), ("dev", "page"), (None, "page")]
        rules = [e.rule(f"r{i}", "x", labels={"severity": s, **({"team": t} if t else {})})
                 for i, (t, s) in enumerate(teams)]
        self.start(rules, webhooks=[{"name": "w", "url": self.receiver.url(), **json.loads("{" + fragment + "}")}])
        self.open_and_close(rule="r0")
        e.wait_until("all were taken", lambda: self.count("unmatched", "webhook:w") == 8)
        self.assertEqual({"r0"}, {json.loads(r["body"])["incident"]["ruleName"] for r in self.wait_requests(2)})

    def test_alertmanager_with_credentials(self):
        cert, key = e.certificate(self.home, "am")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        first, second = Receiver(self.addCleanup, context), Receiver(self.addCleanup)
        self.run_shown(shown("alertmanager.md", "passwordFile"),
                       **{"https://alerts.example.com": first.url("", "https"),
                          "https://tenant.example.com": second.url(""),
                          "/etc/tocsin/alertmanager.password": self.secret("pw", "one\n"),
                          "/etc/tocsin/authority.pem": cert,
                          "/etc/tocsin/tenant.token": self.secret("tok", "two\n")})
        self.assertEqual("Basic " + base64.b64encode(b"tocsin:one").decode(),
                         self.wait_requests(2, first)[0]["headers"]["Authorization"])
        one = self.wait_requests(2, second)[0]
        self.assertEqual(("/alertmanager/api/v2/alerts", "Bearer two"),
                         (one["path"], one["headers"]["Authorization"]))

    def test_mail_by_a_hook(self):
        script = next(b for b in blocks("hooks.md", "js") if "sendmail" in b)
        stub = self.home.file("sendmail", "#!/bin/sh\n"
                              f"cat > {self.path('mail.part')}.$$ && echo \"$@\" > {self.path('args')} && "
                              f"mv {self.path('mail.part')}.$$ {self.path('mail')}.$$\n")
        os.chmod(stub, os.stat(stub).st_mode | stat.S_IXUSR)
        self.g = e.Engine(self.home, e.config([{**HOT, "name": "Überhitzt: a rule with a rather long name"}],
                                              hookTimeout="20s"),
                          env={"EXPOSED_MAIL_TO": "ops@example.com", "EXPOSED_SENDMAIL": stub,
                               "NODE_EXTRA_CA_CERTS": ""})
        self.home.file("engine/data/global/hooks/on_incident_status_changed/mail.js", script)
        self.g.start()
        self.open_and_close(rule="Überhitzt: a rule with a rather long name")
        def mails():
            names = sorted((n for n in os.listdir(self.home.path) if re.fullmatch(r"mail\.\d+", n)),
                           key=lambda n: os.stat(self.path(n)).st_mtime_ns)
            return names if len(names) == 2 else None
        texts = []
        for name in e.wait_until("two mails were sent", mails, 60):
            with open(self.path(name), "rb") as f:
                texts.append(f.read())
        self.assertTrue(all(len(line) < 78 for t in texts for line in t.splitlines()), texts)
        opened, resolved = (email.message_from_bytes(t, policy=email.policy.default) for t in texts)
        self.assertEqual("ops@example.com", opened["To"])
        self.assertEqual("Opened: Überhitzt: a rule with a rather long name on a", opened["Subject"])
        self.assertEqual("Resolved: Überhitzt: a rule with a rather long name on a", resolved["Subject"])
        self.assertIn("value: 99", opened.get_content())
        self.assertIn(f"/incidents/{self.g.incidents()[0][1]['id']}", opened.get_content())
        with open(self.path("args"), encoding="utf-8") as f:
            self.assertEqual("-t -i", f.read().strip())


if __name__ == "__main__":
    e.main()
