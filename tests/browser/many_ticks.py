"""Stands between a page and its engine: everything passes as it is, but of the stream of events the
engine's first tick is followed by thousands of its like, and by incidents that open and resolve."""

import http.server
import json
import sys
import threading
import time
import urllib.request

import engine as e
import load


# What all hosts reported in a tick, where the engine does not say so.
HOSTS_ARE = {field: {"avg": 41.5, "min": 2, "max": 99, "sum": 4150, "count": 100} for field in (
    "cpu.usage", "mem.usage", "requests.count", "eventsIn.count", "eventsOut.count",
    "warnings.count", "errors.count", "criticals.count")}


class ManyTicks(http.server.ThreadingHTTPServer):
    """`allow` ticks are let through; as number `n` of open incidents each tick says which it is."""
    daemon_threads = True

    def __init__(self, engine, pause):
        super().__init__(("127.0.0.1", 0), Passing)
        self.engine, self.pause, self.allow = engine, pause, 0
        self.asked = 0  # questions other than for the stream
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *address):
        if not isinstance(sys.exc_info()[1], OSError):  # pages go when they like
            super().handle_error(*address)


class Passing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *unused):
        """Not a word."""

    def do_GET(self):
        if self.path.startswith("/api/v1/events"):
            return self.stream()
        self.server.asked += 1
        answer = self.server.engine.get(self.path)
        body = answer.body.encode()
        self.send_response(answer.status)
        for name in ("Content-Type", "Content-Security-Policy", "ETag"):
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        first = self.first_tick()
        interval = self.server.engine.interval_ms()
        for n in range(1, 1_000_000):
            while n > self.server.allow:
                time.sleep(0.05)
            end = first["endMs"] + n * interval
            self.say("tick", {**first, "endMs": end, "end": load.iso(end), "open": n})
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
