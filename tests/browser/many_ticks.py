"""Stands between a page and its engine: of the stream of events the engine's first tick is followed
by thousands of its like, and by incidents that open and resolve."""

import json
import time
import urllib.request

import between
import engine as e
import load


# What all hosts reported in a tick, where the engine does not say so.
HOSTS_ARE = {field: {"avg": 41.5, "min": 2, "max": 99, "sum": 4150, "count": 100} for field in (
    "cpu.usage", "mem.usage", "requests.count", "eventsIn.count", "eventsOut.count",
    "warnings.count", "errors.count", "criticals.count")}


class ManyTicks(between.Between):
    """`allow` ticks are let through; as number `n` of open incidents each tick says which it is."""

    def __init__(self, engine, pause):
        self.pause, self.allow = pause, 0
        self.said = {}  # the number of its last tick, by stream
        super().__init__(engine, Ticking)
        self.told["/api/v1/engine"] = self.itself

    def itself(self, _):
        """What the engine says of itself, but for the number that the streams say."""
        answer = json.loads(self.engine.get("/api/v1/engine").body)
        if self.said:
            answer["incidents"]["open"] = min(self.said.values())
        return answer


class Ticking(between.Passing):
    def stream(self):
        self.begin_stream()
        first = self.first_tick()
        interval = self.server.engine.interval_ms()
        for n in range(1, 1_000_000):
            while n > self.server.allow:
                time.sleep(0.05)
            end = first["endMs"] + n * interval
            self.say("tick", {**first, "endMs": end, "end": load.iso(end), "open": n})
            self.server.said[id(self)] = n
            if n % 3 == 0:
                self.incident(n, first["endMs"], end)
            time.sleep(self.server.pause)

    def first_tick(self):
        for line in urllib.request.urlopen(
                f"http://127.0.0.1:{self.server.engine.port}/api/v1/events", timeout=e.PATIENCE):
            if line.startswith(b"data: ") and b'"endMs"' in line:
                return {"cluster": HOSTS_ARE, **json.loads(line[6:])}
        raise OSError("the engine ended the stream")

    def incident(self, n, start, end):
        """One opens, and the one before is resolved."""
        for event, number in (("opened", n), ("resolved", n - 3)):
            said = {"event": event, "id": f"id-{number:019}", "ruleName": f"rule {number % 5}",
                    "hostName": f"web-{number % 50}", "startTime": load.iso(start + number * 100),
                    "triggerValue": number, "field": "cpu.usage", "aggregation": "avg",
                    "operand": "equalOrMoreThan", "threshold": 50, "timeframe": 10_000}
            if event == "resolved":
                said |= {"endTime": load.iso(end), "reason": "recovered"}
            if number > 0:
                self.say("incident", said, f"{end}-{2 * n + (event == 'opened')}")

    def say(self, name, data, event_id=None):
        head = f"id: {event_id}\n" if event_id else ""
        self.wfile.write(f"event: {name}\n{head}data: {json.dumps(data)}\n\n".encode())
        self.wfile.flush()
