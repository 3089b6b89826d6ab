"""Prometheus's remote write, written by hand: protobuf messages in a snappy block."""

import struct

HEADERS = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf",
           "X-Prometheus-Remote-Write-Version": "0.1.0"}
_number = struct.Struct("<d").pack


def varint(n):
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def _field(number, content):
    """A field of a message that holds bytes."""
    return bytes((number << 3 | 2,)) + varint(len(content)) + content


def series_head(labels):
    """The labels of a time series, sorted by their names as the protocol wants it."""
    return b"".join(_field(1, _field(1, name.encode()) + _field(2, text.encode()))
                    for name, text in sorted(labels.items()))


def series(head, samples):
    """A time series with its samples, (ms, value)."""
    parts = [head]
    for ms, v in samples:
        parts.append(_field(2, b"\x09" + _number(v) + b"\x10" + varint(ms)))
    return _field(1, b"".join(parts))


def as_snappy(data):
    """A snappy block of literals only: nothing is compressed."""
    parts = [varint(len(data))]
    for at in range(0, len(data), 65536):
        part = data[at:at + 65536]
        parts += (b"\xf4", struct.pack("<H", len(part) - 1), part)
    return b"".join(parts)
