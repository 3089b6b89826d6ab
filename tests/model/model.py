#!/usr/bin/env python3
"""The dumbest correct replay: what the semantics say, recomputed from scratch at every check.

Usage: model.py --config C --samples S. Prints the events of `tocsin replay`, one JSON object per line; rejected lines go to standard error.
An oracle for tests, never a part of the engine: nothing here is fast, nothing here is shared with it. README.md lists how open points were read.
"""
import argparse
import base64
import hashlib
import json
import re
import sys
from fractions import Fraction

AVG, SUM, COUNT = "requests.latency_avg", "requests.latency_sum", "requests.count"
NOT_FIELDS = {"host", "ts", "at", "labels", "gone", "heartbeat", "serverId"}
NAME_BYTES_MAX = 255
MOMENT_MAX = 8.64e15
MAGNITUDE_MAX, MAGNITUDE_MIN = 1e300, 1e-290

# ---------------------------------------------------------------------------------------------------------------------------------------
# Durations and configuration


UNIT_MS = {"y": 31557600000, "w": 604800000, "d": 86400000, "h": 3600000, "m": 60000, "s": 1000, "ms": 1}
UNIT_NAMES = {"y": "years|year|yrs|yr|y", "w": "weeks|week|w", "d": "days|day|d", "h": "hours|hour|hrs|hr|h", "m": "minutes|minute|mins|min|m",
              "s": "seconds|second|secs|sec|s", "ms": "milliseconds|millisecond|msecs|msec|ms"}
UNITS = {name: UNIT_MS[unit] for unit, names in UNIT_NAMES.items() for name in names.split("|")}
DURATION = re.compile(r"(-?(?:[0-9]+)?\.?[0-9]+) *(" + "|".join(sorted(UNITS, key=len, reverse=True)) + ")?", re.IGNORECASE | re.ASCII)


def read_duration(value):
    """Whole milliseconds, as the npm package ms 2.1.3 reads a string; a plain number is milliseconds already."""
    if isinstance(value, str):
        match = DURATION.fullmatch(value) if 0 < len(value) <= 100 else None
        if not match:
            raise ValueError(f"not a duration: {value!r}")
        value = float(match[1]) * UNITS[(match[2] or "ms").lower()]
    elif isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"not a duration: {value!r}")
    return int((Fraction(value) + Fraction(1, 2)).__floor__())


def ceil_div(a, b):
    return -(-a // b)


class Rule:
    def __init__(self, written, interval):
        self.name = written["name"]
        self.field = written["field"]
        self.aggregation = written["aggregation"]
        self.operand = written["operand"]
        self.threshold = float(written["value"])
        self.ticks = max(1, ceil_div(read_duration(written["timeframe"]), interval))
        self.cooldown = read_duration(written.get("cooldown", 0))
        self.partial = written.get("partial", False)
        self.no_data = written.get("noData", "keep")


class Config:
    def __init__(self, text):
        root = json.loads(text)
        pro = root.get("pro", {})
        alerting = pro.get("alerting", {})
        ours = root.get("tocsin", {})
        self.interval = read_duration(pro.get("monitoring", {}).get("collectionInterval", "10s"))
        self.check_ticks = ceil_div(read_duration(alerting.get("watcherInterval", "10s")), self.interval)
        self.grace = read_duration(ours.get("grace", "1s"))
        self.host_expiry = read_duration(ours.get("hostExpiry", "24h"))  # below the longest window: taken as written
        self.cluster = ours.get("cluster", "tocsin")
        self.rules = [Rule(written, self.interval) for written in alerting.get("rules", []) if written != {}]


# ---------------------------------------------------------------------------------------------------------------------------------------
# Lines


class Rejected(Exception):
    pass


class Pairs(list):
    """A JSON object as its (key, value) pairs, duplicates kept, in order of appearance."""


class Sample:
    def __init__(self, host, server, ts, values, gone):
        self.host = host
        self.server = server    # None: without
        self.ts = ts            # None: without
        self.values = values    # field -> double, only fields with a value
        self.gone = gone


class Line:
    """An entry of the log: `sample` is None for a heartbeat, `time` is what the line says of its log time (None: nothing)."""

    def __init__(self, time, sample):
        self.time = time
        self.sample = sample


def no_constant(token):
    raise Rejected(f"{token} is not JSON")


def read_moment(value, name):
    if not isinstance(value, float) or not 0 <= value <= MOMENT_MAX:
        raise Rejected(f"{name} is no number from 0 to 8.64e15")
    return int(value)


def size_of(text):
    """Bytes of UTF-8; None with a lone surrogate."""
    try:
        return len(text.encode("utf-8"))
    except UnicodeEncodeError:
        return None


def is_name(text):
    """Whether a host or a field may be called so."""
    size = size_of(text)
    return size is not None and 1 <= size <= NAME_BYTES_MAX and not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in text)


