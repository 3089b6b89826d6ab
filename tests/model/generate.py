#!/usr/bin/env python3
"""A random scenario for `tocsin replay`: a configuration and a file of samples, small, and hard on a few things at a time.

Usage: generate.py --seed N --out DIR writes DIR/config.json and DIR/samples.ndjson. The same seed gives the same bytes.
"""
import argparse
import json
import math
import pathlib
import random

import model

STRESSES = ("outage", "churn", "jitter", "late", "clocks", "resend", "merge", "latency", "exact", "junk", "cooldown", "sparse", "servers")
AGGREGATIONS = ("avg", "sum", "min", "max", "last", "count")
MORE, LESS = "equalOrMoreThan", "equalOrLessThan"
PLAIN_FIELDS = ("cpu.usage", "mem.usage", "mem.free", "eventsIn.count", "eventsOut.count", "warnings.count", "errors.count", "criticals.count",
                "uptime", "temperature", "queue.depth", "bytes_sum", "disk.sda_sum", "count", "a.b.c.count", "x.ts", "größe.主", "net.sum", "f" * 255, "a\u00a0b")
# A rule may ask for these, but none is a field.
NO_FIELDS = ("f" * 256, "a\u0085b", "a\u007fb", "tab\tb")
LATENCY_FIELDS = (model.COUNT, model.SUM, model.AVG)
# In bytes of UTF-8 U+E000 and U+FF5E come before U+1F600, in UTF-16 after it.
HOSTS = ("node-1", "node-10", "node-2", "Node-1", "a", "b", "a b", " a", "hôte", "ho\u0302te", "主机", "\uff5e", "\U0001f600", "\ue000", "a\u2028",
         "z\u00a0", "~", "é", "\U0010ffff", "n" * 255)
RULE_NAMES = ("rule {}", " padded {} ", "Règle {}", "規則 {}", "\U0001f600{}", "a\"\\{}\n", "R{}")
PALETTES = ([1e16, 1.0, -1e16], [1e16, 1.0, 1.0, -1e16, 0.5], [0.1], [0.1, 0.2, 0.3], [0.1, 0.1, 0.1, 0.1, 1e16, -1e16],
            [1e300, -1e300, 1.0, 3.0], [1e300, 9e299, 1e299], [1e-290, 2e-290, -1e-290, 3.0000000000000004e-290],
            [9007199254740993.0, 1.0, -9007199254740992.0], [1 / 3, 2 / 3, -1.0, 1e-17], [1e100, 1.0, -1e100, 1e-100],
            [4503599627370496.5, 0.25, 0.5, -4503599627370496.0], [2.0 ** 53, 1.0, 2.0 ** -53, 1 + 2.0 ** -52], [100.0, 1e-14, 33.3])
ODD_NUMBERS = ("-0", "-0.0", "0e9", "1e-300", "-1e-300", "1e-400", "9.99e-291", "1e-290", "1e300", "1.0000000000000002e300", "-1e301", "1e999",
               "-1e999", "100000000000000000000000", "18446744073709551616", "-9223372036854775809", "1" + "0" * 305, "0." + "0" * 40 + "1")
NO_NUMBERS = ("null", "null", '"7"', '"\\ud800"', "true", "false", "[]", "[5]", "{}", '{"deep":{"er":1}}')

# What makes a line none that counts: alone; as the value of a field; as the end of a sample; as a further pair of one (the later of two counts).
BAD_LINES = (b"", b"   ", b"[]", b"7", b"null", b'"x"', b"{", b"not json", b"{}",
             b'{"heartbeat":null}', b'{"heartbeat":-1}', b'{"heartbeat":8640000000000001}')
