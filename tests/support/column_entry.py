"""Reads the entries of form "c": what streams/sample/column_entry.hpp describes, once more."""
import json
import struct


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def all(self, code, n):
        size = struct.calcsize(code) * n
        got = struct.unpack_from(f"<{n}{code}", self.data, self.at)
        self.at += size
        return got

    def one(self, code):
        return self.all(code, 1)[0]

    def optional(self, code, n):
        return self.all(code, n) if self.one("B") else (0,) * n

    def text(self, n):
        self.at += n
        return self.data[self.at - n:self.at].decode()

    def column(self, rows):
        kind = self.one("B")
        if kind == 0:
            return self.all("d", rows)
        base, places, width = self.one("q"), (kind - 1) // 4, (kind - 1) % 4
        above = self.all("xBHI"[width], rows) if width else (0,) * rows
        return [(base + x) / 10**places for x in above]

    def samples(self):
        version = self.one("B")
        if version not in (1, 2):
            raise ValueError("an entry of another version")
        samples, hosts, fields, labels, shapes = self.all("I", 5)
        servers = self.one("I") if version == 2 else 0
        sizes = [self.all(code, n)
                 for code, n in (("B", hosts), ("B", fields), ("H", labels), ("B", servers))]
        hosts, fields, labels, servers = ([self.text(n) for n in kind] for kind in sizes)
        shapes = [(self.one("I"), self.all("I", self.one("I"))) for _ in range(shapes)]
        host_of = range(samples) if self.one("B") else self.all("I", samples)
        base, width = self.one("q"), self.one("B")
        after = self.all({2: "H", 4: "I", 8: "Q"}[width], samples) if width else (0,) * samples
        shape_of = self.optional("I", samples)
        labels_of = self.optional("I", samples)
        gone = self.optional("B", samples)
        server_of = self.all("I", samples) if version == 2 else (0,) * samples
        columns = [[self.column(rows) for _ in of] if rows else [] for rows, of in shapes]
        seen = [0] * len(shapes)
        for i in range(samples):
            s, row = shape_of[i], seen[shape_of[i]]
            seen[s] += 1
            sample = {"host": hosts[host_of[i]], "ts": base + after[i]}
            if labels_of[i]:
                sample["labels"] = json.loads(labels[labels_of[i] - 1])
            if server_of[i]:
                sample["serverId"] = servers[server_of[i] - 1]
            if gone[i]:
                sample["gone"] = True
            for f, column in zip(shapes[s][1], columns[s]):
                v = column[row]
                sample[fields[f]] = int(v) if v == int(v) else v
            yield sample


def read_samples(data):
    """The samples of entries that stand one behind the other, unpacked."""
    reader = Reader(data)
    while reader.at < len(data):
        yield from reader.samples()
