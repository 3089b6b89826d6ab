"""Ends what a test left behind if the test itself was killed (by CTest's timeout, say).

Reads lines `DIR` from stdin until it is closed: then ends each process that works in one of these
folders or below (the engines and Redis servers of the test), and removes the folders."""

import os
import shutil
import signal
import sys


def processes_in(folder):
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            where = os.readlink(f"/proc/{name}/cwd")
        except OSError:
            continue
        if where == folder or where.startswith(folder + "/"):
            yield int(name)


def reap(folder):
    for pid in processes_in(folder):
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    folders = [line.rstrip("\n") for line in sys.stdin]
    for folder in folders:
        reap(folder)
        shutil.rmtree(folder, ignore_errors=True)
