"""What the integration tests stand on: an engine in a folder of its own, a Redis of their own.

Every test makes a `Home`, a temporary folder in which engines and Redis servers run with it as
working folder; it ends whatever is left, also when the test is killed. Nothing sleeps to let time
pass for somebody else: `wait_until` polls with a deadline."""

import contextlib
import glob
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from resp import Redis, RespError
from stopwatch import Stopwatch

HERE = os.path.dirname(os.path.abspath(__file__))
BINARY = None
# On a machine that is busy with other tests things take longer; they must never hang.
PATIENCE = float(os.environ.get("TOCSIN_TEST_PATIENCE_S", "20"))


def main():
    """Runs the test file: argv[1] is the tocsin binary."""
    global BINARY
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} TOCSIN_BINARY [unittest options]")
    BINARY = os.path.abspath(sys.argv.pop(1))
    module = sys.modules["__main__"]
    unittest.main(module=module, verbosity=2)


def wait_until(what, condition, timeout=None, every=0.01):
    """Polls until condition() is true and returns that; fails by name when time is up."""
    until = time.monotonic() + max(PATIENCE, timeout or 0)
    while True:
        last = time.monotonic() > until  # however long the look before it took
        found = condition()
        if found:
            return found
        if last:
            raise AssertionError(f"waited in vain until {what}")
        time.sleep(every)


def now_ms():
    return int(time.time() * 1000)


def rule(name, field="cpu.usage", aggregation="last", operand="equalOrMoreThan", value=50,
         timeframe="500ms", **more):
    return {"name": name, "field": field, "aggregation": aggregation, "operand": operand,
            "value": value, "timeframe": timeframe, **more}


def config(rules, interval="250ms", grace="100ms", monitoring=True, alerting=True, **tocsin):
    # An owner that stands still for half of it stops: short only where one is killed.
    tocsin.setdefault("takeover", "10s")
    return {"pro": {"monitoring": {"enabled": monitoring, "collectionInterval": interval},
                    "alerting": {"enabled": alerting, "watcherInterval": interval,
                                 "rules": rules}},
            "tocsin": {"grace": grace, **tocsin}}


class Home:
    """A temporary folder for engines and Redis servers."""

    def __init__(self, at_end):
        """`at_end` takes what is to be done at the end: a test's addCleanup."""
        # Short: Unix sockets lie below.
        self.path = tempfile.mkdtemp(prefix="tocsin-", dir="/tmp")
        self.reaper = subprocess.Popen([sys.executable, os.path.join(HERE, "reaper.py")],
                                       stdin=subprocess.PIPE, text=True, cwd="/",
                                       start_new_session=True)
        self.reaper.stdin.write(self.path + "\n")
        self.reaper.stdin.flush()
        self.processes = []
        at_end(self.close)

    def run(self, *args, **options):
        """Starts a process that ends with this home."""
        self.processes.append(subprocess.Popen(*args, stdin=subprocess.DEVNULL, **options))
        return self.processes[-1]

    def close(self):
        for p in self.processes:
            if p.poll() is None:
                p.kill()
            p.wait()
        self.reaper.stdin.close()
        self.reaper.wait(60 + PATIENCE)

    def file(self, name, content):
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        # Whole or not at all: an engine may look at any time.
        with open(path + ".part", "w" if isinstance(content, str) else "wb") as out:
            out.write(content)
        if os.path.exists(path):
            shutil.copymode(path, out.name)
        os.replace(out.name, path)
        return path


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


def request(port, method, path, body=None, headers=None, timeout=0, tls=None):
    """`tls`: the ssl.SSLContext to speak it with."""
    timeout = max(PATIENCE, timeout)
    c = (http.client.HTTPSConnection("127.0.0.1", port, timeout=timeout, context=tls) if tls else
         http.client.HTTPConnection("127.0.0.1", port, timeout=timeout))
    try:
        c.request(method, path, body, headers or {})
        r = c.getresponse()
        return Answer(r.status, dict(r.getheaders()), r.read().decode())
    finally:
        c.close()


def clean_environment(more=None):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("TOCSIN_", "BP_CONFIG_", "REDIS_", "STATE_DIRECTORY", "CLUSTER_"))}
    env.update(more or {})
    return env


