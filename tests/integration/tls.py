"""TLS: whom it lets in and whom not, and that certificate and key can be renewed under way."""

import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e

DONE, FAILED = (f'tocsin_reloads_total{{what="certificate",result="{r}"}}'
                for r in ("done", "failed"))


class Tls(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)
        self.cert, self.key = self.pair("first")

    def pair(self, name, *more):
        return e.certificate(self.home, name, *more)

    def trusting(self, *certs):
        context = ssl.create_default_context(cafile=certs[0])
        for c in certs[1:]:
            context.load_verify_locations(c)
        return context

    def engine(self, *args, rules=(), **more):
        return e.Engine(self.home, e.config(list(rules)),
                        args=["--tls-cert", self.cert, "--tls-key", self.key, *args],
                        tls=self.trusting(self.cert), **more)

    def connection(self, g, context=None):
        c = http.client.HTTPSConnection("127.0.0.1", g.port, timeout=e.PATIENCE,
                                        context=context or g.tls)
        self.addCleanup(c.close)
        return c

    def test_an_agent_reports_over_it_and_heartbeats_go_on(self):
        g = self.engine(rules=[e.rule("up", "uptime", "last", value=0)]).start()
        self.assertIn("listening on https://127.0.0.1:", g.log())
        agents = {}
        for name, env in (("trusting", {"SSL_CERT_FILE": self.cert}), ("wary", {})):
            agents[name] = os.path.join(self.home.path, name)
            with open(agents[name], "wb") as log:
                self.home.run([e.BINARY, "agent", "--to", f"https://127.0.0.1:{g.port}",
                               "--interval", "250ms", "--host", name],
                              stdout=log, stderr=log, env=e.clean_environment(env))
        g.wait_incident(hostName="trusting", event="opened")

        def wary():
            with open(agents["wary"], encoding="utf-8") as f:
                return "certificate verify failed" in f.read()
        e.wait_until("the other refuses the certificate", wary)
        self.assertFalse([f for _, f in g.incidents() if f["hostName"] == "wary"])
        # Heartbeats are written only while the engine's own requests are answered.
        with g.redis() as r:
            before = len(r("XRANGE", "tocsin:{0}:samples", "-", "+"))
            e.wait_until("heartbeats are written", lambda: any(
                b"hb" in fields for _, fields in
                r("XRANGE", "tocsin:{0}:samples", "-", "+")[before:]))
        self.assertNotIn("own HTTP server does not answer", g.log())
        self.assertLess(g.stop(), 2)

    def test_versions_and_ciphers(self):
        g = self.engine().start(wait="listening")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.trusting(self.cert)
            context.minimum_version = context.maximum_version = version
            context.set_alpn_protocols(["h2", "http/1.1"])
            c = self.connection(g, context)
            c.request("GET", "/healthz")
            self.assertEqual(200, c.getresponse().status)
            self.assertEqual("http/1.1", c.sock.selected_alpn_protocol())
            self.assertIn(c.sock.cipher()[0].rsplit("-", 1)[-1].rsplit("_", 1)[-1],
                          ("SHA256", "SHA384", "POLY1305"))

        def refused(**words):
            context = self.trusting(self.cert)
            context.set_ciphers(words.get("ciphers", "ALL:@SECLEVEL=0"))
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = words.get("version", ssl.TLSVersion.TLSv1_2)
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                self.connection(g, context).request("GET", "/healthz")
        refused(version=ssl.TLSVersion.TLSv1_1)
        for weak in ("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES128-GCM-SHA256"):
            refused(ciphers=weak + ":@SECLEVEL=0")
        e.wait_until("they are counted", lambda:
                     g.metrics()["tocsin_tls_handshakes_failed_total"] == 4)

    def test_plain_http_is_told_so(self):
        g = self.engine().start(wait="listening")
        for method, body in (("GET", None), ("POST", "x" * 100_000)):
            a = e.request(g.port, method, "/api/v1/samples", body)
            self.assertEqual((400, "tls-needed"), (a.status, a.json["error"]["code"]))
            self.assertNotIn("Strict-Transport-Security", a.headers)
        self.assertEqual(200, g.get("/healthz").status)
        log = os.path.join(self.home.path, "plain")
        with open(log, "wb") as out:
            self.home.run([e.BINARY, "agent", "--to", f"http://127.0.0.1:{g.port}", "--interval",
                           "250ms"], stdout=out, stderr=out, env=e.clean_environment())

        def said():
            with open(log, encoding="utf-8") as f:
                return f.read()
        e.wait_until("an agent is told", lambda: "https://" in said())
        self.assertNotIn("dropped", said())

    def test_headers(self):
        g = self.engine().start(wait="listening")
        self.assertEqual("max-age=31536000", g.get("/healthz").headers["Strict-Transport-Security"])
        without = self.engine("--no-hsts", name="without").start(wait="listening")
        self.assertNotIn("Strict-Transport-Security", without.get("/healthz").headers)

    def test_a_client_that_is_refused_while_it_sends_sees_why(self):
        g = self.engine().start(wait="listening")
        with socket.create_connection(("127.0.0.1", g.port), e.PATIENCE) as raw, \
                g.tls.wrap_socket(raw, server_hostname="127.0.0.1",
                                  suppress_ragged_eofs=False) as s:
            s.sendall(b"POST /api/v1/samples HTTP/1.1\r\nHost: x\r\n"
                      b"Content-Length: 104857600\r\n\r\n")
            for _ in range(64):
                s.sendall(bytes(65536))
            got = b""
            while chunk := s.recv(65536):  # to the end that TLS itself announces
                got += chunk
        self.assertTrue(got.startswith(b"HTTP/1.1 413 "), got[:100])
        self.assertIn(b"too-large", got)

    def test_large_bodies_arrive_whole(self):
        g = self.engine().start()
        lines = "\n".join(f'{{"host":"h{i}","x":{i}}}' for i in range(200_000))
        a = g.post(lines)
        self.assertEqual((202, 200_000), (a.status, a.json["accepted"]))

    def test_renewal(self):
        first = self.trusting(self.cert)
        g = self.engine().start(wait="listening")
        kept = self.connection(g, first)

        def ask(c):
            c.request("GET", "/healthz")
            return c.getresponse().read()
        ask(kept)
        cert, key = self.pair("second")
        g.tls = self.trusting(self.cert, cert)  # reads both
        self.assertGreater(g.metrics()["tocsin_tls_certificate_expiry_seconds"],
                           e.now_ms() / 1000 + 86_400)

        os.replace(cert, self.cert)  # the certificate without its key
        e.wait_until("the pair does not fit", lambda: g.metrics()[FAILED] == 1)
        self.assertIn("does not belong to the certificate", g.log())
        ask(self.connection(g, first))
        self.home.file("first.key", "no key\n")
        e.wait_until("the key is broken", lambda: g.metrics()[FAILED] == 2)
        ask(self.connection(g, first))
        os.replace(key, self.key)
        e.wait_until("the new pair is in force", lambda: g.metrics()[DONE] == 1)

        second = self.trusting(self.cert)
        ask(self.connection(g, second))
        with self.assertRaises(ssl.SSLError):
            ask(self.connection(g, first))
        ask(kept)  # on its own connection, with the certificate that it knows
        g.signal(signal.SIGHUP)
        e.wait_until("it was asked to read them", lambda: g.metrics()[DONE] == 2)
        ask(kept)
        self.assertNotIn("own HTTP server does not answer", g.log())
        self.assertLess(g.stop(), 2)

    def test_starts_that_fail(self):
        other = self.pair("other")[1]
        locked_cert, locked = self.pair("locked", "-passout", "pass:secret")
        rsa = os.path.join(self.home.path, "rsa.key")
        subprocess.run(["openssl", "genrsa", "-out", rsa, "2048"], check=True, capture_output=True)
        nothing = self.home.file("empty.pem", "")
        for cert, key, said in ((self.cert, "/nowhere/key", "/nowhere/key: No such file"),
                                ("/nowhere/cert", self.key, "/nowhere/cert: No such file"),
                                (self.cert, other, "does not belong to the certificate"),
                                (self.cert, rsa, "does not belong to the certificate"),
                                (locked_cert, locked, "passphrase is not taken"),
                                (nothing, self.key, "cannot use the certificate"),
                                (self.cert, nothing, "cannot use the key"),
                                (self.home.path, self.key, "it is no file")):
            g = e.Engine(self.home, e.config([]), "bad",
                         args=["--tls-cert", cert, "--tls-key", key])
            code, log = g.run_to_end()
            self.assertEqual(2, code, log)
            self.assertIn(said, log)
        g = e.Engine(self.home, e.config([]), "half", args=["--tls-cert", self.cert])
        self.assertEqual(2, g.run_to_end()[0])


if __name__ == "__main__":
    e.main()