BAD_VALUES = (b"01", b"+1", b".5", b"1.", b"0x1", b"1e", b"NaN", b"Infinity", b"-Infinity", b"tru", b"'x'", b'"\x01"', b'"\\x"', b"[1,]")
BAD_ENDS = (b"", b"}x", b"} {}", b",}", b"}}", b" 1}")
BAD_PAIRS = (b'"labels":{"a":"\xff"}', b'"l":"\xc3"', b'"l":"\xed\xa0\x80"', b'"l":"\xc0\x80"', b'"\xf5":1', b"'l':1",
             b'"ts":"soon"', b'"ts":null', b'"ts":-1', b'"ts":8640000000000001', b'"ts":1e999', b'"ts":[]',
             b'"at":"x"', b'"at":-0.5', b'"at":8.65e15', b'"at":[1]', b'"at":null',
             b'"host":5', b'"host":null', b'"host":""', b'"host":"a\\u0000"', b'"host":"a\\u001f"', b'"host":"a\\u007f"', b'"host":"a\x7f"',
             b'"host":"a\\u0080"', b'"host":"a\xc2\x9f"', b'"host":"\\ud800"', b'"host":"a\\udc00b"', b'"host":"' + "é".encode() * 128 + b'"', b'"host":"' + b"n" * 256 + b'"')


def maybe(rng, p):
    return rng.random() < p


