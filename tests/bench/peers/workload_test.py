"""The workload of bench/peers against the table that the one in C++ is held to, too."""

import pathlib
import sys
import unittest

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "bench" / "peers"))
import remote_write
import standard_workload as w


def rows(word):
    lines = (TOP / "tests/bench/standard/expected.tsv").read_text().splitlines()
    return [line.split("\t")[1:] for line in lines if line.split("\t")[0] == word]


class Workload(unittest.TestCase):
    def test_values(self):
        self.assertGreater(len(rows("value")), 700)
        for host, field, tick, wanted in rows("value"):
            h, f = int(host), int(field)
            self.assertEqual(float(wanted), w.value(w.base(h, f), h, f, int(tick)))

    def test_rules(self):
        self.assertGreater(len(rows("rule")), 80)
        for count, fire, window, i, field, aggregation, ticks, operand, threshold in rows("rule"):
            rule = w.make_rules(int(count), float(fire), window)[int(i)]
            self.assertEqual(w.Rule(f"r{i}", int(field), aggregation, int(ticks) * 10, operand,
                                    float(threshold)), rule)


class RemoteWrite(unittest.TestCase):
    def test_numbers_take_seven_bits_a_byte(self):
        self.assertEqual(b"\x00", remote_write.varint(0))
        self.assertEqual(b"\x7f", remote_write.varint(127))
        self.assertEqual(b"\x80\x01", remote_write.varint(128))
        self.assertEqual(b"\xac\x02", remote_write.varint(300))

    def test_a_series_with_a_sample(self):
        head = remote_write.series_head({"__name__": "x", "host": "a"})
        self.assertEqual(b"\x0a\x0d\x0a\x08__name__\x12\x01x\x0a\x09\x0a\x04host\x12\x01a", head)
        body = remote_write.series(head, [(1000, 1.0)])
        self.assertEqual(b"\x0a" + bytes([len(head) + 14]) + head + b"\x12\x0c\x09"
                         + b"\x00\x00\x00\x00\x00\x00\xf0\x3f" + b"\x10\xe8\x07", body)

    def test_snappy_without_compression(self):
        self.assertEqual(b"\x03\xf4\x02\x00abc", remote_write.as_snappy(b"abc"))


if __name__ == "__main__":
    unittest.main()
