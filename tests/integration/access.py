"""Who may do what: tokens that read, tokens that write, tokens that do both; rotated in their files
while the engine runs, without a request refused that should not be."""

import http.client
import os
import signal
import socket
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
from event_stream import EventStream

ADMIN, READ, WRITE = "admin-0123456789abc", "read-0123456789abcd", "write-0123456789abc"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


class Access(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)

    def serve(self, **more):
        g = e.Engine(self.home, e.config([]), **more)
        return g.start()

    def files(self, **tokens):
        args = []
        for kind, text in tokens.items():
            path = self.home.file(f"{kind}.tokens", text)
            os.chmod(path, 0o600)
            args += [f"--{kind.replace('_', '-')}-file", path]
        return args

    def status(self, g, token):
        """What reading and writing answer."""
        return (g.get("/metrics", bearer(token)).status,
                g.post({"host": "h", "x": 1}, headers=bearer(token)).status)

    def test_each_kind_from_files(self):
        g = self.serve(args=self.files(token=ADMIN + "\n", read_token=READ + "\n",
                                       write_token=WRITE + "\n"))
        self.assertEqual((200, 202), self.status(g, ADMIN))
        self.assertEqual((200, 403), self.status(g, READ))
        self.assertEqual((403, 202), self.status(g, WRITE))
        self.assertEqual((401, 401), self.status(g, "nobody"))
        for path in ("/healthz", "/readyz"):
            self.assertEqual(200, g.get(path).status)
        g.stop()
        for secret in (ADMIN, READ, WRITE):
            self.assertNotIn(secret, g.log())

    def test_each_kind_from_the_environment(self):
        g = self.serve(env={"TOCSIN_TOKEN": ADMIN, "TOCSIN_READ_TOKEN": f"old-{READ} {READ}",
                            "TOCSIN_WRITE_TOKEN": WRITE})
        self.assertEqual((200, 202), self.status(g, ADMIN))
        for reader in (READ, f"old-{READ}"):
            self.assertEqual((200, 403), self.status(g, reader))
        self.assertEqual((403, 202), self.status(g, WRITE))

    def test_says_when_nobody_may_read(self):
        g = self.serve(args=self.files(write_token=WRITE))
        self.assertIn("nobody may read incidents or metrics", g.log())
        self.assertEqual((403, 202), self.status(g, WRITE))

    def test_streams_end_with_the_token_that_opened_them(self):
        g = self.serve(args=self.files(read_token=f"old-{READ}\nnew-{READ}\n", write_token=WRITE))
        streams = {}
        for name in ("old", "new"):
            s = streams[name] = EventStream(g.port, headers=bearer(f"{name}-{READ}"))
            self.addCleanup(s.close)
            self.assertEqual(200, s.status)
        e.wait_until("both follow", lambda: all(s.last_id for s in streams.values()))
        self.files(read_token=f"new-{READ}\n")
        e.wait_until("they ended", lambda: all(s.ended for s in streams.values()))
        for name, status in (("old", 401), ("new", 200)):
            s = EventStream(g.port, streams[name].last_id, headers=bearer(f"{name}-{READ}"))
            self.addCleanup(s.close)
            self.assertEqual(status, s.status)

    def test_rotation(self):
        g = self.serve(args=self.files(read_token="old-" + READ, write_token=WRITE))
        # In between both are good: nobody who reads is ever refused.
        self.files(read_token=f"old-{READ}\nnew-{READ}\n")
        e.wait_until("the new token is good", lambda: self.status(g, "new-" + READ) == (200, 403)
                     or self.assertEqual((200, 403), self.status(g, "old-" + READ)))
        self.files(read_token=f"new-{READ}\n")
        e.wait_until("the old token is not", lambda: self.status(g, "old-" + READ) == (401, 401)
                     or self.assertEqual((200, 403), self.status(g, "new-" + READ)))

        done, failed = (f'tocsin_reloads_total{{what="tokens",result="{r}"}}'
                        for r in ("done", "failed"))
        metrics = self.metrics(g)
        self.assertEqual((2, 0), (metrics[done], metrics[failed]))
        self.files(read_token="two words\n")
        e.wait_until("the bad file is seen", lambda: self.metrics(g)[failed] == 1)
        self.assertEqual((200, 403), self.status(g, "new-" + READ))
        g.wait_for_log("the tokens from before stay in force")
        os.remove(os.path.join(self.home.path, "read_token.tokens"))
        e.wait_until("that it is gone is seen", lambda: self.metrics(g)[failed] == 2)
        self.assertEqual((200, 403), self.status(g, "new-" + READ))
        g.signal(signal.SIGHUP)
        e.wait_until("it was asked to read them", lambda: self.metrics(g)[failed] == 3)
        self.files(read_token=f"new-{READ}")
        e.wait_until("the good file is seen", lambda: self.metrics(g)[done] == 3)
        g.signal(signal.SIGHUP)
        e.wait_until("it was asked to read them", lambda: self.metrics(g)[done] == 4)
        self.assertLess(g.stop(), 2)

    def test_pages_of_other_origins(self):
        origin, evil = {"Origin": "https://app.example"}, {"Origin": "https://evil.example"}
        for args, allowed in (((), None), (("--cors-origin", "https://App.example:443",
                                            "--cors-origin", "http://b:1"), origin["Origin"])):
            g = self.serve(args=[*self.files(token=ADMIN), *args], name=f"cors{len(args)}")
            ask = {"Access-Control-Request-Method": "POST"}
            for method, headers in (("GET", {**origin, **bearer(ADMIN)}), ("GET", origin),
                                    ("OPTIONS", {**origin, **ask})):
                a = e.request(g.port, method, "/metrics", None, headers)
                self.assertEqual(allowed, a.headers.get("Access-Control-Allow-Origin"))
            self.assertEqual(204 if allowed else 401, a.status)
            a = g.get("/metrics", {**evil, **bearer(ADMIN)})
            self.assertNotIn("Access-Control-Allow-Origin", a.headers)
            g.stop()
        g = e.Engine(self.home, e.config([]), "star", args=["--cors-origin", "*"])
        code, log = g.run_to_end()
        self.assertEqual(2, code)
        self.assertIn("`*` is no origin", log)

    def test_what_pages_of_other_sites_fetch_without_an_origin_is_refused(self):
        g = self.serve()
        for path in ("/api/v1/events", "/api/v1/series?host=a&fields=x", "/metrics"):
            for site in ("cross-site", "same-site"):
                a = g.get(path, {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"})
                self.assertEqual((403, "foreign-origin"), (a.status, a.json["error"]["code"]))
        for site in ("same-origin", "none"):
            self.assertEqual(200, g.get("/metrics", {"Sec-Fetch-Site": site}).status)
        self.assertEqual(200, g.get("/", {"Sec-Fetch-Site": "cross-site"}).status, "a link to it")

    def connect(self, g):
        s = socket.create_connection(("127.0.0.1", g.port), e.PATIENCE)
        self.addCleanup(s.close)
        return s

    def test_a_body_without_a_good_token_is_not_read(self):
        g = self.serve(args=self.files(write_token=WRITE))
        for path, header in (("/api/v1/samples", "Authorization: Bearer wrong\r\n"),
                             ("/api/v1/samples", ""), ("/healthz", ""), ("/nowhere", "")):
            s = self.connect(g)
            s.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\n{header}"
                      f"Content-Length: {16 << 20}\r\n\r\n".encode())
            self.assertIn(b"401", s.recv(65536).split(b"\r\n")[0], path)
        s = self.connect(g)
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n")
        self.assertIn(b"413", s.recv(65536).split(b"\r\n")[0])

    def test_connections_that_show_no_token_keep_nobody_out(self):
        g = self.serve(args=[*self.files(write_token=WRITE), "--connections", "8",
                             "--connections-per-address", "8"])
        good = http.client.HTTPConnection("127.0.0.1", g.port, timeout=e.PATIENCE)
        self.addCleanup(good.close)

        def report():
            good.request("POST", "/api/v1/samples", '{"host":"h","x":1}', bearer(WRITE))
            answer = good.getresponse()
            answer.read()
            return answer.status
        self.assertEqual(202, report())
        kept = good.sock
        silent = [self.connect(g) for _ in range(20)]
        for path in ("/healthz", "/readyz"):
            self.assertEqual(200, g.get(path).status)
        self.assertEqual(202, g.post({"host": "h", "x": 1}, headers=bearer(WRITE)).status)
        self.assertEqual(202, report())
        self.assertIs(kept, good.sock, "it was not displaced")
        self.assertEqual(b"", silent[0].recv(1), "it was")

    def test_connections_leave_descriptors_to_redis_and_others(self):
        class Bounded(e.Engine):
            def command(self, *more):
                return ["bash", "-c", 'ulimit -n 400; exec "$@"', "bash", *super().command(*more)]
        g = Bounded(self.home, e.config([])).start()
        silent = [self.connect(g) for _ in range(450)]
        self.assertEqual(200, g.get("/healthz").status)
        e.wait_until("those displaced are closed",
                     lambda: len(os.listdir(f"/proc/{g.process.pid}/fd")) <= 400 - 128 + 40)
        self.assertEqual(b"", silent[0].recv(1))
        self.assertEqual(200, g.get("/readyz").status)

    def test_every_answer_is_kept_from_caches_frames_and_guesses(self):
        g = self.serve(args=self.files(token=ADMIN))
        answers = [g.get(path, headers) for path in ("/api/v1/rules", "/metrics", "/healthz", "/nowhere")
                   for headers in ({}, bearer(ADMIN))]
        answers += [e.request(g.port, "DELETE", "/healthz", None, bearer(ADMIN)),
                    g.post("no sample", headers=bearer(ADMIN)),
                    g.get("/" + "x" * 20_000), g.get("/%zz")]
        self.assertEqual({200, 400, 401, 404, 405, 431}, {a.status for a in answers})
        for a in answers:
            for name, value in (("X-Content-Type-Options", "nosniff"),
                                ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store"),
                                ("X-Frame-Options", "DENY"),
                                ("Content-Security-Policy",
                                 "default-src 'none'; frame-ancestors 'none'")):
                self.assertEqual(value, a.headers.get(name), (a.status, name))
            self.assertNotIn("Strict-Transport-Security", a.headers)

    def metrics(self, g):
        lines = g.get("/metrics", bearer("new-" + READ)).body.splitlines()
        return {name: float(value) for name, value in
                (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))}


if __name__ == "__main__":
    e.main()
