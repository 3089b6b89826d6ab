#!/usr/bin/python3
"""Reads Tocsin's incidents as a member of a consumer group, with redis-py (Debian: python3-redis).

Usage: consumer.py [COMMAND [ARGUMENT...]]

Runs COMMAND once for each event, with the event's fields in its environment as INCIDENT_event,
INCIDENT_id, INCIDENT_ruleName, ... (docs/redis.md lists them). Exit code 0: the event is done. Any
other: it is tried again. Without a COMMAND, events are printed.

Environment, with defaults:
  REDIS_URL     unix://./tocsin-state/redis.sock   or redis://user:password@host:port/db
  GROUP         pager          each group gets every event, once
  NAME          the host name  one running consumer each; keep it across restarts
  FROM          now            where a new group begins: now (and all that is open), or all
  RETRY_MS      60000          longer than COMMAND ever takes: after that, others take over
  SEEN_S        864000         how long done events are remembered: retentionPeriod at least
  PREFIX        tocsin         tocsin.prefix of the configuration

Each event is handled at least once. It is handled twice only if this consumer dies after COMMAND did
its work and before that was noted, so COMMAND should bear that."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import redis

URL = os.environ.get("REDIS_URL", "unix://./tocsin-state/redis.sock")
GROUP = os.environ.get("GROUP", "pager")
NAME = os.environ.get("NAME", socket.gethostname())
FROM = os.environ.get("FROM", "now")
RETRY_MS = int(os.environ.get("RETRY_MS", "60000"))
SEEN_S = int(os.environ.get("SEEN_S", "864000"))
BASE = os.environ.get("PREFIX", "tocsin") + ":{0}:"
STREAM = BASE + "incidents"
MINE = "consumer:{0}:" + GROUP  # what this consumer keeps; {0} puts it on the stream's cluster node

stopping = False


def connect():
    # Longer than a read blocks: the connection is dead then, though nobody said so.
    options = {"decode_responses": True, "socket_timeout": 5}
    if URL.startswith("unix://"):
        return redis.Redis(unix_socket_path=URL[len("unix://"):], **options)
    return redis.Redis.from_url(URL, socket_keepalive=True, **options)


def process(event):
    """True when the event is done."""
    try:
        if len(sys.argv) == 1:
            names = ("event", "id", "hostName", "ruleName", "triggerValue")
            line = " ".join(str(event[name]) for name in names) + "\n"
            return os.write(1, line.encode()) == len(line.encode())
        variables = {f"INCIDENT_{name}": str(value) for name, value in event.items()}
        return subprocess.run(sys.argv[1:], env={**os.environ, **variables},
                              check=False).returncode == 0
    except OSError as e:  # a full disk, no such command
        print(f"consumer: {e}", file=sys.stderr)
        return False


# readme: begin done
def handle(r, entry, event):
    """Processes an event unless it is done already; notes that and acknowledges, as one."""
    seen = f"{MINE}:seen:{event['id']}:{event['event']}"
    if not r.exists(seen) and not process(event):
        print(f"consumer: {entry} is tried again later", file=sys.stderr)
        return
    with r.pipeline(transaction=True) as both:
        both.set(seen, 1, ex=SEEN_S).xack(STREAM, GROUP, entry).execute()
# readme: end


# readme: begin join
def join_group(r):
    """Makes the group, at the last event that is committed; then handles what is open. One that
    somebody removed is made where it began: what was done since is noted."""
    if r.exists(f"{MINE}:joined"):
        return
    start = r.hget(BASE + "progress", "lastEventId") if FROM == "now" else None
    first = r.setnx(f"{MINE}:began", start or "0-0")
    try:
        r.xgroup_create(STREAM, GROUP, id=r.get(f"{MINE}:began"), mkstream=True)
    except redis.ResponseError as e:
        if not str(e).startswith("BUSYGROUP"):  # it is there already
            raise
    if FROM == "now" or not first:
        for text in r.hvals(BASE + "open"):
            handle(r, "0-0", {"event": "opened", **json.loads(text)})
    r.set(f"{MINE}:joined", 1)
# readme: end


def lose(r, entry):
    """An entry that was trimmed before it was done: retentionPeriod was too short."""
    print(f"consumer: {entry} is lost", file=sys.stderr)
    r.xack(STREAM, GROUP, entry)


# readme: begin claim
def finish_old(r):
    """Takes over what others got and did not finish in time; then does all that is ours."""
    cursor = None
    while cursor != "0-0":
        cursor, _, *lost = r.xautoclaim(STREAM, GROUP, NAME, RETRY_MS, cursor or "0-0", count=100)
        for entry in lost[0] if lost else []:  # trimmed: told here once, whoever had it
            lose(r, entry)
    entry = "0-0"
    while entry and not stopping:
        entry = read(r, entry)
# readme: end


# readme: begin read
def read(r, after):
    """Handles what comes after an entry of ours, or (`>`) what nobody got yet. Gives the last."""
    entry = None
    for _, entries in r.xreadgroup(GROUP, NAME, {STREAM: after}, count=100, block=1000):
        for entry, event in entries:
            if stopping:  # what is not acknowledged is read again at the next start
                return None
            if event:
                handle(r, entry, event)
            else:
                lose(r, entry)
    return entry
# readme: end


# readme: begin run
def run(r):
    join_group(r)
    due = time.monotonic()
    try:
        while not stopping:
            if time.monotonic() >= due:
                finish_old(r)
                due = time.monotonic() + RETRY_MS / 1000
            read(r, ">")
    except redis.ResponseError as e:
        if str(e).startswith("NOGROUP"):  # somebody removed it
            r.delete(f"{MINE}:joined")
        raise  # tried again in a second
# readme: end


def stop(*_):
    global stopping
    stopping = True


def main():
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopping:
        try:
            run(connect())
        except redis.RedisError as e:
            print(f"consumer: trying again: {e}", file=sys.stderr)
            time.sleep(1)


if __name__ == "__main__":
    main()
