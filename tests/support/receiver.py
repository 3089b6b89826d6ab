"""An HTTP server of a test's own that takes what is sent to it, as webhooks and Alertmanagers do."""

import http.server
import json
import threading
import time


class Receiver:
    """Takes webhooks. `answer` decides: a status, (status, headers), or a function of the request
    that returns one of them; it may block."""

    def __init__(self, at_end, context=None):
        self.answer, self.requests, self.interim = 200, [], ()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                what = {"path": self.path, "headers": dict(self.headers), "body": body,
                        "time": time.time()}
                answer = outer.answer
                outer.requests.append(what)
                answer = answer(what) if callable(answer) else answer
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                what["status"] = status
                for interim in outer.interim:
                    self.send_response_only(interim)
                    self.end_headers()
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            do_GET = do_POST

            def handle(self):
                try:
                    super().handle()
                except OSError:
                    pass  # the engine hung up

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        at_end(self.close)

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def url(self, path="/hook", scheme="http", host="127.0.0.1"):
        return f"{scheme}://{host}:{self.port}{path}"

    def taken(self):
        """(event, incident id) of each request that was answered with 2xx, repetitions left out."""
        seen = []
        for r in list(self.requests):
            body = json.loads(r["body"])
            key = (body["event"], body["incident"]["id"])
            if r.get("status", 0) // 100 == 2 and key not in seen:
                seen.append(key)
        return seen