def read_host(value):
    if not isinstance(value, str) or not is_name(value):
        raise Rejected("host is missing, no string, empty, too long or has control characters or lone surrogates")
    return value


def read_server(value):
    """Which server on the host speaks; None where nothing that counts says so."""
    size = size_of(value) if isinstance(value, str) else None
    return value if size is not None and size <= NAME_BYTES_MAX else None


def read_number(value):
    """The double a number stands for, or None where it is no value."""
    if not isinstance(value, float) or abs(value) > MAGNITUDE_MAX:
        return None
    return value if abs(value) >= MAGNITUDE_MIN else 0.0


def read_fields(pairs, prefix=""):
    """Every path in order of appearance with what it holds: a double, or None where that is no value."""
    for key, value in pairs:
        if not prefix and key in NOT_FIELDS:
            continue
        yield prefix + key, None if isinstance(value, Pairs) else read_number(value)
        if isinstance(value, Pairs):
            yield from read_fields(value, prefix + key + ".")


def read_line(raw):
    try:
        root = json.loads(raw.decode("utf-8"), object_pairs_hook=Pairs, parse_int=float, parse_float=float, parse_constant=no_constant)
    except (UnicodeDecodeError, json.JSONDecodeError) as fault:
        raise Rejected(f"not JSON in UTF-8: {fault}") from None
    if not isinstance(root, Pairs):
        raise Rejected("no JSON object")
    top = dict(root)  # the later of two counts
    if "heartbeat" in top and "host" not in top:
        return Line(read_moment(top["heartbeat"], "heartbeat"), None)
    host = read_host(top.get("host"))
    ts = read_moment(top["ts"], "ts") if "ts" in top else None
    at = read_moment(top["at"], "at") if "at" in top else None
    paths = dict(read_fields(root))  # the later of two spellings counts, whatever it holds
    values = {field: value for field, value in paths.items() if value is not None and is_name(field)}
    return Line(at if at is not None else ts, Sample(host, read_server(top.get("serverId")), ts, values, top.get("gone") is True))


# ---------------------------------------------------------------------------------------------------------------------------------------
# Incidents


def iso(ms):
    """JavaScript's Date.toISOString()."""
    days, rest = divmod(ms, 86400000)
    days += 719468  # days since 0000-03-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms")
    era, doe = divmod(days, 146097)
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    day, month = doy - (153 * mp + 2) // 5 + 1, mp + 3 if mp < 10 else mp - 9
    year = era * 400 + yoe + (month <= 2)
    shown = f"{year:04d}" if 0 <= year <= 9999 else f"{'-' if year < 0 else '+'}{abs(year):06d}"
    h, m, s = rest // 3600000, rest // 60000 % 60, rest // 1000 % 60
    return f"{shown}-{month:02d}-{day:02d}T{h:02d}:{m:02d}:{s:02d}.{rest % 1000:03d}Z"


