"""A client of GET /api/v1/events, as EventSource is one: it remembers the last id, and connects
again from there."""

import http.client
import json
import socket
import threading

from engine import PATIENCE, wait_until

TIMEOUT = max(30, PATIENCE)


class EventStream:
    """Follows an engine's events in a thread until it is closed. `events`: (name, id, data)."""

    def __init__(self, port, last_id=None, headers=None, tls=None, query=""):
        self.port, self.last_id, self.tls = port, last_id, tls
        self.headers, self.query = dict(headers or {}), query
        self.events, self.comments, self.ended, self.status = [], 0, False, None
        self.connection = (http.client.HTTPSConnection("127.0.0.1", port, context=tls, timeout=TIMEOUT)
                           if tls else http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT))
        if last_id is not None:
            self.headers["Last-Event-ID"] = last_id
        self.connection.request("GET", "/api/v1/events" + query, headers=self.headers)
        self.socket = self.connection.sock  # the connection forgets it: `Connection: close`
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.thread = threading.Thread(target=self._read, daemon=True)
        if self.status == 200:
            self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        """Breaks the connection off, wherever it is."""
        if self.status == 200:
            try:
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.thread.join(30)
        self.answer.close()
        self.connection.close()

    def _read(self):
        name, event_id, data = "message", None, []
        try:
            for raw in self.answer:
                if not raw.endswith(b"\n"):
                    break  # cut off in the middle of a line
                line = raw.decode().rstrip("\n")
                if line == "":
                    if event_id is not None:
                        self.last_id = event_id
                    if data:
                        self.events.append((name, event_id, json.loads("\n".join(data))))
                    name, event_id, data = "message", None, []
                elif line.startswith(":"):
                    self.comments += 1
                else:
                    key, _, value = line.partition(": ")
                    if key == "event":
                        name = value
                    elif key == "id":
                        event_id = value
                    elif key == "data":
                        data.append(value)
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass
        self.ended = True

    def of(self, name):
        return [(i, d) for n, i, d in list(self.events) if n == name]

    def incidents(self):
        return self.of("incident")

    def wait_incidents(self, n, timeout=None):
        wait_until(f"{n} incidents came", lambda: len(self.incidents()) >= n, timeout)
        return self.incidents()
