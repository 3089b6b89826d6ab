"""Something that goes on beside a test, in a thread of its own, until it is ended."""

import threading


class Background:
    """`with` it: _run() of whoever derives from it runs in a thread, and returns soon once `end`
    is set."""

    def __init__(self):
        self.end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *unused):
        self.stop()

    def stop(self):
        self.end.set()
        self._thread.join(30)