def incident_id(*parts):
    hashed = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8")
        hashed.update(len(data).to_bytes(4, "big") + data)
    return base64.urlsafe_b64encode(hashed.digest()[:16]).decode().rstrip("=")


class Incident:
    def __init__(self, cluster, rule, host, start, value):
        self.rule, self.host, self.start, self.value = rule, host, start, value
        self.id = incident_id(cluster, rule.name, host, iso(start))

    def event(self, end=None, reason=None):
        event = {"event": "opened" if reason is None else "resolved", "id": self.id, "ruleName": self.rule.name, "hostName": self.host,
                 "startTime": iso(self.start)}
        if reason is not None:
            event["endTime"] = iso(end)
        event["triggerValue"] = self.value
        if reason is not None:
            event["reason"] = reason
        return event


# ---------------------------------------------------------------------------------------------------------------------------------------
# Hosts: values by field and tick


def adds_up(field):
    return field.endswith(".count") or field.endswith("_sum")


class Host:
    def __init__(self):
        self.last = None     # tick of the last sample
        self.gone = False
        self.first = {}      # field -> first tick
        self.places = {}     # (field, tick) -> value
        self.stamps = {}     # (field, tick) -> ts of the value kept
        self.taken = set()   # (server, field, explicit ts)
        self.reported = {}   # tick -> requests.latency_avg as reported
        self.brought = {}    # tick -> how many samples brought a value
        self.derives = set() # ticks in which requests.latency_avg is derived

    def value(self, field, tick):
        return self.places.get((field, tick))

    def note(self, sample, tick):
        """What every sample, late or not, says of its host."""
        if sample.gone and (self.last is None or tick >= self.last):
            self.gone = True
        self.last = tick if self.last is None else max(self.last, tick)

    def merge(self, field, tick, value, ts):
        place = (field, tick)
        store, key = (self.reported, tick) if field == AVG else (self.places, place)
        if adds_up(field):
            store[key] = store.get(key, 0.0) + value
        elif place not in self.stamps or ts >= self.stamps[place]:
            store[key] = value
            self.stamps[place] = ts

    def derive(self, tick):
        """latency_sum / count of the tick; None where it cannot be derived."""
        total, count = self.value(SUM, tick), self.value(COUNT, tick)
        if total is None or count is None or not count > 0:
            return None
        return read_number(total / count)

    def take(self, sample, tick, ts):
        """A sample that is neither late nor early."""
        self.note(sample, tick)
        if not sample.gone:
            self.gone = False
        fresh = {field: value for field, value in sample.values.items() if sample.ts is None or (sample.server, field, sample.ts) not in self.taken}
        for field, value in fresh.items():
            if sample.ts is not None:
                self.taken.add((sample.server, field, sample.ts))
            self.merge(field, tick, value, ts)
            self.first[field] = min(tick, self.first.get(field, tick))
        if not fresh:
            return
        self.brought[tick] = self.brought.get(tick, 0) + 1
        if AVG not in sample.values or self.brought[tick] > 1:
            self.derives.add(tick)
        average = self.derive(tick) if tick in self.derives else None
        if average is None:
            average = self.reported.get(tick)
        if average is None:
            self.places.pop((AVG, tick), None)
        else:
            self.places[AVG, tick] = average
            self.first[AVG] = min(tick, self.first.get(AVG, tick))

    def fill(self, sample, tick):
        """A late sample of a known host."""
        self.note(sample, tick)
        for field, value in sample.values.items():
            self.fill_place(field, tick, value)
        average = self.derive(tick)
        if average is not None:
            self.fill_place(AVG, tick, average)

    def fill_place(self, field, tick, value):
        if (field, tick) not in self.places and field in self.first and tick >= self.first[field]:
            self.places[field, tick] = value


# ---------------------------------------------------------------------------------------------------------------------------------------
# Windows and verdicts


