"""Stands between a page and its engine: everything passes as it is, but answers come late, are
refused, or are made up, as a test says."""

import http.server
import json
import sys
import threading
import time
import urllib.parse
import urllib.request

import engine as e


class Between(http.server.ThreadingHTTPServer):
    """`delay`: seconds that each answer of the API is held back. `refused`: how each is answered
    instead, (status, code); None: not. `told`: what is answered instead, by path: (query) → object.
    `away`: connections are closed without an answer, also those of the stream."""
    daemon_threads = True

    def __init__(self, engine, handler=None):
        super().__init__(("127.0.0.1", 0), handler or Passing)
        self.engine, self.delay, self.refused, self.told, self.away = engine, 0, None, {}, False
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
        between = self.server
        if between.away:
            self.close_connection = True
            return None
        path, _, query = self.path.partition("?")
        if path == "/api/v1/events":
            return self.stream()
        between.asked += 1
        if path.startswith("/api/"):
            time.sleep(between.delay)  # what is slow here is the subject of the test
            if between.refused:
                status, code = between.refused
                error = {"error": {"code": code, "message": "said by the test"}}
                return self.answer(status, json.dumps(error), {"Retry-After": "1"})
            if path in between.told:
                made_up = between.told[path](dict(urllib.parse.parse_qsl(query)))
                return self.answer(200, json.dumps(made_up), {"Content-Type": "application/json"})
        answer = between.engine.get(self.path)
        return self.answer(answer.status, answer.body, {name: answer.headers[name] for name in (
            "Content-Type", "Content-Security-Policy", "ETag") if name in answer.headers})

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def begin_stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()

    def stream(self):
        last = self.headers.get("Last-Event-ID")
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.server.engine.port}/api/v1/events",
            headers={"Last-Event-ID": last} if last else {})
        with urllib.request.urlopen(asked, timeout=e.PATIENCE) as source:
            self.begin_stream()
            for line in source:
                if self.server.away:
                    return
                self.wfile.write(line)
                self.wfile.flush()