class Scenario:
    def __init__(self, seed):
        self.rng = rng = random.Random(f"tocsin {seed}")
        self.stresses = set(rng.sample(STRESSES, rng.choice((1, 2, 2, 3, 3, 4))))
        self.interval = rng.choice((100, 100, 250, 333, 500, 1000, 1000, 1001, 2000, 5000, 10000))
        self.grace = rng.choice((0, 0, 1, self.interval // 10, self.interval // 2, self.interval, self.interval + 1, self.interval * 3 // 2,
                                self.interval * 3, None))
        if "churn" in self.stresses and maybe(rng, 0.5):  # several ticks open at a time: much can happen between a leave and its seal
            self.grace = self.interval * rng.choice((1, 2, 3))
        self.grace_ms = min(1000 if self.grace is None else self.grace, 12 * self.interval)
        if self.grace is None and self.grace_ms != 1000:
            self.grace = self.grace_ms
        self.ticks = rng.choice((15, 30, 30, 45, 60, 60, 90, 140))
        self.begin = self.choose_begin()
        self.end = self.begin + self.ticks * self.interval
        self.with_at = maybe(rng, 0.9 if self.hard("clocks") else 0.75 if self.hard("late") else 0.4)
        self.expiry = self.interval * rng.choice((1, 2, 3, 5, 8, 15, 40)) + rng.choice((0, 0, 1, -1)) if self.hard("churn", 0.15) else None
        self.lines = []    # (when it is written, order, bytes)
        self.history = {}  # field -> host -> tick -> value, about what the engine will hold
        self.fields = self.choose_fields()
        self.outages = self.choose_outages() if self.hard("outage", 0.08) else []
        self.heart = None
        self.write_heartbeats()
        names = rng.sample(HOSTS, min(rng.choice((2, 3, 3, 4, 5, 6, 8, 12, 15)), 1200 // self.ticks))
        for i, name in enumerate(names):
            Reporter(self, name, steady=i == 0).run()
        if self.hard("junk", 0.1):
            self.write_junk(names)

    def hard(self, stress, otherwise=0.0):
        return stress in self.stresses or maybe(self.rng, otherwise)

    def choose_begin(self):
        kind = self.rng.random()
        if kind < 0.03:
            return self.rng.randrange(0, 3 * self.interval)
        if kind < 0.06:
            return 253402300800000 - self.rng.randrange(0, self.ticks * self.interval)  # around the year 10000
        return 1700000000000 + self.rng.randrange(0, 100000)

    def choose_fields(self):
        fields = self.rng.sample(PLAIN_FIELDS, self.rng.choice((1, 2, 3, 4)))
        if self.hard("junk", 0.05):
            fields.append(self.rng.choice(NO_FIELDS))
        return fields + list(LATENCY_FIELDS) if self.hard("latency", 0.25) else fields

    # Outages and heartbeats: what the log sees

    def gap_ms(self):
        return max(self.interval / 2, self.grace_ms, 500)

    def choose_outages(self):
        """Stretches in which nobody writes, as (begin, end, are samples kept and sent afterwards)."""
        rng, outages, t = self.rng, [], self.begin
        while True:
            t += int(rng.expovariate(1 / 8) * self.interval) + rng.randrange(0, self.interval + 1)
            length = rng.choice((int(self.gap_ms()), int(self.gap_ms()) + 1, int(1.3 * self.gap_ms()), self.interval,
                                 self.interval * 2 + 1, self.interval * rng.randrange(2, 12),
                                 int(rng.uniform(0.5, 6) * self.interval), rng.choice((1, 25)) * self.interval))
            if maybe(rng, 0.4):  # on the edge of a tick, or of its seal
                t = t // self.interval * self.interval + rng.choice((0, -1, 1, self.grace_ms, self.grace_ms - 1, self.grace_ms + 1))
            if maybe(rng, 0.25):
                length = max(1, (t + length) // self.interval * self.interval - t)
            if t + length > self.end:
                return outages
            if t > self.begin:
                outages.append((t, t + length, maybe(rng, 0.5)))
            t += length

    def write_heartbeats(self):
        rng = self.rng
        if not (self.outages or maybe(rng, 0.3)):
            return
        every = max(1, max(self.interval, 1000) // 4)
        if maybe(rng, 0.15):
            every = int(self.gap_ms()) + rng.choice((0, 0, 1))  # on the edge of being a gap all the time
        t = self.begin + (0 if maybe(rng, 0.7) else rng.randrange(0, self.end - self.begin))
        self.heart, first = every, t
        if t > self.begin and maybe(rng, 0.5):  # before the first heartbeat nothing is a gap
            self.outages.append((max(self.begin, t - rng.randrange(1, 8) * self.interval), t, False))
        while t < self.end:
            self.write(t, b'{"heartbeat":%s}' % self.moment_text(t).encode())
            t += every
        for begin, end, _ in (outage for outage in self.outages if outage[0] >= first):  # the last before and the first after, to the millisecond
            self.write(begin, b'{"heartbeat":%d}' % begin)
            if maybe(rng, 0.5):
                self.write(end, b'{"heartbeat":%d}' % end)

    def outage_at(self, t):
        return next((o for o in self.outages if o[0] < t < o[1]), None)

    def write(self, when, raw, lost=True):
        """Puts a line into the log at a time, or, in an outage, after it or nowhere."""
        outage = self.outage_at(when)
        if outage:
            if lost or not outage[2]:
                return
            when = outage[1] + self.rng.randrange(0, max(1, self.interval // 10))
        self.lines.append((when, len(self.lines), raw))

    def moment_text(self, t):
        return f"{t}.{self.rng.randrange(1, 9)}" if maybe(self.rng, 0.05) else str(t)

    # Lines that count for nothing

    def write_junk(self, names):
        rng = self.rng
        for _ in range(rng.randrange(3, 40)):
            t = rng.randrange(self.begin, self.end)
            self.write(t, self.junk(rng.choice(names), t), lost=False)
        if maybe(rng, 0.5):  # before there is a log time
            self.lines.append((self.begin - 10 ** 6, -1, b'{"host":"early bird","cpu":{"usage":1}}'))

    def junk(self, host, t):
        """A line to be rejected. Most name a moment that would seal everything, had the line an effect."""
        rng, name, far = self.rng, json.dumps(host).encode(), self.end + 1000 * self.interval
        good = b'{"host":%s,"ts":%d,%s:1' % (name, far, json.dumps(rng.choice(self.fields)).encode())
        whole = rng.choice(BAD_LINES + (b'{"ts":%d,"cpu":{"usage":1}}' % far, b'{"host":%s,"ts":true}' % name,
                                        b'{"heartbeat":"%d"}' % far, b'{"heartbeat":%d,"heartbeat":{}}' % far, b"\xef\xbb\xbf" + good + b"}"))
        return rng.choice((whole, good[:-1] + rng.choice(BAD_VALUES) + b"}", good + rng.choice(BAD_ENDS), good + b"," + rng.choice(BAD_PAIRS) + b"}"))

    # Rules

    def rules(self):
        rng = self.rng
        count = min(rng.choice((4, 8, 12, 18, 25)), 3000 // self.ticks)
        return [self.rule(i) for i in range(count)]

    def rule(self, i):
        rng = self.rng
        field = rng.choice(self.fields)
        if self.hard("latency") and maybe(rng, 0.4):
            field = model.AVG
        aggregation = rng.choice(("avg", "sum", "sum") if "exact" in self.stresses and maybe(rng, 0.6) else AGGREGATIONS)
        width = rng.choice((1, 1, 2, 2, 3, 4, 5, 6, 8, 12, 20, 30))
        timeframe = width * self.interval
        if maybe(rng, 0.3):
            timeframe -= rng.choice((1, self.interval // 2, self.interval - 1))
        operand = rng.choice((MORE, LESS))
        rule = {"name": rng.choice(RULE_NAMES).format(i), "field": field, "aggregation": aggregation, "operand": operand,
                "value": self.threshold(field, aggregation, width), "timeframe": self.duration(timeframe)}
        if self.hard("cooldown", 0.25):
            around = rng.randrange(1, 8) * self.interval + rng.choice((-1, 1))
            rule["cooldown"] = self.duration(rng.choice((0, rng.randrange(1, 4) * self.interval, around, self.interval // 2, 30 * self.interval)))
        if maybe(rng, 0.15):
            rule["partial"] = maybe(rng, 0.9)
        if maybe(rng, 0.3):
            rule["noData"] = "resolve" if maybe(rng, 0.8) else "keep"
        return rule

    def threshold(self, field, aggregation, width):
        """Mostly a value that some window of some host has, to the last bit."""
        rng = self.rng
        if aggregation == "count" and maybe(rng, 0.8):
            return rng.choice((0, 1, width, width - 1, width // 2, width // 2 + 1, -1, 0.5))
        hosts = self.history.get(field)
        if not hosts or maybe(rng, 0.06):
            return rng.choice((0, -0.0, 1, 50, 0.1, 1e16, -1e300))
        values = hosts[rng.choice(sorted(hosts))]
        tick = rng.choice(sorted(values))
        v = [values[t] for t in range(tick - width + 1, tick + 1) if t in values]
        value = model.aggregate(aggregation, v)
        return rng.choice((value,) * 8 + (math.nextafter(value, math.inf), math.nextafter(value, -math.inf)))

    def duration(self, ms):
        """One of the ways to write a duration."""
        rng = self.rng
        ways = (ms, f"{ms}ms", str(ms), f"{ms} MSECS", f"{ms}.0", f"{ms:.1f}msec", ms + 0.25 if ms else 0,
                f"{ms / 1000!r}s", f"{ms / 1000!r} Secs", f"{ms / 1000!r}".lstrip("0") + " second",
                f"{ms / 60000!r} minutes", f"{ms / 3600000!r}h")
        way = rng.choice(ways)
        try:
            return way if model.read_duration(way) == ms else ms
        except ValueError:
            return ms

    def config(self):
        rng = self.rng
        monitoring, alerting, ours = {}, {"rules": self.rules()}, {}
        if self.interval != 10000 or maybe(rng, 0.5):
            monitoring["collectionInterval"] = self.duration(self.interval)
        watcher = self.interval * rng.choice((1, 1, 1, 1, 2, 3, 5)) - (rng.randrange(1, self.interval) if maybe(rng, 0.2) else 0)
        if self.interval < 2000 or maybe(rng, 0.7):
            alerting["watcherInterval"] = self.duration(watcher)
        if self.grace is not None:
            ours["grace"] = self.duration(self.grace)
        if self.expiry is not None:
            ours["hostExpiry"] = self.duration(self.expiry)
        if maybe(rng, 0.3):
            ours["cluster"] = rng.choice(("prod", "c", "日本", "tocsin "))
        if maybe(rng, 0.1):
            alerting["rules"].insert(rng.randrange(0, len(alerting["rules"]) + 1), {})
        if maybe(rng, 0.5):
            monitoring["enabled"] = alerting["enabled"] = True
        return json.dumps({"pro": {"monitoring": monitoring, "alerting": alerting}, "tocsin": ours}, indent=1, ensure_ascii=maybe(rng, 0.5))

    def samples(self):
        text = b"\n".join(raw for _, _, raw in sorted(self.lines, key=lambda line: line[:2]))
        mark = b"\xef\xbb\xbf" if maybe(self.rng, 0.1) else b""
        return mark + (text if maybe(self.rng, 0.1) else text + b"\n")


# ---------------------------------------------------------------------------------------------------------------------------------------
# One host


class Signal:
    """The course of one field at one host."""

    def __init__(self, scenario, field):
        rng = self.rng = scenario.rng
        self.kind = rng.choice(("palette",) if scenario.hard("exact", 0.05) else ("square", "square", "walk", "spikes", "constant", "whole"))
        self.palette = rng.choice(PALETTES)
        self.low, self.high = sorted(round(rng.uniform(-5 if maybe(rng, 0.2) else 0, 100), 1) for _ in range(2))
        if field.endswith("count"):
            self.low, self.high = float(int(self.low / 20)), float(int(self.high / 5))
        self.now, self.hold = self.low, 0
        self.present = rng.choice((0.05, 0.15, 0.3, 0.6)) if scenario.hard("sparse", 0.1) else rng.choice((1, 1, 1, 0.95, 0.85))
        self.dropout = 0 if scenario.hard("sparse") or maybe(rng, 0.2) else None  # stretches on and off
        self.off = False

    def next(self):
        """The next value, or None."""
        rng = self.rng
        if self.dropout is not None:
            if self.dropout <= 0:
                self.dropout, self.off = rng.randrange(1, 14), not self.off
            self.dropout -= 1
            if self.off:
                return None
        if not maybe(rng, self.present):
            return None
        if self.kind == "palette":
            return rng.choice(self.palette)
        if self.kind == "square":
            if self.hold <= 0:
                self.now, self.hold = (self.high if self.now == self.low else self.low), rng.randrange(1, 9)
            self.hold -= 1
        elif self.kind == "walk":
            self.now = round(self.now + rng.choice((-3.7, -0.1, 0.1, 2.9)), 1)
        elif self.kind == "spikes":
            self.now = self.high if maybe(rng, 0.15) else 0.0
        elif self.kind == "whole":
            self.now = float(rng.randrange(0, 4))
        return self.now


class Reporter:
    def __init__(self, scenario, name, steady):
        """A steady host has a clock and stays, whatever the others do."""
        rng = self.rng = scenario.rng
        self.scenario, self.name, self.steady = scenario, name, steady
        self.interval = scenario.interval
        self.signals = {field: Signal(scenario, field) for field in scenario.fields if field not in LATENCY_FIELDS}
        self.latency = model.AVG in scenario.fields
        self.latency_habit = rng.choice(("derived", "derived", "reported", "both", "mixed", "mixed"))
        self.requests = Signal(scenario, model.COUNT)
        slow = scenario.hard("late", 0.2)
        self.delay_max = rng.choice((0, self.interval // 20, self.interval // 2, 2 * self.interval)) if slow else self.interval // 50
        self.offset = self.choose_offset() if scenario.hard("clocks") and not steady else 0
        self.clockless = scenario.hard("clocks") and maybe(rng, 0.25)
        self.edgy = scenario.hard("jitter", 0.05)
        self.period = rng.choice((self.interval,) * 6 + (self.interval // 2, self.interval * 3 // 2, self.interval * 2 + 1))
        if scenario.hard("merge"):
            self.period = self.interval // rng.randrange(1, 5)
        self.servers = self.choose_servers() if scenario.hard("servers", 0.05) else (None,)
        self.last_ts = None

    def choose_servers(self):
        """What its servers write as their ids, as JSON; None: nothing."""
        ids = ('"a1"', '"a1"', '"a\\u0031"', '"b2"', '"b2"', '"é"', '""', '""', f'"{"s" * 255}"', None, None, "7", "null", f'"{"s" * 256}"',
               '"\\ud800"', '["a1"]')
        return self.rng.sample(ids, self.rng.choice((1, 2, 2, 3)))

    def choose_offset(self):
        scenario, rng = self.scenario, self.rng
        if not scenario.with_at:
            return rng.choice((0, 0, 0, -1, 1)) * rng.randrange(0, 2 * self.interval)
        edge = 1 + -(-scenario.grace_ms // self.interval)
        ticks = rng.choice((0, 0, 1, edge, edge, edge + 1, 30, -1, -2, -3, -30))
        return ticks * self.interval + rng.choice((0, 0, -1, 1, rng.randrange(0, self.interval)))

    def run(self):
        rng, scenario = self.rng, self.scenario
        t = scenario.begin if self.steady or not scenario.hard("churn", 0.3) or maybe(rng, 0.5) else rng.randrange(scenario.begin, scenario.end)
        while t < scenario.end:
            stay = rng.randrange(1, 12) * self.interval if scenario.hard("churn", 0.15) and not self.steady else scenario.end
            leave = min(t + stay, scenario.end)
            t = self.present(t, leave)
            if leave < scenario.end:
                if maybe(rng, 0.8):
                    self.part(leave)
                t = leave + int(rng.choice((0, 0.5, 1, 2, 3, 6, 12, 30)) * self.interval)

    def present(self, t, leave):
        rng = self.rng
        t += rng.choice((0, self.interval - 1, rng.randrange(0, self.interval)))
        if self.edgy:
            t = t // self.interval * self.interval
        while t < leave:
            near = rng.randrange(0, self.interval // 20 + 1)
            if self.edgy:
                near = rng.choice((-1, 0, 0, 1, -self.interval // 5, self.interval // 5, -self.interval // 50))
            self.report(max(0, t + near))
            t += self.period
        return t

    def part(self, t):
        """Takes leave: now, for an earlier tick, or long after."""
        rng, scenario = self.rng, self.scenario
        texts = [("gone", rng.choice(("true",) * 6 + ("false", "1", '"true"')))]
        if scenario.expiry is not None and maybe(rng, 0.35):  # forgotten by hand, about when it expires
            ts = t if self.last_ts is None else self.last_ts
            sealed = ts // self.interval * self.interval + scenario.expiry + self.interval + scenario.grace_ms
            self.send(ts, max(t, sealed - rng.randrange(1, 3 * self.interval // 2)), {}, texts)
            return
        ts = max(0, t + rng.choice((0, 0, 0, -1, 1, -2, -5)) * rng.choice((1, self.interval)))
        at = t + rng.choice((0, 0, 0, 1, 2, 4)) * self.interval
        values = self.values() if maybe(rng, 0.5) else {}
        self.send(ts, at, values, texts)
        self.linger(ts, at + rng.choice((0, 1, self.interval // 10)), values, texts)

    def linger(self, ts, soon, values, texts):
        """What may come after a leave, before it is sealed or just then."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.2:  # it leaves once more, for an older tick
            self.send(max(0, ts - rng.choice((1, 1, 1, 2)) * self.interval), soon, self.values(), texts)
        elif kind < 0.35:  # something older, perhaps late
            self.send(max(0, ts - rng.choice((1, 1, 1, 2, 8)) * self.interval), soon, self.values(), [])
        elif kind < 0.6:  # the same moment again, perhaps when the host is forgotten and the tick is not sealed
            self.send(ts, soon + rng.randrange(0, self.interval + self.scenario.grace_ms + 1), values or self.values(), [])

    def values(self):
        rng, values = self.rng, {}
        for field, signal in self.signals.items():
            value = signal.next()
            if value is not None:
                values[field] = value
        if self.latency:
            self.add_latency(values)
        return values

    def add_latency(self, values):
        rng = self.rng
        count = self.requests.next()
        habit = self.latency_habit if self.latency_habit != "mixed" else rng.choice(("derived", "reported", "both", "count", "sum", "none"))
        if count is None or habit == "none":
            return
        if maybe(rng, 0.12):
            count = rng.choice((0.0, -1.0, -count, 1e-290))
        if habit in ("derived", "both", "count"):
            values[model.COUNT] = count
        if habit in ("derived", "both", "sum"):
            values[model.SUM] = rng.choice((0.0, 10.0, 32.0, 30.1, 1e16, round(abs(count) * 7.3, 2)))
        if habit in ("reported", "both"):
            values[model.AVG] = rng.choice((5.0, 7.3, 10.0, 99.0))

    def report(self, t):
        rng, scenario = self.rng, self.scenario
        delay = rng.randrange(0, self.delay_max + 1)
        if self.delay_max > self.interval // 50 and maybe(rng, 0.15):
            delay += rng.randrange(1, 9) * self.interval
        ts = max(0, t + self.offset)
        values, texts = self.values(), []
        if maybe(rng, 0.1 if scenario.hard("late", 0.05) else 0.0) and len(values) > 1:  # a part of it comes late
            late = rng.sample(sorted(values), rng.randrange(1, len(values)))
            self.send(ts, t + rng.randrange(1, 6) * self.interval + scenario.grace_ms, {field: values.pop(field) for field in late}, [])
        if scenario.hard("resend") and maybe(rng, 0.3):
            self.resend(ts, t, values)
        if scenario.hard("junk", 0.01) and maybe(rng, 0.3) and self.signals:
            texts.append((rng.choice(sorted(self.signals)), rng.choice(ODD_NUMBERS + NO_NUMBERS)))
        if maybe(rng, 0.03):
            texts.append(("gone", rng.choice(("false", "null", "0"))))
        for server in self.servers[1:]:
            other = [pair for pair in texts if pair[0] == "gone"] + [("serverId", server)]
            self.send(ts, t + rng.choice((delay, self.interval // 3)), values if maybe(rng, 0.5) else self.values(), other)
        texts.append(("serverId", self.servers[0]))
        self.send(ts, t + delay, values, texts)
        if self.clockless and maybe(rng, 0.3):
            self.send(ts, t + delay, self.values() if maybe(rng, 0.7) else values, texts)

    def resend(self, ts, t, values):
        """The same again, or a sample of the same moment with other values or fields."""
        rng = self.rng
        again = t + rng.choice((0, 1, self.interval // 3, self.interval, 2 * self.interval, self.scenario.grace_ms + 3 * self.interval))
        kind = rng.random()
        if kind < 0.3:
            values = {field: value for field, value in values.items() if maybe(rng, 0.6)}
        elif kind < 0.5:
            values = {field: value + 1 for field, value in values.items() if maybe(rng, 0.6)}
        elif kind < 0.7:
            values = {**self.values(), **values}
        elif kind < 0.85:
            ts, values = max(0, ts + rng.choice((-1, 1, -self.interval // 4, 0))), self.values()
        self.send(ts, again, values, [], moment=rng.choice((None, f"{ts}.5", f"{ts / 1000}e3")))

    def send(self, ts, when, values, texts, moment=None):
        rng, scenario = self.rng, self.scenario
        if not scenario.with_at and when < ts:
            when = ts
        self.last_ts = max(ts, self.last_ts or 0)
        self.remember(ts, values)
        head = [("host", json.dumps(self.name, ensure_ascii=maybe(rng, 0.5)))]
        if not self.clockless:
            head.append(("ts", moment if moment and int(float(moment)) == ts else scenario.moment_text(ts)))
        elif maybe(rng, 0.2):
            head.append(("ts", str(when)))
        if scenario.with_at:
            back = rng.randrange(0, 3 * self.interval) if scenario.hard("clocks") and maybe(rng, 0.1) else 0
            head.append(("at", str(max(0, when - back))))
        if maybe(rng, 0.05):
            head.append(("labels", rng.choice(('{"dc":"eu1"}', "{}", '{"a":"\\u00e9"}', '{"a":"\\ud800"}'))))
        top = [(key, text) for key, text in texts if key in ("gone", "serverId") and text is not None]
        body = [(field, number_text(rng, value)) for field, value in values.items()] + [pair for pair in texts if pair[0] not in ("gone", "serverId")]
        if scenario.hard("junk", 0.02):
            body = self.spell_twice(body)
            if maybe(rng, 0.03):
                head = [("host", '"nobody"'), ("ts", '"never"')] + head if not self.clockless else head
        blank = rng.choice((" ", "\t", "\r", " \r")) if maybe(rng, 0.02) else ""
        scenario.write(when, (sample_text(rng, head + top, body) + blank).encode("utf-8"), lost=False)

    def spell_twice(self, body):
        rng, twice = self.rng, []
        for field, text in body:
            if maybe(rng, 0.1):
                other = rng.choice(ODD_NUMBERS + NO_NUMBERS + ("5", "0.1"))
                twice += [(field, other), (field, text)] if maybe(rng, 0.6) else [(field, text), (field, other)]
            else:
                twice.append((field, text))
        return twice

    def remember(self, ts, values):
        """About what the engine will hold, to choose thresholds from."""
        tick = ts // self.interval
        for field, value in values.items():
            ticks = self.scenario.history.setdefault(field, {}).setdefault(self.name, {})
            ticks[tick] = ticks.get(tick, 0.0) + value if model.adds_up(field) else value
        count, total = values.get(model.COUNT, 0), values.get(model.SUM)
        if total is not None and count > 0 and abs(total / count) <= 1e300:
            self.scenario.history.setdefault(model.AVG, {}).setdefault(self.name, {})[tick] = total / count


# ---------------------------------------------------------------------------------------------------------------------------------------
# Text


def number_text(rng, value):
    if value == int(value) and abs(value) < 1e22 and maybe(rng, 0.6):
        return str(int(value))
    return rng.choice((repr(value), repr(value), repr(value), f"{value:.17e}", f"{value:.20E}"))


def sample_text(rng, head, body):
    """An object of top-level pairs and of fields, flat or nested, each group of fields perhaps in several objects."""
    parts, groups = [(key, text) for key, text in head], {}
    for field, text in body:
        path = field.split(".")
        if len(path) == 1 or maybe(rng, 0.15):
            groups = {}  # keeps the order of two spellings
            parts.append((field, text))
            continue
        cut = rng.randrange(1, len(path)) if maybe(rng, 0.2) else 1
        outer, inner = ".".join(path[:cut]), ".".join(path[cut:])
        if outer not in groups or maybe(rng, 0.05):
            groups[outer] = []
            parts.append((outer, groups[outer]))
        groups[outer].append((inner, text))
    if maybe(rng, 0.3):
        parts = parts[len(head):] + parts[:len(head)]
    comma = rng.choice((",", ", "))
    texts = ((key, text if isinstance(text, str) else nested_text(rng, text)) for key, text in parts)
    return "{" + comma.join(json.dumps(key, ensure_ascii=maybe(rng, 0.3)) + ":" + text for key, text in texts) + "}"


def nested_text(rng, pairs):
    """Inner paths as objects all the way, or flat."""
    out = []
    for path, text in pairs:
        keys = path.split(".")
        if maybe(rng, 0.3):
            keys = [path]
        for key in reversed(keys[1:]):
            text = "{" + json.dumps(key) + ":" + text + "}"
        out.append(json.dumps(keys[0]) + ":" + text)
    return "{" + ",".join(out) + "}"


def generate(seed):
    """A configuration (text) and samples (bytes)."""
    scenario = Scenario(seed)
    return scenario.config(), scenario.samples()


def main():
    parser = argparse.ArgumentParser(description="writes a random scenario")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    chosen = parser.parse_args()
    config, samples = generate(chosen.seed)
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "config.json").write_text(config, encoding="utf-8")
    (chosen.out / "samples.ndjson").write_bytes(samples)


if __name__ == "__main__":
    main()