def aggregate(aggregation, v):
    """The value over the values present, oldest first; None: none."""
    if aggregation == "count":
        return float(len(v))
    if aggregation == "sum":
        return float(sum(map(Fraction, v), Fraction(0)))
    if not v:
        return None
    if aggregation == "avg":
        return float(sum(map(Fraction, v), Fraction(0)) / len(v))
    return {"min": min, "max": max, "last": lambda values: values[-1]}[aggregation](v)


class Judgement:
    """`verdict` is True, False or None (unknown)."""

    def __init__(self, verdict, value, empty):
        self.verdict, self.value, self.empty = verdict, value, empty


def judge(rule, host, tick, blind, check_ticks):
    window = range(tick - rule.ticks + 1, tick + 1)
    held = {t: host.value(rule.field, t) for t in window}
    v = [held[t] for t in window if held[t] is not None]
    value = aggregate(rule.aggregation, v)
    met = None
    if value is not None:
        met = value >= rule.threshold if rule.operand == "equalOrMoreThan" else value <= rule.threshold

    first = host.first[rule.field]
    empty = [t for t in window if held[t] is None and not rule.partial]
    unborn = [t for t in empty if t < first]
    unseen = [t for t in empty if t in blind]
    slipped = [t for t in empty if t == tick and may_have_slipped(rule.field, host, tick, check_ticks)]
    missing = set(unborn) | set(unseen) | set(slipped)

    if missing:
        verdict = judge_missing(rule, window, held, met, missing, unborn) if v else None
    else:
        recent = any(held[t] is not None for t in window if t > tick - check_ticks)
        verdict = judge_known(rule, recent, met, v)
    return Judgement(verdict, value, not v)


def may_have_slipped(field, host, tick, check_ticks):
    """Whether the report of the newest tick may have slipped over its edge."""
    if host.value(field, tick - 1) is None:
        return False
    return check_ticks == 1 or host.value(field, tick - 2) is not None or tick - 2 < host.first[field]


def judge_missing(rule, window, held, met, missing, unborn):
    """The table of missing ticks, for a window with a value."""
    more = rule.operand == "equalOrMoreThan"
    if rule.aggregation in ("sum", "count", "max"):
        return met if met == more else None
    if rule.aggregation == "min":
        return met if met != more else None
    if rule.aggregation == "last":
        newest = max(t for t in window if held[t] is not None)
        return None if any(t > newest for t in missing) else met
    return None if unborn or 2 * len(missing) > rule.ticks else met


def judge_known(rule, recent, met, v):
    """Silence is no recovery, for a window without missing ticks."""
    more = rule.operand == "equalOrMoreThan"
    adding = rule.aggregation in ("sum", "count")
    silent = False if rule.no_data == "resolve" else None
    if not v:
        return met if adding and not more else silent
    if adding and more and not met and not recent:
        return silent
    return met


# ---------------------------------------------------------------------------------------------------------------------------------------
# Replay


