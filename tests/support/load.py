"""A bounded load of noisy samples, with a record of what was acknowledged; the check that an
incident stream is what the log says it must be."""

import http.client
import json
import random
import shutil
import subprocess
import time

import column_entry
from background import Background
from engine import now_ms

FIELDS = ("event", "id", "ruleName", "hostName", "startTime", "endTime", "triggerValue", "reason")


class Load(Background):
    """A thread that reports `hosts` hosts about every `period` seconds until it is ended: spikes,
    silences, resends, late and early samples, hosts that leave and come back. A body that was not
    acknowledged is sent again, as agents do, up to a bound. Each sample has a number `n` of its
    own, so that the log can be searched for it."""

    def __init__(self, ports, hosts=20, period=0.1, seed=1, explicit_ts=True):
        super().__init__()
        self.ports = ports  # a function: the ports that may answer now
        self.names = [f"host-{i:02}" for i in range(hosts)]
        self.period, self.explicit_ts = period, explicit_ts
        self.random = random.Random(seed)
        self.acknowledged, self.sent, self.refused = [], 0, 0
        self.unexpected = []
        self.waiting = []  # bodies to be sent again, oldest first
        self.silent_until = {}

    def _sample(self, host):
        r, now = self.random, now_ms()
        self.sent += 1
        sample = {"host": host, "n": self.sent}
        # Long waves with noise, so that rules open and resolve all the time.
        wave = (now // 2000 + hash_of(host)) % 3
        sample["cpu"] = {"usage": round(30 + 30 * wave + r.uniform(-25, 25), 2)}
        sample["mem"] = {"usage": round(r.uniform(0, 100), 1), "free": r.randint(0, 10**6)}
        if r.random() < 0.5:
            sample["errors"] = {"count": r.choice([0, 0, 1, 3])}
        if r.random() < 0.5:
            sample["requests"] = {"count": r.randint(0, 9), "latency_sum": r.uniform(0, 90)}
        if r.random() < 0.3:
            sample["custom.value"] = r.uniform(-1, 1)
        if self.explicit_ts and r.random() < 0.9:
            sample["ts"] = now
            if r.random() < 0.05:
                sample["ts"] = now - r.choice([100, 300, 700, 1500])
            elif r.random() < 0.02:
                sample["ts"] = now + r.choice([300, 10_000])
        if r.random() < 0.004:
            sample["gone"] = True
        return sample

    def _samples(self):
        r, now = self.random, time.monotonic()
        for host in self.names:
            if self.silent_until.get(host, 0) > now or r.random() < 0.1:
                continue
            if r.random() < 0.01:
                self.silent_until[host] = now + r.choice([1, 2, 5])
            yield self._sample(host)

    def _post(self, body):
        ports = self.ports()
        if not ports:
            return False
        c = http.client.HTTPConnection("127.0.0.1", self.random.choice(ports), timeout=5)
        try:
            c.request("POST", "/api/v1/samples", body)
            answer = c.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            c.close()
        if answer.status == 202:
            return True
        self.refused += 1
        if answer.status != 503 or not answer.getheader("Retry-After"):
            self.unexpected.append((answer.status, text))
        return False

    def _run(self):
        while not self.end.is_set():
            began = time.monotonic()
            samples = list(self._samples())
            if samples:
                self.waiting.append(samples)
            del self.waiting[:-50]
            self._send_waiting()  # all of it, also if the end has come meanwhile
            self.end.wait(max(0.0, began + self.period - time.monotonic()))

    def _send_waiting(self):
        while self.waiting:
            samples = self.waiting[0]
            body = "\n".join(json.dumps(s) for s in samples)
            if not self._post(body):
                return
            self.waiting.pop(0)
            self.acknowledged += [s["n"] for s in samples]
            if self.random.random() < 0.05:  # the answer was lost, so to speak
                self._post(body)


def hash_of(text):
    return sum(text.encode())


NOISY_RULES = [
    {"name": "cpu high", "field": "cpu.usage", "aggregation": "avg", "operand": "equalOrMoreThan",
     "value": 60, "timeframe": "1s"},
    {"name": "cpu peak", "field": "cpu.usage", "aggregation": "max", "operand": "equalOrMoreThan",
     "value": 110, "timeframe": "1500ms", "cooldown": "2s"},
    {"name": "cpu low", "field": "cpu.usage", "aggregation": "min", "operand": "equalOrLessThan",
     "value": 8, "timeframe": "750ms", "cooldown": "1s"},
    {"name": "mem last", "field": "mem.usage", "aggregation": "last", "operand": "equalOrMoreThan",
     "value": 90, "timeframe": "1s", "cooldown": "700ms"},
    {"name": "errors", "field": "errors.count", "aggregation": "sum", "operand": "equalOrMoreThan",
     "value": 10, "timeframe": "2s"},
    {"name": "latency", "field": "requests.latency_avg", "aggregation": "avg",
     "operand": "equalOrMoreThan", "value": 12, "timeframe": "3s", "noData": "resolve"},
    {"name": "silent", "field": "cpu.usage", "aggregation": "count", "operand": "equalOrLessThan",
     "value": 0, "timeframe": "1s"},
    {"name": "quiet", "field": "requests.count", "aggregation": "sum",
     "operand": "equalOrLessThan", "value": 2, "timeframe": "1s", "partial": True,
     "cooldown": "3s"},
]


def event_of(fields):
    """An entry of the incident stream as `tocsin replay` prints events."""
    out = {k: fields[k] for k in FIELDS if k in fields}
    out["triggerValue"] = float(out["triggerValue"])
    return out


def check_stream(test, engine):
    """The incident stream is whole, in order, and equal to `tocsin replay --log`, event by event;
    the hash of open incidents is what it says. Nobody may write meanwhile. Returns the events."""
    entries = engine.incidents()
    ids = [tuple(map(int, entry_id.split("-"))) for entry_id, _ in entries]
    test.assertEqual(ids, sorted(set(ids)), "ids rise strictly")
    test.assertEqual([int(f["seq"]) for _, f in entries], list(range(1, len(entries) + 1)),
                     "seq has no gaps")
    test.assertEqual([seq for _, seq in ids], [int(f["seq"]) for _, f in entries])
    for (end_ms, _), (_, f) in zip(ids, entries):
        test.assertEqual(f["v"], "1")
        test.assertEqual(iso(end_ms), f["startTime" if f["event"] == "opened" else "endTime"])
    live = [event_of(f) for _, f in entries]
    replayed = engine.replay()
    for e in replayed:
        e["triggerValue"] = float(e["triggerValue"])
    for i, (a, b) in enumerate(zip(live, replayed)):
        if a != b:
            context = {"live": live[max(0, i - 2):i + 3], "replay": replayed[max(0, i - 2):i + 3]}
            test.fail(f"event {i} of {len(live)} (replay: {len(replayed)}) differs:\n"
                      f"{json.dumps(context, indent=1)}")
    test.assertEqual(len(live), len(replayed),
                     f"live goes on with {live[len(replayed):][:3]}, the replay with "
                     f"{replayed[len(live):][:3]}")
    open_now = {}
    for e in live:
        if e["event"] == "opened":
            test.assertNotIn(e["id"], open_now)
            open_now[e["id"]] = e
        else:
            test.assertIn(e["id"], open_now, "resolved without being open")
            del open_now[e["id"]]
    with engine.redis() as r:
        stored = r.hash("tocsin:{0}:open")
    test.assertEqual(sorted(stored), sorted(open_now), "the hash of open incidents")
    return live


def iso(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03}Z"


def end_of_log(redis):
    """Where the log ends now."""
    last = redis("XREVRANGE", "tocsin:{0}:samples", "+", "-", "COUNT", 1)
    return last[0][0].decode() if last else "0-0"


def unpack(frames):
    return subprocess.run(["zstd", "-dcq"], input=frames, capture_output=True, check=True).stdout


def read_log(redis, after="0-0"):
    """Every sample in the log, as objects; needs the zstd tool for entries that are packed."""
    plain, packed, columns, start = [], [], [], "(" + after
    while True:
        page = redis("XRANGE", "tocsin:{0}:samples", start, "+", "COUNT", 1000)
        for _, (form, data) in page:
            if form == b"s":
                plain.append(data)
            elif form == b"z":
                packed.append(data)
            elif form == b"c":
                columns.append(data)
        if len(page) < 1000:
            break
        start = "(" + page[-1][0].decode()
    if packed or columns:
        if not shutil.which("zstd"):
            raise RuntimeError("the zstd tool is needed to read the log")
        # Frames may follow each other; a line may not end with its frame, but columns do.
        plain += [unpack(frame) for frame in packed]
    samples = list(column_entry.read_samples(unpack(b"".join(columns)))) if columns else []
    return samples + [json.loads(line) for text in plain for line in text.splitlines()
                      if line.strip()]
