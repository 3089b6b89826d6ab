"""Something that goes on beside a test, in a thread of its own, until it is ended."""

import threading


class Background:
    """`with` it: _run() of whoever derives from it runs in a thread, and returns soon once `end`
    is set."""

    def __init__(self):
        self.end = threading.Event()
        self._thread = threading.Thread(target=self._go, daemon=True)
        self._failure = None

    def _go(self):
        try:
            self._run()
        except BaseException as failure:
            self._failure = failure
            raise

    def start(self):
        self._thread.start()
        return self

    __enter__ = start

    def __exit__(self, *unused):
        self.stop()

    def stop(self):
        self.end.set()
        self._thread.join(120)
        if self._thread.is_alive():
            raise AssertionError("what went on beside the test does not end")
        if self._failure:
            raise AssertionError("what went on beside the test has failed") from self._failure