class Replay:
    def __init__(self, config):
        self.config = config
        self.log_time = None
        self.first_heartbeat = None  # its log time
        self.gaps = []               # (begin, end) in log time
        self.next_seal = None
        self.newest = None           # newest tick with a sample
        self.blind = set()           # sealed ticks that are blind
        self.hosts = {}
        self.open = {}               # (rule name, host name) -> Incident
        self.ended = {}              # (rule name, host name) -> endTime, where the rule has a cooldown
        self.events = []

    def start_of(self, tick):
        return tick * self.config.interval

    def end_of(self, tick):
        return (tick + 1) * self.config.interval

    def enter(self, line):
        """One entry of the log."""
        sample = line.sample
        before = self.log_time
        if line.time is None and before is None:
            raise Rejected("no ts, and no log time before")
        now = max(moment for moment in (line.time, before) if moment is not None)
        self.log_time = now
        if before is None:
            self.next_seal = now // self.config.interval
        elif self.first_heartbeat is not None and before >= self.first_heartbeat and self.is_gap(now - before):
            self.gaps.append((before, now))
        while now >= self.end_of(self.next_seal) + self.config.grace:
            self.seal()
        if sample is None:
            if self.first_heartbeat is None:
                self.first_heartbeat = now
        else:
            self.apply(sample, now if sample.ts is None else sample.ts)

    def is_gap(self, stretch):
        return stretch > max(Fraction(self.config.interval, 2), self.config.grace, 500)

    def apply(self, sample, ts):
        tick = ts // self.config.interval
        if tick > self.next_seal + 1 + ceil_div(self.config.grace, self.config.interval):
            return  # early
        if tick < self.next_seal:  # late
            if sample.host in self.hosts:
                self.hosts[sample.host].fill(sample, tick)
            return
        self.newest = tick if self.newest is None else max(self.newest, tick)
        self.hosts.setdefault(sample.host, Host()).take(sample, tick, ts)

    def finish(self):
        """At the end of a file, every tick up to the last with a sample is sealed."""
        while self.newest is not None and self.next_seal <= self.newest:
            self.seal()

    def seal(self):
        tick = self.next_seal
        self.next_seal += 1
        if any(begin < self.end_of(tick) + self.config.grace and end > self.start_of(tick) for begin, end in self.gaps):
            self.blind.add(tick)
        resolved, opened = [], []
        self.expire(tick, resolved)
        if (tick + 1) % self.config.check_ticks == 0:
            self.check(tick, resolved, opened)
        order = {rule.name: position for position, rule in enumerate(self.config.rules)}
        for events in (resolved, opened):
            self.events += sorted(events, key=lambda e: (order[e["ruleName"]], e["hostName"].encode("utf-8")))

    def expire(self, tick, resolved):
        for name, host in list(self.hosts.items()):
            silent = sum(1 for t in range(host.last + 1, tick + 1) if t not in self.blind)
            if host.gone:
                reason = "host-gone"
            elif silent * self.config.interval >= self.config.host_expiry:
                reason = "host-expired"
            else:
                continue
            del self.hosts[name]
            self.ended = {key: end for key, end in self.ended.items() if key[1] != name}
            for key in [key for key in self.open if key[1] == name]:
                resolved.append(self.open.pop(key).event(self.end_of(tick), reason))

    def check(self, tick, resolved, opened):
        end = self.end_of(tick)
        for rule in self.config.rules:
            for name, host in self.hosts.items():
                if rule.field not in host.first or tick < host.first[rule.field]:
                    continue
                key = (rule.name, name)
                judged = judge(rule, host, tick, self.blind, self.config.check_ticks)
                cooling = key in self.ended and end < self.ended[key] + rule.cooldown
                if judged.verdict is True and key not in self.open and not cooling:
                    self.open[key] = Incident(self.config.cluster, rule, name, end, judged.value)
                    opened.append(self.open[key].event())
                elif judged.verdict is False and key in self.open:
                    resolved.append(self.open.pop(key).event(end, "no-data" if judged.empty else "recovered"))
                    self.ended[key] = end


def replay(config_text, samples, reject=lambda number, reason: None):
    """The events of a configuration (text) and samples (bytes of a file)."""
    run = Replay(Config(config_text))
    for number, raw in enumerate(samples.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not raw.strip():
            continue
        try:
            run.enter(read_line(raw))
        except Rejected as fault:
            reject(number, str(fault))
    run.finish()
    return run.events


def main():
    parser = argparse.ArgumentParser(description="events of a replay, by the model")
    parser.add_argument("--config", required=True)
    parser.add_argument("--samples", required=True)
    chosen = parser.parse_args()
    with open(chosen.config, encoding="utf-8") as config, open(chosen.samples, "rb") as samples:
        events = replay(config.read(), samples.read(), lambda number, reason: print(f"line {number}: {reason}", file=sys.stderr))
    sys.stdout.reconfigure(encoding="utf-8")
    for event in events:
        print(json.dumps(event, ensure_ascii=False))


if __name__ == "__main__":
    main()
