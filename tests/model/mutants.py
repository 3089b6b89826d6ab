#!/usr/bin/env python3
"""Proves that the scenarios can tell: each small fault put into the model must change the events of some seed.

Usage: mutants.py [--seeds A-B]. Prints one line per mutant with the first seed that detects it, then a closing count; exits 1 if any survives.
"""
import argparse
import pathlib
import sys
import types

import generate
import model

SEALS_MAX = 500

# What is wrong, the text of model.py, what stands there instead. Each text must occur exactly once.
MUTANTS = (
    # time
    ("a tick seals only after its end + grace", "while now >= self.end_of(self.next_seal)", "while now > self.end_of(self.next_seal)"),
    ("a tick seals without grace", "while now >= self.end_of(self.next_seal) + self.config.grace:", "while now >= self.end_of(self.next_seal):"),
    ("the entry that seals is applied first", "        while now >= self.end_of(self.next_seal) + self.config.grace:\n            self.seal()\n        if sample is None:",
     "        if sample is not None and (sample.ts or now) // self.config.interval >= self.next_seal:\n            self.apply(sample, now if sample.ts is None else sample.ts)\n"
     "        while now >= self.end_of(self.next_seal) + self.config.grace:\n            self.seal()\n        if sample is None:"),
    ("the first to seal is the tick after", "self.next_seal = now // self.config.interval", "self.next_seal = now // self.config.interval + 1"),
    ("the end of a file seals one tick less", "self.next_seal <= self.newest", "self.next_seal < self.newest"),
    ("the end of a file seals nothing", "    run.finish()\n", ""),
    ("an early sample reaches the end of the file", "            return  # early", "            self.newest = tick\n            return"),
    ("log time goes back", "now = max(moment for moment in (line.time, before) if moment is not None)", "now = before if line.time is None else line.time"),
    ("at does not count", "Line(at if at is not None else ts,", "Line(ts,"),
    ("ts goes before at", "Line(at if at is not None else ts,", "Line(ts if ts is not None else at,"),
    ("a sample without ts has the time of its at", "self.apply(sample, now if sample.ts is None else sample.ts)", "self.apply(sample, (line.time or now) if sample.ts is None else sample.ts)"),
    ("early one tick sooner", "tick > self.next_seal + 1 + ceil_div", "tick > self.next_seal + ceil_div"),
    ("early one tick later", "tick > self.next_seal + 1 + ceil_div", "tick > self.next_seal + 2 + ceil_div"),
    ("early forgets the grace", "self.next_seal + 1 + ceil_div(self.config.grace, self.config.interval)", "self.next_seal + 1"),
    ("early rounds the grace down", "1 + ceil_div(self.config.grace, self.config.interval)", "1 + self.config.grace // self.config.interval"),
    ("ts is rounded, not cut", "    return int(value)\n", "    return round(value)\n"),
    ("units of durations are small letters", '* UNITS[(match[2] or "ms").lower()]', '* UNITS.get(match[2] or "ms", 1)'),
    ("a duration without unit is in seconds", 'match[2] or "ms"', 'match[2] or "s"'),
    # gaps
    ("no tick is blind", "            self.blind.add(tick)", "            pass"),
    ("a gap as long as the limit", "return stretch > max(", "return stretch >= max("),
    ("a gap forgets the interval", "max(Fraction(self.config.interval, 2), self.config.grace, 500)", "max(self.config.grace, 500)"),
    ("a gap forgets the grace", "max(Fraction(self.config.interval, 2), self.config.grace, 500)", "max(Fraction(self.config.interval, 2), 500)"),
    ("a gap forgets the 500 ms", "max(Fraction(self.config.interval, 2), self.config.grace, 500)", "max(Fraction(self.config.interval, 2), self.config.grace)"),
    ("gaps before the first heartbeat", "self.first_heartbeat is not None and before >= self.first_heartbeat and ", ""),
    ("a gap into the first heartbeat", "        now = max(moment", "        self.first_heartbeat = before if sample is None and self.first_heartbeat is None else self.first_heartbeat\n        now = max(moment"),
    ("blind up to the end, without grace", "begin < self.end_of(tick) + self.config.grace and", "begin < self.end_of(tick) and"),
    ("blind with a gap that ends at the start", "end > self.start_of(tick) for", "end >= self.start_of(tick) for"),
    ("blind only when wholly in the gap", "begin < self.end_of(tick) + self.config.grace and end > self.start_of(tick)", "begin <= self.start_of(tick) and end >= self.end_of(tick)"),
    ("the gap that ends with the sealing entry comes too late", "            self.gaps.append((before, now))\n        while now >= self.end_of(self.next_seal) + self.config.grace:\n            self.seal()\n",
     "            pass\n        while now >= self.end_of(self.next_seal) + self.config.grace:\n            self.seal()\n"
     "        if self.first_heartbeat is not None and before >= self.first_heartbeat and self.is_gap(now - before):\n            self.gaps.append((before, now))\n"),
    # samples
    ("a repetition counts", "or (sample.server, field, sample.ts) not in self.taken}", "or True}"),
    ("a repetition by moment, not by field", "or (sample.server, field, sample.ts) not in self.taken}", "or all(stamp != sample.ts for _, _, stamp in self.taken)}"),
    ("a moment that is not explicit repeats", "sample.ts is None or (sample.server, field, sample.ts) not in self.taken", "(sample.server, field, ts) not in self.taken"),
    ("a repetition by host alone", "or (sample.server, field, sample.ts) not in self.taken}", "or all(taken[1:] != (field, sample.ts) for taken in self.taken)}"),
    ("no server is the server \"\"", "return value if size is not None and size <= NAME_BYTES_MAX else None", "return (value if size is not None and size <= NAME_BYTES_MAX else None) or None"),
    ("a server's id is cut", "return value if size is not None and size <= NAME_BYTES_MAX else None", "return value[:NAME_BYTES_MAX] if size is not None else None"),
    ("a server's id may be a number", "size = size_of(value) if isinstance(value, str) else None", "value = value if isinstance(value, str) or value is None else str(value)\n    size = size_of(value) if isinstance(value, str) else None"),
    ("serverId is a field", ', "heartbeat", "serverId"}', ', "heartbeat"}'),
    ("counts do not add up", 'return field.endswith(".count") or field.endswith("_sum")', 'return field.endswith("_sum")'),
    ("count alone adds up", 'return field.endswith(".count") or', 'return field.endswith("count") or'),
    ("sums do not add up", 'return field.endswith(".count") or field.endswith("_sum")', 'return field.endswith(".count")'),
    ("a net.sum adds up", 'field.endswith("_sum")', 'field.endswith("sum")'),
    ("the last to arrive stays", "elif place not in self.stamps or ts >= self.stamps[place]:", "else:"),
    ("of equal ts the first stays", "ts >= self.stamps[place]:", "ts > self.stamps[place]:"),
    ("1e300 is no value", "abs(value) > MAGNITUDE_MAX:", "abs(value) >= MAGNITUDE_MAX:"),
    ("beyond 1e300 is a value", "abs(value) > MAGNITUDE_MAX:", "abs(value) == float('inf'):"),
    ("tiny is not zero", "return value if abs(value) >= MAGNITUDE_MIN else 0.0", "return value + 0.0"),
    ("1e-290 is zero", "return value if abs(value) >= MAGNITUDE_MIN else 0.0", "return value if abs(value) > MAGNITUDE_MIN else 0.0"),
    ("of two spellings the first counts", "paths = dict(read_fields(root))", "paths = dict(reversed(list(read_fields(root))))"),
    ("of two spellings the later with a value counts", "paths = dict(read_fields(root))", "paths = dict(sorted(read_fields(root), key=lambda pair: pair[1] is not None))"),
    ("a repeated object replaces the one before", "    for key, value in pairs:\n", "    for key, value in dict(pairs).items():\n"),
    ("null is zero", "    if not isinstance(value, float) or abs(value)", "    if value is None:\n        return 0.0\n    if not isinstance(value, float) or abs(value)"),
    ("true is one", "    if not isinstance(value, float) or abs(value)", "    if value is True:\n        return 1.0\n    if not isinstance(value, float) or abs(value)"),
    ("an inner ts is no field", "if not prefix and key in NOT_FIELDS", "if key in NOT_FIELDS"),
    ("a wrong ts is no ts", 'if "ts" in top else None', 'if isinstance(top.get("ts"), float) else None'),
    ("a heartbeat that is no number is none", 'return Line(read_moment(top["heartbeat"], "heartbeat"), None)', 'return Line(int(top["heartbeat"]) if isinstance(top["heartbeat"], float) else None, None)'),
    ("names of 256 bytes", "1 <= size <= NAME_BYTES_MAX", "1 <= size <= 256"),
    ("names of 255 characters", "1 <= size <= NAME_BYTES_MAX", "1 <= size and len(text) <= 255"),
    ("names of 254 bytes at most", "1 <= size <= NAME_BYTES_MAX", "1 <= size <= 254"),
    ("names with U+007F", "0x7F <= ord(c) < 0xA0", "0x80 <= ord(c) < 0xA0"),
    ("names with U+0080 to U+009F", "0x7F <= ord(c) < 0xA0", "ord(c) == 0x7F"),
    ("names without U+00A0", "0x7F <= ord(c) < 0xA0", "0x7F <= ord(c) <= 0xA0"),
    ("fields have any name", "if value is not None and is_name(field)}", "if value is not None}"),
    ("a byte order mark at the beginning costs a line", 'samples.removeprefix(b"\\xef\\xbb\\xbf").split(', "samples.split("),
    ("every line may begin with a byte order mark", "run.enter(read_line(raw))", 'run.enter(read_line(raw.removeprefix(b"\\xef\\xbb\\xbf")))'),
    ("NaN is JSON", '    raise Rejected(f"{token} is not JSON")', "    return float(token)"),
    # late samples
    ("late samples fill nothing", "            self.fill_place(field, tick, value)", "            pass"),
    ("late samples replace", "if (field, tick) not in self.places and field in self.first", "if field in self.first"),
    ("late samples fill before the first tick", " and tick >= self.first[field]:", ":"),
    ("late samples fill before any first tick", "field in self.first and tick >= self.first[field]", "tick >= self.first.get(field, tick)"),
    ("late samples derive nothing", "        if average is not None:\n            self.fill_place", "        if False:\n            self.fill_place"),
    ("late samples derive before they fill", "        for field, value in sample.values.items():\n            self.fill_place(field, tick, value)\n        average = self.derive(tick)\n",
     "        average = self.derive(tick)\n        for field, value in sample.values.items():\n            self.fill_place(field, tick, value)\n"),
    ("late samples derive over what they report", "        for field, value in sample.values.items():\n            self.fill_place(field, tick, value)\n        average = self.derive(tick)\n",
     "        for field, value in sample.values.items():\n            if field != AVG:\n                self.fill_place(field, tick, value)\n        average = self.derive(tick)\n        average = sample.values.get(AVG) if average is None else average\n"),
    ("late samples make a host known", "            if sample.host in self.hosts:\n", "            if sample.host not in self.hosts:\n                self.hosts.setdefault(sample.host, Host()).take(sample, tick, ts)\n            else:\n"),
    ("late samples are no last sample", '        """A late sample of a known host."""\n        self.note(sample, tick)', '        last, self.last = self.last, self.last\n        self.note(sample, tick)\n        self.last = last'),
    ("late gone does not count", '        """A late sample of a known host."""\n        self.note(sample, tick)', '        gone = self.gone\n        self.note(sample, tick)\n        self.gone = gone'),
    ("late samples take gone back", '        """A late sample of a known host."""\n', '        self.gone = False\n'),
    ("late samples set the first tick", "            self.places[field, tick] = value\n\n", "            self.places[field, tick] = value\n            self.first[field] = min(tick, self.first[field])\n        else:\n            self.first.setdefault(field, tick)\n\n"),
    # latency
    ("nothing is derived", "        return read_number(total / count)", "        return None"),
    ("a count of zero or less derives", "not count > 0:", "count == 0:"),
    ("what is reported always stands", "if AVG not in sample.values or self.brought[tick] > 1:", "if AVG not in sample.values:"),
    ("what is reported never stands", "if AVG not in sample.values or self.brought[tick] > 1:", "if True:"),
    ("only further samples derive", "if AVG not in sample.values or self.brought[tick] > 1:", "if self.brought[tick] > 1:"),
    ("a sample of repetitions derives", "        if not fresh:\n            return\n", "        if not sample.values:\n            return\n"),
    ("underivable is no value", "            average = self.reported.get(tick)\n", "            average = self.reported.get(tick) if tick not in self.derives else None\n"),
    ("derived before the sample is merged", "        total, count = self.value(SUM, tick), self.value(COUNT, tick)", "        total, count = self.value(SUM, tick) or 0.0, self.value(COUNT, tick)"),
    ("a derived value sets no first tick", "            self.places[AVG, tick] = average\n            self.first[AVG] = min(tick, self.first.get(AVG, tick))", "            self.places[AVG, tick] = average"),
    # windows
    ("W is rounded down", "max(1, ceil_div(read_duration(written[\"timeframe\"]), interval))", "max(1, read_duration(written[\"timeframe\"]) // interval)"),
    ("W is one more", "window = range(tick - rule.ticks + 1, tick + 1)", "window = range(tick - rule.ticks, tick + 1)"),
    ("sum in plain doubles", "return float(sum(map(Fraction, v), Fraction(0)))\n", "return sum(v, 0.0)\n"),
    ("avg rounded twice", "return float(sum(map(Fraction, v), Fraction(0)) / len(v))", "return float(sum(map(Fraction, v), Fraction(0))) / len(v)"),
    ("avg over the window's ticks", "value = aggregate(rule.aggregation, v)", "value = aggregate(rule.aggregation, v)\n    if rule.aggregation == 'avg' and v:\n        value = value * len(v) / rule.ticks"),
    ("last is the oldest", "values[-1]", "values[0]"),
    ("min is max", '"min": min', '"min": max'),
    ("sum over nothing is none", 'if aggregation == "sum":', 'if aggregation == "sum" and v:'),
    # verdicts
    ("more excludes the threshold", "value >= rule.threshold", "value > rule.threshold"),
    ("less excludes the threshold", "value <= rule.threshold", "value < rule.threshold"),
    ("missing (a) off", "missing = set(unborn) | set(unseen) | set(slipped)", "missing = set(unseen) | set(slipped)"),
    ("missing (b) off", "missing = set(unborn) | set(unseen) | set(slipped)", "missing = set(unborn) | set(slipped)"),
    ("missing (c) off", "missing = set(unborn) | set(unseen) | set(slipped)", "missing = set(unborn) | set(unseen)"),
    ("missing (c) within the window only", "if t == tick and may_have_slipped(", "if t == tick and held.get(tick - 1) is not None and may_have_slipped("),
    ("missing (c) on any tick", "if t == tick and may_have_slipped(rule.field, host, tick, check_ticks)]", "if may_have_slipped(rule.field, host, t, check_ticks)]"),
    ("missing (c) two ticks back", "    if host.value(field, tick - 1) is None:", "    if host.value(field, tick - 1) is None and host.value(field, tick - 2) is None:"),
    ("missing (c) asks for one tick though checks are rare", "return check_ticks == 1 or", "return True or"),
    ("missing (c) asks for two ticks at every check", "return check_ticks == 1 or", "return False or"),
    ("missing (c) with rare checks asks for a value two ticks back", " or tick - 2 < host.first[field]", ""),
    ("partial does not count", " and not rule.partial]", "]"),
    ("missing: max is not decided", 'if rule.aggregation in ("sum", "count", "max"):', 'if rule.aggregation in ("sum", "count"):'),
    ("missing: count by bounds", "        return met if met == more else None\n", "        return met if met == more or rule.aggregation == 'count' and (len(missing) + sum(x is not None for x in held.values()) < rule.threshold if more "
     "else len(missing) + sum(x is not None for x in held.values()) <= rule.threshold) else None\n"),
    ("missing: false counts for max", "        return met if met == more else None\n", "        return met\n"),
    ("missing: everything counts for min", "        return met if met != more else None\n", "        return met\n"),
    ("missing: min as max", "        return met if met != more else None\n", "        return met if met == more else None\n"),
    ("missing: last always counts", "return None if any(t > newest for t in missing) else met", "return met"),
    ("missing: last never counts", "return None if any(t > newest for t in missing) else met", "return None"),
    ("missing: avg counts while (a) is missing", "return None if unborn or 2 * len(missing) > rule.ticks else met", "return None if 2 * len(missing) > rule.ticks else met"),
    ("missing: avg unknown at half", "2 * len(missing) > rule.ticks", "2 * len(missing) >= rule.ticks"),
    ("missing: avg counts without half", "return None if unborn or 2 * len(missing) > rule.ticks else met", "return None if unborn else met"),
    ("missing: noData goes first", "verdict = judge_missing(rule, window, held, met, missing, unborn) if v else None", "verdict = judge_missing(rule, window, held, met, missing, unborn) if v else judge_known(rule, False, met, v)"),
    ("silence: not judged by its 0", "return met if adding and not more else silent", "return silent"),
    ("silence: sum of more judged by its 0", "return met if adding and not more else silent", "return met if adding else silent"),
    ("silence: noData even where the 0 is judged", "return met if adding and not more else silent", "return met if adding and not more and silent is None else silent"),
    ("silence: false counts without a newest value", "    if adding and more and not met and not recent:\n        return silent\n", ""),
    ("silence: unknown for every aggregation", "if adding and more and not met and not recent:", "if more and not met and not recent:"),
    ("silence: unknown for less, too", "if adding and more and not met and not recent:", "if adding and not met and not recent:"),
    ("silence: noData only for an empty window", "not recent:\n        return silent", "not recent:\n        return None"),
    ("silence: the newest tick alone though checks are rare", "for t in window if t > tick - check_ticks)", "for t in window if t == tick)"),
    ("silence: the tick of the check before, too", "for t in window if t > tick - check_ticks)", "for t in window if t >= tick - check_ticks)"),
    ("noData does not count", 'silent = False if rule.no_data == "resolve" else None', "silent = None"),
    # incidents
    ("rules are checked at every tick", "if (tick + 1) % self.config.check_ticks == 0:", "if True:"),
    ("checks are counted from zero", "if (tick + 1) % self.config.check_ticks == 0:", "if tick % self.config.check_ticks == 0:"),
    ("watcherInterval is rounded down", 'self.check_ticks = ceil_div(read_duration(alerting.get("watcherInterval", "10s")), self.interval)', 'self.check_ticks = max(1, read_duration(alerting.get("watcherInterval", "10s")) // self.interval)'),
    ("checked before the first tick", "if rule.field not in host.first or tick < host.first[rule.field]:", "if rule.field not in host.first:"),
    ("the first tick is that of the first sample", "            self.first[field] = min(tick, self.first.get(field, tick))\n        if not", "            self.first.setdefault(field, tick)\n        if not"),
    ("cooldown off", "key in self.ended and end <", "False and end <"),
    ("cooldown includes its end", "end < self.ended[key] + rule.cooldown", "end <= self.ended[key] + rule.cooldown"),
    ("cooldown one tick short", "end < self.ended[key] + rule.cooldown", "end + self.config.interval < self.ended[key] + rule.cooldown"),
    ("no reason no-data", '"no-data" if judged.empty else "recovered"', '"recovered"'),
    ("startTime is the start of the tick", "Incident(self.config.cluster, rule, name, end, judged.value)", "Incident(self.config.cluster, rule, name, self.start_of(tick), judged.value)"),
    ("opened before resolved", "for events in (resolved, opened):", "for events in (opened, resolved):"),
    ("resolved and opened mixed", "for events in (resolved, opened):", "for events in (resolved + opened,):"),
    ("ordered by host, then rule", 'key=lambda e: (order[e["ruleName"]], e["hostName"].encode("utf-8"))', 'key=lambda e: (e["hostName"].encode("utf-8"), order[e["ruleName"]])'),
    ("ordered by rule name", "key=lambda e: (order[e[\"ruleName\"]],", "key=lambda e: (e[\"ruleName\"],"),
    ("hosts ordered by UTF-16", 'e["hostName"].encode("utf-8")', 'e["hostName"].encode("utf-16-be")'),
    ("hosts in order of appearance", ', e["hostName"].encode("utf-8"))', ",)"),
    ("the id forgets the cluster", "incident_id(cluster, rule.name,", "incident_id('tocsin', rule.name,"),
    ("the id counts characters", "hashed.update(len(data)", "hashed.update(len(part)"),
    ("years after 9999 have four digits", "if 0 <= year <= 9999", "if True"),
    # expiry
    ("gone does not count", "            if host.gone:", "            if False:"),
    ("gone even when older", "if sample.gone and (self.last is None or tick >= self.last):", "if sample.gone:"),
    ("gone of the last sample's tick is ignored", "if sample.gone and (self.last is None or tick >= self.last):", "if sample.gone and (self.last is None or tick > self.last):"),
    ("gone is not taken back", "        if not sample.gone:\n            self.gone = False\n", ""),
    ("an ignored gone takes back", "        if not sample.gone:\n            self.gone = False\n", "        if not sample.gone or tick < self.last:\n            self.gone = False\n"),
    ("gone is taken back by newer samples only", "        if not sample.gone:\n            self.gone = False\n", "        if not sample.gone and tick >= self.last:\n            self.gone = False\n"),
    ("any gone counts", 'top.get("gone") is True', 'top.get("gone") not in (None, False)'),
    ("expired goes before gone", "            if host.gone:\n                reason = \"host-gone\"\n            elif silent * self.config.interval >= self.config.host_expiry:\n                reason = \"host-expired\"\n",
     "            if silent * self.config.interval >= self.config.host_expiry:\n                reason = \"host-expired\"\n            elif host.gone:\n                reason = \"host-gone\"\n"),
    ("expiry one tick late", "range(host.last + 1, tick + 1) if t not in self.blind", "range(host.last + 1, tick) if t not in self.blind"),
    ("expiry counts blind ticks", "range(host.last + 1, tick + 1) if t not in self.blind", "range(host.last + 1, tick + 1)"),
    ("expiry must be exceeded", "silent * self.config.interval >= self.config.host_expiry", "silent * self.config.interval > self.config.host_expiry"),
    ("expiry is at least the longest window", 'for written in alerting.get("rules", []) if written != {}]', 'for written in alerting.get("rules", []) if written != {}]\n'
     '        self.host_expiry = max([self.host_expiry] + [rule.ticks * self.interval for rule in self.rules])'),
    ("expiry only at checks", "        self.expire(tick, resolved)\n        if (tick + 1) % self.config.check_ticks == 0:\n", "        if (tick + 1) % self.config.check_ticks == 0:\n            self.expire(tick, resolved)\n"),
    ("expiry after the checks", "        self.expire(tick, resolved)\n        if (tick + 1) % self.config.check_ticks == 0:\n            self.check(tick, resolved, opened)\n",
     "        if (tick + 1) % self.config.check_ticks == 0:\n            self.check(tick, resolved, opened)\n        self.expire(tick, resolved)\n"),
    ("an expired host keeps its cooldowns", "            self.ended = {key: end for key, end in self.ended.items() if key[1] != name}\n", ""),
    ("an expired host keeps its incidents", "                resolved.append(self.open.pop(key).event(self.end_of(tick), reason))", "                pass"),
    ("an expired host keeps its values and first ticks", "            del self.hosts[name]\n", "            host.gone = False\n            host.last = tick\n"),
    ("an expired host keeps what is not sealed", "            del self.hosts[name]\n", "            del self.hosts[name]\n            rest = {place: value for place, value in host.places.items() if place[1] > tick}\n"
     "            if rest:\n                self.hosts[name] = Host()\n                self.hosts[name].places = rest\n                self.hosts[name].last = tick + 1\n"
     "                self.hosts[name].first = {field: t for field, t in rest}\n"),
    ("an expired host keeps its repetitions", "        self.hosts.setdefault(sample.host, Host()).take(sample, tick, ts)",
     "        host = self.hosts.setdefault(sample.host, Host())\n        self.kept = getattr(self, 'kept', {})\n"
     "        host.taken = self.kept.setdefault(sample.host, host.taken)\n        host.take(sample, tick, ts)"),
)


