"""The standard workload, as bench/standard/workload.hpp has it, for programs that are measured
beside Tocsin. tests/bench holds both to one table, bit for bit."""

import dataclasses

STEP_S = 10  # one sample per field and host in so many seconds
FIELDS = (  # name, factor of a value from 0 to 100, whole numbers only
    ("cpu.usage", 1.0, False),
    ("mem.usage", 1.0, False),
    ("mem.free", 163.84, True),
    ("requests.count", 10.0, True),
    ("requests.latency_avg", 5.0, False),
    ("requests.latency_sum", 500.0, False),
    ("eventsIn.count", 50.0, True),
    ("eventsOut.count", 50.0, True),
    ("warnings.count", 0.5, True),
    ("errors.count", 0.2, True),
)
AGGREGATIONS = ("avg", "sum", "min", "max", "last", "count")
MIXED_WINDOWS_S = (60, 120, 300, 600)


def mix(number):
    """32 bits that look random."""
    x = number & 0xFFFFFFFF
    x = (x ^ x >> 16) * 0x7FEB352D & 0xFFFFFFFF
    x = (x ^ x >> 15) * 0x846CA68B & 0xFFFFFFFF
    return x ^ x >> 16


def base(host, field):
    """What is lasting about a field of a host, 0 to 90."""
    return mix(host * 131 + field * 7919 + 17) / 4294967296.0 * 90.0


def value(lasting, host, field, tick):
    """What the host reports at a tick (Unix time / 10 s); `lasting` is base(host, field)."""
    _, scale, whole = FIELDS[field]
    turn = host * 2654435761 + field * 40503 + tick % 100003 * 2246822519
    v = (lasting + (turn >> 7 & 0xFFFF) / 6553.6) * scale
    return float(round(v)) if whole else round(v, 2)


def host_name(host):
    return f"host-{host:05d}"


@dataclasses.dataclass(frozen=True)
class Rule:
    name: str
    field: int
    aggregation: str
    window_s: int
    operand: str  # ">=" or "<="
    threshold: float

    @property
    def column(self):
        """What rules may share."""
        return self.field, self.aggregation, self.window_s


def _threshold(i, field, aggregation, ticks, more, fire):
    if aggregation == "count":  # never met
        return float(ticks + 5 if more else ticks - 5)
    share = min(1.0, fire * (mix(i + 99) % 1000 / 1000.0 * 0.5 + 0.75))
    lasting = 90.0 * (1 - share) if more else 90.0 * share
    if fire == 0:
        lasting = 1000.0 if more else -1000.0
    middle = {"min": 10.0 / (ticks + 1), "max": 10.0 * ticks / (ticks + 1)}.get(aggregation, 5.0)
    t = (lasting + middle) * FIELDS[field][1]
    return round(t * ticks if aggregation == "sum" else t, 2)


def make_rules(count, fire=0.01, window="mixed"):
    """The rules r0, r1, …; `window` is "mixed" or minutes such as "5m"."""
    rules = []
    for i in range(count):
        block = i // 24  # holds each pair of aggregation and window once
        field = (i * 7 + block * 3) % 10
        aggregation = AGGREGATIONS[i % 6]
        window_s = MIXED_WINDOWS_S[i // 6 % 4] if window == "mixed" else int(window[:-1]) * 60
        more = block % 2 == 0
        t = _threshold(i, field, aggregation, window_s // STEP_S, more, fire)
        rules.append(Rule(f"r{i}", field, aggregation, window_s, ">=" if more else "<=", t))
    return rules
