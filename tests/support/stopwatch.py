"""How long a process takes for something, without what the machine made it wait: for a processor
that others had, for a disk that does not come to an end, or because it stood still altogether. What
it waits for itself counts, and so does what it computes."""

import os
import time

from background import Background

EVERY = 0.05
NOISE = 0.01  # any thread waits for so long now and then


class Stopwatch(Background):
    """`with` it, while the process (and those that it started) does it; then ask `seconds()`."""

    def __init__(self, pid):
        super().__init__()
        self.processes = [str(pid), *children(pid)]
        self.lost, self.queued = 0.0, self.look()
        self.began = self.ended = time.monotonic()

    def stop(self):
        self.ended = time.monotonic()
        super().stop()

    def seconds(self):
        return self.ended - self.began - self.held_up()

    def held_up(self):
        """How many seconds the machine let it wait."""
        return self.lost

    def _run(self):
        before = self.began
        while not self.end.wait(EVERY):
            now, queued = time.monotonic(), self.look()
            # Of those that waited at the same time, the thread that did so longest counts.
            waited = max((ns - self.queued.get(thread, ns) for thread, ns in queued.items()),
                         default=0) / 1e9
            if self.on_disk():
                waited = max(waited, EVERY)
            stood_still = now - before - EVERY
            self.lost += sum(x for x in (waited, stood_still) if x > NOISE)
            before, self.queued = now, queued

    def look(self):
        """Nanoseconds that each thread has waited for a processor so far."""
        return {thread: int(text.split()[1]) for thread, text in self.threads("schedstat")}

    def on_disk(self):
        """Whether one of the threads waits for a disk now: the kernel lets nothing disturb it."""
        return any(text.rpartition(")")[2].split()[:1] == ["D"]
                   for _, text in self.threads("stat"))

    def threads(self, file):
        """Each thread, with what the kernel says of it."""
        return [(thread, text) for pid in self.processes
                for thread in listed(f"/proc/{pid}/task")
                if (text := read(f"/proc/{pid}/task/{thread}/{file}"))]


def children(pid):
    """Behind the name, which may hold anything, stand the state and the parent."""
    return [child for child in listed("/proc") if child.isdigit() and
            read(f"/proc/{child}/stat").rpartition(")")[2].split()[1:2] == [str(pid)]]


def listed(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []


def read(path):
    try:
        with open(path, encoding="ascii") as f:
            return f.read()
    except OSError:
        return ""
