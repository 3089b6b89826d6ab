"""Requests that cannot be taken: each is answered by name, nothing of it reaches the log, its good
neighbours do, and the engine goes on."""

import gzip
import json
import os
import socket
import subprocess
import shutil
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
import load as l

MIB = 1 << 20


class BadRequests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = e.Engine(e.Home(cls.addClassCleanup), e.config([e.rule("hot")])).start()

    @classmethod
    def tearDownClass(cls):
        assert cls.engine.stop() < 2

    def setUp(self):
        self.host = self.id().rsplit(".", 1)[-1]
        with self.engine.redis() as r:
            self.log_end = l.end_of_log(r)

    def tearDown(self):
        # Whatever came, the next good sample is taken, by the same process.
        good = self.engine.post({"host": "witness", "cpu.usage": 1})
        self.assertEqual((202, {"accepted": 1}), (good.status, good.json))
        self.assertIsNone(self.engine.process.poll(), self.engine.log())

    def good(self, **more):
        return {"host": self.host, "ts": e.now_ms(), "good": 1, **more}

    def logged(self):
        """What the log holds of this test's host."""
        with self.engine.redis() as r:
            return [s for s in l.read_log(r, self.log_end) if s["host"] == self.host]

    def refused(self, body, *words, status=400, code="invalid-samples", headers=None):
        a = self.engine.post(body, headers=headers)
        self.assertEqual(status, a.status, a)
        self.assertEqual(code, a.json["error"]["code"])
        for word in words:
            self.assertIn(word, a.body)
        self.assertEqual([], self.logged())
        return a

    def test_byte_order_mark(self):
        sample = {"host": self.host, "ts": e.now_ms(), "x": 1}
        marked = lambda n: ("\ufeff" + "\n".join(
            json.dumps({**sample, "n": n + i}) for i in range(2))).encode()
        zstd = subprocess.run(["zstd", "-q"], input=marked(4), capture_output=True, check=True)
        for body, headers in ((marked(0), {}),
                              (marked(2), {"Content-Type": "application/x-ndjson"}),
                              (zstd.stdout, {"Content-Encoding": "zstd"}),
                              (gzip.compress(marked(6)), {"Content-Encoding": "gzip"})):
            a = self.engine.post(body, headers=headers)
            self.assertEqual((202, {"accepted": 2}), (a.status, a.json), headers)
        array = ("\ufeff" + json.dumps([{**sample, "n": 8}])).encode()
        self.assertEqual({"accepted": 1}, self.engine.post(array).json)
        self.assertEqual(set(range(9)), {s["n"] for s in self.logged()})

    # --- what is no sample ---

    def test_not_json(self):
        a = self.refused("cpu 12.5", "not a JSON object")
        self.assertEqual([1], [r["line"] for r in a.json["rejected"]])

    def test_json_of_another_kind(self):
        for body in ("5", '"text"', "true", "null"):
            self.refused(body, "not a JSON object")

    def test_truncated_json(self):
        whole = json.dumps(self.good())
        for cut in range(1, len(whole)):
            self.refused(whole[:cut], '"line":1')

    def test_invalid_utf8(self):
        self.refused(b'{"host":"' + self.host.encode() + b'\xff","good":1}', "not valid UTF-8")

    def test_host_of_300_bytes(self):
        self.refused({"host": "h" * 300, "good": 1}, "`host` is 300 bytes long: 1 to 255")

    def test_host_of_255_bytes_is_taken(self):
        self.assertEqual(202, self.engine.post({"host": "h" * 255, "good": 1}).status)

    def test_host_missing_or_no_string(self):
        self.refused({"good": 1}, "`host` is missing")
        self.refused({"host": 7, "good": 1}, "`host` is no string")
        self.refused({"host": "", "good": 1}, "`host` is")
        self.refused({"host": "a\nb", "good": 1}, "`host`")

    def test_time_that_is_none(self):
        for ts in (-1, "now", 1e17, True, {}):
            self.refused({"host": self.host, "ts": ts, "good": 1}, "`ts` is no number from 0")

    def test_nesting_2000_deep(self):
        self.refused('{"host":"%s","good":1,"x":%s1%s}'
                     % (self.host, '{"y":' * 2000, "}" * 2000), "nested more than")
        self.refused('{"host":"%s","good":1,"x":%s%s}'
                     % (self.host, "[" * 2000, "]" * 2000), "nested more than")
        self.refused("[" * 2000 + "]" * 2000)

    def test_empty_body(self):
        for body in ("", " \n\r\n\t", "[]"):
            self.refused(body, "the body holds no sample", code="no-samples")

    # --- what costs only itself ---

    def test_field_holding_a_string(self):
        a = self.engine.post(self.good(bad="fast", worse=[1], yes=True, none=None))
        self.assertEqual(202, a.status)
        self.assertEqual(1, a.json["accepted"])
        self.assertEqual({"bad", "worse", "yes"}, {d["field"] for d in a.json["dropped"]})
        self.assertEqual(3, a.json["droppedTotal"])

    def test_number_1e999(self):
        a = self.engine.post('{"host":"%s","good":1,"bad":1e999,"worse":-1e999}' % self.host)
        self.assertEqual((202, 1), (a.status, a.json["accepted"]))
        self.assertIn("beyond 1e300", a.body)
        self.assertEqual({"bad", "worse"}, {d["field"] for d in a.json["dropped"]})

    def test_time_in_1970_and_2100(self):
        before = self.engine.metrics()
        year_2100 = 4_102_444_800_000
        a = self.engine.post([self.good(ts=5), self.good(ts=year_2100)])
        self.assertEqual((202, 2), (a.status, a.json["accepted"]))

        def counted():
            now = self.engine.metrics()
            return all(now[f'tocsin_samples_total{{result="{r}"}}']
                       > before[f'tocsin_samples_total{{result="{r}"}}']
                       for r in ("late", "early"))
        e.wait_until("they are counted late and early", counted)
        self.engine.wait_for_log(f"the clock of host `{self.host}` is")
        self.assertGreaterEqual(self.engine.metrics()["tocsin_hosts_skewed"], 1)
        self.engine.wait_ticks(2)
        with self.engine.redis() as r:
            self.assertNotIn(self.host, r.hash("tocsin:{0}:hosts"))

    def test_duplicate_keys(self):
        # The later counts, also of two spellings. A sample may come late to a busy engine, and a
        # late one opens nothing: it is sent until one comes in time.
        def opened():
            a = self.engine.post('{"host":"no","host":"%s","cpu.usage":1,"cpu":{"usage":2},'
                                 '"cpu":{"usage":99},"mem":{"usage":1}}' % self.host)
            self.assertEqual((202, {"accepted": 1}), (a.status, a.json))
            return [f for _, f in self.engine.incidents() if f["hostName"] == self.host]
        self.assertEqual("99", e.wait_until("its incident opens", opened)[0]["triggerValue"])

    def test_good_and_bad_lines(self):
        bad = ["no", json.dumps(self.good())[:-1], '{"host":1}', '{"host":"\\ud800"}']
        lines = [json.dumps(self.good(n=0)), *bad, json.dumps(self.good(n=1)), ""]
        a = self.engine.post("\n".join(lines))
        self.assertEqual((202, 2), (a.status, a.json["accepted"]))
        self.assertEqual([2, 3, 4, 5], [r["line"] for r in a.json["rejected"]])
        self.assertTrue(all(r["error"] for r in a.json["rejected"]))
        self.assertEqual([0, 1], [s["n"] for s in self.logged()])

    def test_good_and_bad_elements_of_an_array(self):
        a = self.engine.post(json.dumps([self.good(n=0), 7, {"good": 1}, self.good(n=1)]))
        self.assertEqual((202, 2), (a.status, a.json["accepted"]))
        self.assertEqual(2, len(a.json["rejected"]))
        self.assertEqual([0, 1], [s["n"] for s in self.logged()])

    def test_more_than_100_bad_lines(self):
        before = self.engine.metrics()['tocsin_samples_total{result="rejected"}']
        a = self.engine.post("no\n" * 250 + json.dumps(self.good()))
        self.assertEqual((202, 1), (a.status, a.json["accepted"]))
        self.assertEqual(list(range(1, 101)), [r["line"] for r in a.json["rejected"]])
        self.assertEqual(250, a.json["rejectedTotal"])
        self.assertEqual(before + 250,
                         self.engine.metrics()['tocsin_samples_total{result="rejected"}'])
        a = self.engine.post("no\n" * 250)
        self.assertEqual((400, 100), (a.status, len(a.json["rejected"])))

    # --- too much ---

    def test_100_mb(self):
        self.refused(b" " * 100_000_000, "16777216 bytes", status=413, code="too-large")

    def test_100_mb_of_samples(self):
        line = json.dumps(self.good()).encode() + b"\n"
        self.refused(line * (100_000_000 // len(line)), "16777216 bytes", status=413,
                     code="too-large")

    def test_100_mb_after_gzip(self):
        self.refused(gzip.compress(b" " * 100_000_000), "after decompression", status=413,
                     code="too-large", headers={"Content-Encoding": "gzip"})

    @unittest.skipUnless(shutil.which("zstd"), "the zstd tool is needed")
    def test_100_mb_after_zstd(self):
        packed = subprocess.run(["zstd", "-qc"], input=b" " * 100_000_000, capture_output=True,
                                check=True).stdout
        self.refused(packed, "after decompression", status=413, code="too-large",
                     headers={"Content-Encoding": "zstd"})

    @unittest.skipUnless(shutil.which("zstd"), "the zstd tool is needed")
    def test_zstd_is_taken_whatever_its_window(self):
        for options in (["--long=27"], ["--ultra", "-20"], ["--ultra", "-22", "--long=31"]):
            packed = subprocess.run(["zstd", "-qc", *options], capture_output=True, check=True,
                                    input=json.dumps(self.good()).encode()).stdout
            a = self.engine.post(packed, headers={"Content-Encoding": "zstd"})
            self.assertEqual((202, 1), (a.status, a.json.get("accepted")), (options, a.body))

    def test_small_body_that_becomes_large(self):
        # 8 MB of text, in which each of 4,000 long names stands before 250 others.
        lines = ("{%s}" % ",".join(f'"{i:x}":1' for i in range(250)))
        text = "\n".join('{"host":"%s","%0250d":%s}' % (self.host, i, lines) for i in range(4000))
        packed = gzip.compress(text.encode(), 9)
        self.assertLess(len(packed), 200_000)
        before = self.most_memory()
        self.refused(packed, "send it in parts", status=413, code="too-large",
                     headers={"Content-Encoding": "gzip"})
        if "ASAN_OPTIONS" not in os.environ:  # it keeps what was freed
            self.assertLess(self.most_memory() - before, 400 * MIB)

    def most_memory(self):
        with open(f"/proc/{self.engine.process.pid}/status", encoding="ascii") as status:
            return 1024 * next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

    def test_sample_of_4097_fields(self):
        self.refused(json.dumps(self.good(x={f"f{i}": i for i in range(4097)})),
                     "more than 4096 fields")

    def test_almost_16_mib_are_taken(self):
        line = json.dumps(self.good()).encode() + b"\n"
        n = (16 * MIB - 1) // len(line)
        for body, headers in ((line * n, {}),
                              (gzip.compress(line * n, 1), {"Content-Encoding": "gzip"})):
            a = self.engine.post(body, headers=headers)
            self.assertEqual((202, n), (a.status, a.json["accepted"]))

    def test_compression_that_is_none(self):
        packed = gzip.compress(json.dumps(self.good()).encode())
        gz = {"Content-Encoding": "gzip"}
        self.refused(b"garbage", "no valid gzip", code="bad-encoding", headers=gz)
        self.refused(packed[:-9], "truncated", code="bad-encoding", headers=gz)
        self.refused(b"garbage", "no valid zstd", code="bad-encoding",
                     headers={"Content-Encoding": "zstd"})
        self.refused(b"garbage", "`br` is not understood", status=415, code="unknown-encoding",
                     headers={"Content-Encoding": "br"})

    # --- the wrong door ---

    def test_unknown_path(self):
        a = self.engine.post(self.good(), path="/api/v1/sample")
        self.assertEqual(404, a.status)
        self.assertIn("there is nothing at /api/v1/sample; there is /api/v1/samples", a.body)
        self.assertEqual(404, self.engine.get("/../../etc/passwd").status)
        self.assertEqual([], self.logged())

    def test_wrong_method(self):
        for method in ("GET", "PUT", "DELETE", "PATCH"):
            a = e.request(self.engine.port, method, "/api/v1/samples", "x")
            self.assertEqual((405, "POST"), (a.status, a.headers.get("Allow")))
            self.assertIn(f"takes POST, not {method}", a.body)
        a = self.engine.post("x", path="/metrics")
        self.assertEqual((405, "GET, HEAD"), (a.status, a.headers.get("Allow")))

    def test_no_http(self):
        for words in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n",
                      b"POST /api/v1/samples HTTP/1.1\r\nContent-Length: -4\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", self.engine.port), e.PATIENCE) as s:
                s.sendall(words)
                s.shutdown(socket.SHUT_WR)
                answer = s.makefile("rb").read()
            self.assertIn(b"400", answer.split(b"\r\n")[0])

    def test_client_that_goes_away_in_the_middle(self):
        whole = json.dumps(self.good()).encode()
        for cut in (0, 5, len(whole) - 1):
            with socket.create_connection(("127.0.0.1", self.engine.port), 10) as s:
                s.sendall(b"POST /api/v1/samples HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                          b"Content-Length: %d\r\n\r\n%s" % (len(whole), whole[:cut]))
        self.assertEqual([], self.logged())


if __name__ == "__main__":
    e.main()