class Engine:
    """`tocsin serve` in a home. May be started again after it ended: same data, same state."""

    def __init__(self, home, settings=None, name="engine", redis=None, args=(), env=None,
                 local=False, state=None, tls=None):
        self.home, self.name, self.args, self.extra_env = home, name, list(args), dict(env or {})
        self.data = os.path.join(home.path, name, "data")
        self.state = state or os.path.join(home.path, name, "state")
        self.config = os.path.join(self.data, "global", "botpress.config.json")
        self.redis_url = redis.url if isinstance(redis, RedisServer) else redis
        self.external = redis if isinstance(redis, RedisServer) else None
        self.local, self.tls = local, tls
        self.process, self.port, self.starts = None, None, 0
        os.makedirs(os.path.join(home.path, name), exist_ok=True)
        if settings is not None:
            self.configure(settings)

    def configure(self, settings):
        text = settings if isinstance(settings, (str, bytes)) else json.dumps(settings, indent=2)
        self.home.file(os.path.relpath(self.config, self.home.path), text)

    # --- life ---

    def command(self, *extra):
        return [BINARY, "serve", "--data-dir", self.data, "--state-dir", self.state,
                "--host", self.name, *([] if self.local else ["--no-local"]),
                *([] if "--listen" in self.args else ["--listen", "127.0.0.1:0"]),
                *self.args, *extra]

    def environment(self):
        env = clean_environment(self.extra_env)
        if self.redis_url:
            env["TOCSIN_REDIS_URL"] = self.redis_url
        return env

    def start(self, wait="ready"):
        """Starts it; waits until it is `ready`, `listening`, or not at all (None)."""
        self.starts += 1
        self.log_path = os.path.join(self.home.path, self.name, f"stderr.{self.starts}")
        with open(self.log_path, "wb") as log:
            self.process = self.home.run(self.command(), stderr=log, stdout=log,
                                         env=self.environment(),
                                         cwd=os.path.join(self.home.path, self.name))
        if wait:
            self.wait_listening()
        if wait == "ready":
            self.wait_ready()
        return self

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def wait_for_log(self, text, timeout=None):
        def found():
            if text in self.log():
                return True
            if self.process.poll() is not None and text not in self.log():
                raise AssertionError(f"{self.name} ended ({self.process.returncode}) before it "
                                     f"said `{text}`:\n{self.log()}")
            return False
        try:
            wait_until(f"{self.name} says `{text}`", found, timeout)
        except AssertionError as e:
            raise AssertionError(f"{e}\n{self.log()}") from None

    def wait_listening(self):
        self.wait_for_log("listening on http")
        self.port = int(re.search(r"listening on https?://\S+?:(\d+):? ", self.log()).group(1))

    def ready(self):
        """The role when it is ready, else None."""
        try:
            a = self.get("/readyz")
        except (OSError, http.client.HTTPException):
            return None
        return a.json["role"] if a.status == 200 else None

    def wait_ready(self, role="owner", timeout=None):
        def there():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended ({self.process.returncode}):\n"
                                     f"{self.log()}")
            return self.ready() == role
        try:
            wait_until(f"{self.name} is ready as {role}", there, timeout)
        except AssertionError as e:
            with contextlib.suppress(OSError):
                e = f"{e}: {self.get('/readyz')}"
            raise AssertionError(f"{e}\n{self.log()}") from None

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """SIGKILL; a private Redis goes on alone."""
        self.process.kill()
        self.process.wait()

    def stop(self, within=None):
        """SIGTERM; the seconds that it took, but for those in which the machine let it wait."""
        with Stopwatch(self.process.pid) as watch:
            self.process.terminate()
            code = self.wait_end(within)
        if code != 0:
            raise AssertionError(f"{self.name} ended with {code}:\n{self.log()}")
        return watch.seconds()

    def wait_end(self, within=None):
        try:
            return self.process.wait(max(PATIENCE, within or 0))
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end:\n{self.log()}") from None

    def run_to_end(self, within=None):
        """For starts that must fail: exit code and what was said."""
        self.start(wait=None)
        return self.wait_end(within), self.log()

    # --- HTTP ---

    def post(self, body, path="/api/v1/samples", headers=None, timeout=0):
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        return request(self.port, "POST", path, body, headers, timeout, self.tls)

    def get(self, path, headers=None):
        return request(self.port, "GET", path, None, headers, tls=self.tls)

    def metrics(self):
        """{name or name{labels}: value}"""
        out = {}
        for line in self.get("/metrics").body.splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                out[name] = float(value)
        return out

    # --- Redis ---

    @property
    def socket(self):
        return os.path.join(self.state, "redis.sock")

    def redis(self):
        return self.external.client() if self.external else Redis(self.socket, PATIENCE)

    def redis_pid(self):
        with self.redis() as r:
            return int(re.search(rb"process_id:(\d+)", r("INFO", "server")).group(1))

    def incidents(self):
        """The incident stream: [(id, fields)]."""
        with self.redis() as r:
            return r.stream("tocsin:{0}:incidents")

    def wait_incident(self, timeout=None, report=None, **wanted):
        """The first incident event with these fields. `report`: a sample that brings it about, or
        several. They are sent until one came in time: on a busy machine a sample may reach the log
        after its tick was sealed, and then it opens and resolves nothing."""
        def look():
            if report is not None:
                answer = self.post(report)
                if answer.status != 202:
                    raise AssertionError(f"a sample was not taken: {answer}\n{self.log()}")
            for entry_id, fields in self.incidents():
                if all(fields.get(k) == v for k, v in wanted.items()):
                    return entry_id, fields
            return None
        try:
            return wait_until(f"an incident with {wanted}", look, timeout,
                              every=0.01 if report is None else 0.1)
        except AssertionError as e:
            raise AssertionError(f"{e}; there are {self.incidents()}\n{self.log()}") from None

    def wait_ticks(self, n, timeout=None):
        """Until n more ticks are committed."""
        with self.redis() as r:
            def last():
                top = r("XREVRANGE", "tocsin:{0}:ticks", "+", "-", "COUNT", 1)
                return int(top[0][0].split(b"-")[0]) if top else 0
            start = last()
            interval = self.interval_ms()
            wait_until(f"{n} more ticks are sealed", lambda: last() >= start + n * interval,
                       timeout)

    def interval_ms(self):
        with open(self.config, encoding="utf-8") as f:
            text = json.load(f)["pro"]["monitoring"]["collectionInterval"]
        return int(text[:-2]) if text.endswith("ms") else int(text[:-1]) * 1000

    def tool(self, *args):
        """Runs another command of tocsin on this engine's Redis."""
        return subprocess.run([BINARY, *args], capture_output=True, text=True, timeout=60 + PATIENCE,
                              env=self.environment(), cwd=os.path.join(self.home.path, self.name))

    def replay(self):
        """`tocsin replay --log`: its events. The engine need not run, its Redis must."""
        done = self.tool("replay", "--log", "--config", self.config, "--state-dir", self.state)
        if done.returncode != 0:
            raise AssertionError(f"replay --log ended with {done.returncode}: {done.stderr}")
        if "cut off" in done.stderr:
            raise AssertionError(f"the log is not whole: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]


class RedisServer:
    """A redis-server of the test's own, on a free port of the loopback."""

    def __init__(self, home, *options, name="redis"):
        self.home, self.name, self.options = home, name, list(options)
        self.folder = os.path.join(home.path, name)
        os.makedirs(self.folder, exist_ok=True)
        self.port = free_port()
        self.process = None

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = self.home.run(
                ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir",
                 self.folder, "--save", "", "--appendonly", "yes", "--appendfsync", "always",
                 *self.options], stdout=log, stderr=log, cwd=self.folder)

        def answers():
            if self.process.poll() is not None:
                with open(os.path.join(self.folder, "log"), encoding="utf-8") as f:
                    raise AssertionError(f"redis-server ended:\n{f.read()}")
            with contextlib.suppress(OSError, RespError):
                with self.client(timeout=1) as r:
                    try:
                        r("PING")
                    except RespError as e:
                        return "NOAUTH" in str(e)
                    return True
            return False
        wait_until("redis-server answers", answers)
        return self

    def client(self, timeout=PATIENCE):
        return Redis(("127.0.0.1", self.port), timeout)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def free_port():
    """A port of the loopback on which nobody listens, now and whenever the test does not: it is
    none of those that the system hands out, and until this process ends no other is given it."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as f:
        handed_out = int(f.read().split()[0])
    for port in random.SystemRandom().sample(range(handed_out - 20_000, handed_out), 20_000):
        claim, listener = socket.socket(socket.AF_UNIX), socket.socket()
        with listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            claim.bind(f"\0tocsin-test-port-{port}")  # no file: it is gone with its process
            claim.detach()
            return port
        claim.close()
    raise AssertionError("there is no free port")


def certificate(home, name, *options):
    """A certificate for 127.0.0.1, signed by itself, and its key: their paths."""
    cert, key = (os.path.join(home.path, f"{name}.{kind}") for kind in ("pem", "key"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-days", "2", "-subj", f"/CN={name}", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert,
                    *(options or ["-nodes"])], check=True, capture_output=True)
    return cert, key


def temporary_failure(error):
    """Whether a request may be sent again after it: the engine or its Redis is away."""
    return isinstance(error, (OSError, http.client.HTTPException))


def left_of_measurements(home):
    """Folders of `tocsin bench` in a home, and processes that work with them."""
    found = glob.glob(os.path.join(home.path, "tocsin-bench-*"))
    for path in glob.glob("/proc/[0-9]*"):
        try:
            with open(path + "/cmdline", "rb") as f:
                words = f.read().decode(errors="replace")
            where = os.readlink(path + "/cwd")
        except OSError:
            continue
        if "tocsin-bench-" in words + where and home.path in words + where:
            found.append(words)
    return found
