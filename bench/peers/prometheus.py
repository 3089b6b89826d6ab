#!/usr/bin/env python3
"""Measures what it costs Prometheus to check the standard rules over the standard hosts.

  bench/peers/prometheus.py --hosts 1000 --rules 1000 --ticks 6 [--recording]

Starts a Prometheus of its own on the loopback, fills it with a history over remote write, then
feeds every series once in 10 s. First it measures what taking the samples costs alone, then with
the rules. One JSON object on standard output; nothing is left behind. Standard library only.

With --recording each distinct window (field, aggregation, timeframe) is a recording rule, computed
once, and the alerts compare what was recorded: the way to write such rules by hand.
"""

import argparse
import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import remote_write
import standard_workload as workload

STEP_S = workload.STEP_S
READY_S = 30


def metric_of(field):
    return workload.FIELDS[field][0].replace(".", "_")


# --- rules ---

def window_expression(rule):
    field, aggregation, window_s = rule.column
    return f"{aggregation}_over_time({metric_of(field)}[{window_s // 60}m])"


def recorded_name(rule):
    field, aggregation, window_s = rule.column
    return f"window:{metric_of(field)}:{aggregation}_{window_s // 60}m"


def rules_yaml(rules, interval_s, groups, recording):
    """A rule file. Rules of a group run one after the other, so what is recorded stands first."""
    out = ["groups:"]
    for g in range(groups):
        part = rules[g * len(rules) // groups:(g + 1) * len(rules) // groups]
        out.append(f"- name: g{g}\n  interval: {round(interval_s * 1000)}ms\n  rules:")
        if recording:
            for rule in {r.column: r for r in part}.values():
                out.append(f"  - record: {recorded_name(rule)}\n"
                           f"    expr: '{window_expression(rule)}'")
        for r in part:
            left = recorded_name(r) if recording else window_expression(r)
            out.append(f"  - alert: {r.name}\n    expr: '{left} {r.operand} {r.threshold}'\n"
                       "    labels: {severity: warning}\n"
                       f"    annotations: {{summary: 'rule {r.name} is met'}}")
    return "\n".join(out) + "\n"


# --- hosts ---

class Hosts:
    """All series of all hosts, and remote write requests with their samples."""

    def __init__(self, count):
        self.series = []
        for host in range(count):
            for field in range(len(workload.FIELDS)):
                head = remote_write.series_head({"__name__": metric_of(field),
                                                 "host": workload.host_name(host)})
                self.series.append((host, field, workload.base(host, field), head))

    def request(self, ticks, first=0, last=None):
        times = [(tick, tick * STEP_S * 1000) for tick in ticks]
        parts = [remote_write.series(
                     head, [(ms, workload.value(lasting, host, field, tick)) for tick, ms in times])
                 for host, field, lasting, head in self.series[first:last]]
        return remote_write.as_snappy(b"".join(parts))


def write_history(prometheus, hosts, seconds):
    """Writes every tick of the past, up to now; returns the next tick."""
    now = int(time.time()) // STEP_S
    ticks = range(now - seconds // STEP_S + 1, now + 1)
    for first in range(0, len(hosts.series), 1000):
        prometheus.write(hosts.request(ticks, first, first + 1000))
    return now + 1


class Feeder(threading.Thread):
    """Sends each tick's samples when it begins."""

    def __init__(self, prometheus, hosts, tick):
        super().__init__(daemon=True)
        self.prometheus, self.hosts, self.tick = prometheus, hosts, tick
        self.error, self.end = None, threading.Event()

    def run(self):
        try:
            while True:
                body = self.hosts.request([self.tick])
                if self.end.wait(max(0.0, self.tick * STEP_S - time.time())):
                    return
                self.prometheus.write(body)
                self.tick += 1
        except Exception as e:  # told in the result: a run without samples measures nothing
            self.error = repr(e)


# --- the program ---

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Prometheus:
    """A server with a folder of its own, ended with this object."""

    def __init__(self):
        self.program = os.environ.get("PROMETHEUS") or shutil.which("prometheus")
        if not self.program:
            sys.exit("prometheus.py: no prometheus on PATH: apt-get install prometheus")
        self.folder = tempfile.mkdtemp(prefix="tocsin-peer-")
        self.port = free_port()
        self.rules = self.path("rules.yml")
        self.install("groups: []\n")
        with open(self.path("prometheus.yml"), "w", encoding="utf-8") as out:
            out.write(f"global: {{evaluation_interval: {STEP_S}s}}\nrule_files: ['{self.rules}']\n")
        with open(self.path("log"), "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [self.program, "--config.file=" + self.path("prometheus.yml"),
                 "--storage.tsdb.path=" + self.path("data"), "--web.enable-lifecycle",
                 f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn",
                 "--web.enable-remote-write-receiver"], stdout=log, stderr=log)

    def __enter__(self):
        until = time.monotonic() + READY_S
        while True:
            try:
                self.request("GET", "/-/ready")
                return self
            except (OSError, RuntimeError):
                if self.process.poll() is not None or time.monotonic() > until:
                    with open(self.path("log"), encoding="utf-8") as log:
                        text = log.read()
                    self.__exit__()
                    sys.exit("prometheus.py: it does not start:\n" + text[-2000:])
                time.sleep(0.1)

    def __exit__(self, *unused):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def install(self, yaml):
        with open(self.rules, "w", encoding="utf-8") as out:
            out.write(yaml)

    def request(self, method, path, body=None, headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            c.request(method, path, body, headers or {})
            answer = c.getresponse()
            text = answer.read()
        finally:
            c.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return text

    def write(self, body):
        self.request("POST", "/api/v1/write", body, remote_write.HEADERS)

    def metric(self, name):
        """Every value of a metric, whatever its labels; quantiles left out."""
        text = self.request("GET", "/metrics").decode()
        return [float(v) for labels, v in
                re.findall(rf"^{name}(\{{[^}}]*\}})? (\S+)$", text, re.M)
                if "quantile=" not in labels]

    def total(self, name):
        return sum(self.metric("prometheus_rule_" + name))

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as f:
            words = f.read().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def peak_rss_bytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1]) * 1024

    def version(self):
        done = subprocess.run([self.program, "--version"], capture_output=True, text=True,
                              check=False)
        return re.search(r"version ([^\s,]+)", done.stdout + done.stderr)[1]

    def alerts(self):
        found = json.loads(self.request("GET", "/api/v1/query?query=count(ALERTS)"))
        result = found["data"]["result"]
        return int(float(result[0]["value"][1])) if result else 0


