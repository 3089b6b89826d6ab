"""REDIS_OPTIONS as ioredis reads them, against a real Redis with TLS: its own authority, another
name than its address, no check at all; and a prefix before every key."""

import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e

FAILURE = 3


def authority(home):
    """A private authority, and a certificate of its for redis.internal and no other name."""
    def file(name):
        return os.path.join(home.path, name)

    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True)
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *new_key, "-days", "2", "-subj", "/CN=Private Authority",
            "-keyout", file("ca.key"), "-out", file("ca.pem"))
    openssl("req", *new_key, "-subj", "/CN=redis.internal", "-keyout", file("redis.key"),
            "-out", file("redis.csr"))
    home.file("redis.ext", "subjectAltName=DNS:redis.internal\n")
    openssl("x509", "-req", "-in", file("redis.csr"), "-CA", file("ca.pem"), "-CAkey",
            file("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", file("redis.ext"),
            "-out", file("redis.pem"))
    return file("ca.pem"), file("redis.pem"), file("redis.key")


class Options(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = e.Home(cls.addClassCleanup)
        ca, cert, key = authority(cls.home)
        with open(ca, encoding="ascii") as f:
            cls.ca = f.read()
        cls.tls_port = e.free_port()
        cls.redis = e.RedisServer(cls.home, "--tls-port", str(cls.tls_port), "--tls-cert-file", cert,
                                  "--tls-key-file", key, "--tls-ca-cert-file", ca,
                                  "--tls-auth-clients", "no").start()

    def engine(self, name, options, url=None, prefix="tocsin"):
        return e.Engine(self.home, e.config([e.rule("hot")], prefix=prefix), name=name,
                        redis=url or f"rediss://127.0.0.1:{self.tls_port}",
                        env={"REDIS_OPTIONS": json.dumps(options)})

    def runs(self, g, keys):
        g.start()
        g.post({"host": "a", "cpu.usage": 99})
        with self.redis.client() as r:
            e.wait_until("a tick is committed", lambda: r("EXISTS", f"{keys}:{{0}}:ticks") == 1)
        self.assertLess(g.stop(), 2)
        return g.log()

    def test_a_private_authority_is_trusted_when_it_is_given(self):
        fine = {"tls": {"ca": self.ca, "servername": "redis.internal"}}
        log = self.runs(self.engine("fine", fine, prefix="fine"), "fine")
        self.assertNotIn("REDIS_OPTIONS", log)
        listed = {"tls": {"ca": [self.ca], "servername": "redis.internal"}}
        self.runs(self.engine("listed", listed, prefix="listed"), "listed")

    def test_without_it_or_by_another_name_it_is_not(self):
        for name, tls, why in (("unknown", {"servername": "redis.internal"}, "certificate was refused"),
                               ("address", {"ca": self.ca}, "IP address mismatch"),
                               ("other", {"ca": self.ca, "servername": "redis.example"},
                                "ostname mismatch"),
                               ("cut", {"ca": self.ca[:300], "servername": "redis.internal"},
                                "`tls.ca` holds a certificate that cannot be read")):
            with self.subTest(name):
                code, log = self.engine(name, {"tls": tls}).run_to_end()
                self.assertEqual(FAILURE, code, log)
                self.assertIn(why, log)

    def test_no_check_at_all_is_possible_and_warned_about(self):
        g = self.engine("blind", {"tls": {"rejectUnauthorized": False}}, prefix="blind")
        self.assertIn("`tls.rejectUnauthorized` is false: whoever answers", self.runs(g, "blind"))
        with self.subTest("check warns, too"):
            said = json.loads(g.tool("check", "--json", "--config", g.config).stdout)
            self.assertEqual(["REDIS_OPTIONS"], [p["pointer"] for p in said["problems"]])

    def test_a_prefix_stands_before_every_key_for_the_engine_and_for_its_tools(self):
        g = self.engine("app", {"keyPrefix": "app:"}, url=self.redis.url)
        g.start()
        with self.redis.client() as r:
            def opened():
                g.post({"host": "a", "cpu.usage": 99})
                return r("XLEN", "app:tocsin:{0}:incidents")
            e.wait_until("an incident is there", opened, every=0.1)
            ours = {k.decode() for k in r("KEYS", "*tocsin*")}
        self.assertEqual(set(), {k for k in ours if not k.startswith("app:tocsin:")}, ours)
        self.assertIn("app:tocsin:cluster", ours)
        self.assertIn("`hot`", g.tool("incidents").stdout)
        self.assertIn("`a`", g.tool("hosts").stdout)
        self.assertEqual(1, len(g.replay()))
        self.assertLess(g.stop(), 2)


if __name__ == "__main__":
    e.main()
