"""A tiny Redis client: enough RESP for the tests, nothing but the standard library."""

import socket


class RespError(Exception):
    """An error reply of Redis."""


class Redis:
    """One connection, over TCP ((host, port)) or a Unix socket (a path)."""

    def __init__(self, address, timeout=10.0):
        if isinstance(address, tuple):
            self.socket = socket.create_connection(address, timeout)
        else:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.settimeout(timeout)
            try:
                self.socket.connect(str(address))
            except OSError:
                self.socket.close()
                raise
        self.file = self.socket.makefile("rb")

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def __call__(self, *words):
        """Sends a command and gives its reply: bytes, int, list or None; errors are raised."""
        parts = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        self.socket.sendall(b"*%d\r\n" % len(parts)
                            + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
        reply = self._read()
        if isinstance(reply, RespError):
            raise reply
        return reply

    def _read(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("Redis closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b"-":
            return RespError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            if rest == b"-1":
                return None
            size = int(rest)
            body = self.file.read(size + 2)
            if len(body) != size + 2:
                raise ConnectionError("Redis closed the connection")
            return body[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self._read() for _ in range(int(rest))]
        raise ConnectionError(f"no RESP: {line!r}")

    def stream(self, key):
        """Every entry of a stream, in order: (id, {field: value}), as text."""
        out, start = [], "-"
        while True:
            page = self("XRANGE", key, start, "+", "COUNT", 1000)
            for entry_id, flat in page:
                texts = [t.decode() for t in flat]
                out.append((entry_id.decode(), dict(zip(texts[::2], texts[1::2]))))
            if len(page) < 1000:
                return out
            start = "(" + page[-1][0].decode()

    def hash(self, key):
        flat = [t.decode() for t in self("HGETALL", key)]
        return dict(zip(flat[::2], flat[1::2]))

    def time_ms(self):
        seconds, micros = self("TIME")
        return int(seconds) * 1000 + int(micros) / 1000