# --- the measurement ---

def measure_base(prometheus, ticks):
    """CPU seconds a second that taking the samples costs, over whole ticks."""
    time.sleep(1)
    cpu, began = prometheus.cpu_s(), time.monotonic()
    time.sleep(STEP_S * ticks)
    return (prometheus.cpu_s() - cpu) / (time.monotonic() - began)


def warm_up(prometheus, args):
    """Until each group ran `warm` times."""
    until = time.monotonic() + 300 + args.interval * args.warm
    while prometheus.total("group_iterations_total") < args.groups * args.warm:
        if time.monotonic() > until:
            sys.exit("prometheus.py: the rules do not run")
        time.sleep(0.2)


def measure_rules(prometheus, args, base_rate):
    names = ("group_iterations_total", "group_iterations_missed_total",
             "evaluation_failures_total")
    before = {n: prometheus.total(n) for n in names}
    cpu, began = prometheus.cpu_s(), time.monotonic()
    longest = []
    for i in range(args.ticks):
        time.sleep(max(0.0, began + args.interval * (i + 1) - time.monotonic()))
        longest.append(max(prometheus.metric("prometheus_rule_group_last_duration_seconds")))
    used, wall = prometheus.cpu_s() - cpu, time.monotonic() - began
    grown = {n: prometheus.total(n) - before[n] for n in names}
    runs = grown["group_iterations_total"] / args.groups
    rules_cpu = max(used - base_rate * wall, 1e-9)
    checks = runs * args.rules * args.hosts
    return {
        "measured_ticks": runs, "wall_s": round(wall, 2),
        "cpu_s_per_tick": round(used / runs, 4) if runs else None,
        "rules_cpu_s_per_tick": round(rules_cpu / runs, 4) if runs else None,
        "evaluations_per_cpu_s": round(checks / rules_cpu),
        "group_duration_s_median": round(statistics.median(longest), 4),
        "missed_iterations": grown["group_iterations_missed_total"],
        "evaluation_failures": grown["evaluation_failures_total"],
        # `missed` moves only when a group is two intervals late: the pace counts too.
        "kept_up": grown["group_iterations_missed_total"] == 0 and runs >= args.ticks - 1
                   and statistics.median(longest) <= args.interval,
    }


def run(args):
    rules = workload.make_rules(args.rules, args.fire, args.window)
    hosts = Hosts(args.hosts)
    out = {"peer": "prometheus", "hosts": args.hosts, "rules": args.rules,
           "interval_s": args.interval, "groups": args.groups, "window": args.window,
           "fire": args.fire, "recording": args.recording,
           "windows": len({r.column for r in rules})}
    with Prometheus() as prometheus:
        out["version"] = prometheus.version()
        feeder = Feeder(prometheus, hosts, write_history(prometheus, hosts, args.history))
        feeder.start()
        base_rate = measure_base(prometheus, args.base_ticks)
        out["intake_cpu_s_per_tick"] = round(base_rate * STEP_S, 4)
        prometheus.install(rules_yaml(rules, args.interval, args.groups, args.recording))
        prometheus.request("POST", "/-/reload")
        warm_up(prometheus, args)
        out.update(measure_rules(prometheus, args, base_rate))
        out["active_alerts"] = prometheus.alerts()
        out["peak_rss_bytes"] = prometheus.peak_rss_bytes()
        feeder.end.set()
        out["feeder_error"] = feeder.error
        out["load1"] = round(os.getloadavg()[0], 2)
    return out


def read_arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--hosts", type=int, default=1000)
    p.add_argument("--rules", type=int, default=1000)
    p.add_argument("--ticks", type=int, default=6, help="measured runs of every rule")
    p.add_argument("--interval", type=float, default=10, help="seconds between them")
    p.add_argument("--groups", type=int, default=1, help="rule groups, which run side by side")
    p.add_argument("--window", default="mixed", help="mixed (1 to 10 minutes), or such as 5m")
    p.add_argument("--fire", type=float, default=0.01, help="share of hosts that meet a rule")
    p.add_argument("--recording", action="store_true", help="record each distinct window once")
    p.add_argument("--history", type=int, default=900, help="seconds of samples beforehand")
    p.add_argument("--warm", type=int, default=2, help="runs of the rules before the measured")
    p.add_argument("--base-ticks", type=int, default=2, help="ticks of intake without rules")
    args = p.parse_args()
    if min(args.hosts, args.rules, args.ticks, args.groups) < 1 or args.groups > args.rules:
        p.error("hosts, rules, ticks and groups are at least 1, groups at most rules")
    return args


def main():
    args = read_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        print(json.dumps(run(args)))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
