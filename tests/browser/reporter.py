"""Hosts that report as a cluster of Botpress does: waves, noise, a few that are in trouble."""

import json
import math
import random

import engine as e
from background import Background

BODIES = 12  # prepared beforehand: whoever measures pages does not want to wait for JSON
SILENT = 10
LABELS = ("eu-1", "us-east", "ap-south")


def sample(host, number, phase, r):
    """One host's report; one in five hundred is in trouble, by turns."""
    wave = math.sin(phase * 2 * math.pi / BODIES + number % 7)
    hot = number % 500 == 7 and phase % BODIES >= 3
    requests = max(0, int(40 + 25 * wave + r.gauss(0, 6)))
    return {"host": host, "labels": {"dc": LABELS[number % 3], "role": ("web", "nlu")[number % 2]},
            "uptime": 86_400 + number * 61,
            "cpu": {"usage": round(min(99.5, 93 + r.random() * 6 if hot else
                                       38 + 12 * wave + r.gauss(0, 5)), 1)},
            "mem": {"usage": round(57 + 6 * math.cos(phase * math.pi / BODIES) + r.gauss(0, 3), 1),
                    "free": 3_000_000 + number},
            "requests": {"count": requests, "latency_sum": requests * r.randint(8, 30)},
            "eventsIn": {"count": requests // 2}, "eventsOut": {"count": requests * 2 // 3},
            "warnings": {"count": int(r.random() < 0.02)},
            "errors": {"count": 9 if hot else int(r.random() < 0.005)},
            "criticals": {"count": int(hot and r.random() < 0.2)}}


class Reporter(Background):
    """A thread in which they report, every `period` seconds, until it is ended; a few fall silent
    after a while."""

    def __init__(self, engine, hosts, period, name="web-{:05}"):
        super().__init__()
        self.engine, self.period, self.failed = engine, period, []
        r = random.Random(1)
        self.bodies = ["\n".join(json.dumps(sample(name.format(i), i, phase, r))
                                 for i in range(hosts - SILENT)) for phase in range(BODIES)]
        self.more = "".join("\n" + json.dumps(sample(f"db-{i:02}", i, 0, r))
                            for i in range(SILENT))

    def _run(self):
        turn = 0
        while not self.end.is_set():
            now = e.now_ms() / 1000
            try:
                answer = self.engine.post(self.bodies[turn % BODIES] +
                                          (self.more if turn < BODIES else ""), timeout=30)
                if answer.status != 202:
                    self.failed.append(answer)
            except OSError as error:  # the engine is restarted
                self.failed.append(error)
            turn += 1
            # In the middle of each tick, whatever the report took.
            next_middle = (now // self.period + 1.3) * self.period
            self.end.wait(max(0.0, next_middle - e.now_ms() / 1000))


RULES = [
    e.rule("CPU is high", "cpu.usage", "avg", value=85, timeframe="10s",
           labels={"severity": "page"}, annotations={"summary": "{{hostName}} is hot"}),
    e.rule("Many errors", "errors.count", "sum", value=40, timeframe="20s", cooldown="30s"),
    e.rule("Memory runs out", "mem.usage", "last", value=95, timeframe="10s"),
    e.rule("Slow answers", "requests.latency_avg", "avg", value=27, timeframe="20s"),
    e.rule("Reports no more", "uptime", "count", "equalOrLessThan", 0, "20s"),
    e.rule("Nothing comes in", "eventsIn.count", "sum", "equalOrLessThan", 0, "30s"),
]