def patched(text, old, new, what):
    if text.count(old) != 1:
        raise SystemExit(f"{what}: its text occurs {text.count(old)} times in model.py")
    module = types.ModuleType("mutant")
    exec(compile(text.replace(old, new), what, "exec"), module.__dict__)
    bound_seals(module.Replay)
    return module


def bound_seals(replay):
    """A mutant that believes a line from far ahead would seal for ever."""
    seal = replay.seal

    def bounded(self):
        self.seals = getattr(self, "seals", 0) + 1
        if self.seals > SEALS_MAX:
            raise OverflowError("seals without end")
        seal(self)

    replay.seal = bounded


def detects(mutant, config, samples, events):
    try:
        return mutant.replay(config, samples) != events
    except Exception:  # a crash is a difference
        return True


def main():
    parser = argparse.ArgumentParser(description="verifies that random scenarios detect faults")
    parser.add_argument("--seeds", default="1-120", metavar="A-B")
    first, _, last = parser.parse_args().seeds.partition("-")
    text = pathlib.Path(model.__file__).read_text(encoding="utf-8")
    mutants = [(what, patched(text, old, new, what)) for what, old, new in MUTANTS]
    killed = {}
    for seed in range(int(first), int(last) + 1):
        alive = [(what, mutant) for what, mutant in mutants if what not in killed]
        if not alive:
            break
        config, samples = generate.generate(seed)
        events = model.replay(config, samples)
        killed.update({what: seed for what, mutant in alive if detects(mutant, config, samples, events)})
    for what, _ in mutants:
        print(f"seed {killed[what]:4d}: {what}" if what in killed else f"SURVIVED: {what}")
    survived = len(mutants) - len(killed)
    print(f"{len(killed)} killed, {survived} survived")
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()
