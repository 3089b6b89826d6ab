"""Alertmanagers are told: what is open fires there with labels, annotations and a link, what is
resolved does not, whatever came in between."""

import json
import os
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import alertmanager as am
import engine as e
from stopwatch import Stopwatch

HOT = e.rule("hot", "x", "last", timeframe="500ms",
             labels={"severity": "page", "instance": "never", "empty": ""},
             annotations={"summary": "{{ruleName}} on {{ hostName }}: {{triggerValue}}",
                          "wrong": "{{hostname}}"})
WARM = e.rule("warm", "x", "last", value=20, timeframe="500ms")
RESEND = 60


def settings(*alertmanagers, rules=(HOT, WARM), **more):
    return e.config(list(rules), alertmanagers=[a if isinstance(a, str) else a.url
                                                for a in alertmanagers],
                    externalUrl="https://tocsin.example/t/", **more)


class Told(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)
        self.am = am.Alertmanager(self.home)

    def start(self, *args, **more):
        self.g = e.Engine(self.home, settings(*args, **more)).start()

    def report(self, host, x):
        """Until what is open on the host is what x makes of it: a sample may come late."""
        wanted = {r["name"] for r in (HOT, WARM) if x >= r["value"]}

        def stands():
            self.assertEqual(202, self.g.post({"host": host, "x": x}).status)
            is_open = {}
            for _, f in self.g.incidents():
                if f["hostName"] == host:
                    is_open[f["ruleName"]] = f["event"] == "opened"
            return {name for name, open_now in is_open.items() if open_now} == wanted
        e.wait_until(f"{host} is as {x} makes it", stands, every=0.1)

    def wait_event(self, host, event, rule="warm", nth=1):
        def there():
            found = [f for _, f in self.g.incidents()
                     if (f["hostName"], f["event"], f["ruleName"]) == (host, event, rule)]
            return found[nth - 1] if len(found) >= nth else None
        return e.wait_until(f"{rule} {event} on {host}, {nth}", there)

    def test_an_incident_fires_with_labels_annotations_and_link_until_it_is_resolved(self):
        self.am.start()
        self.start(self.am)
        self.report("a", 99)
        alert = self.am.wait_alerts(("hot", "a"), ("warm", "a"))["hot", "a"]
        opened = self.wait_event("a", "opened", "hot")
        self.assertEqual({"alertname": "hot", "instance": "a", "severity": "page"}, alert["labels"])
        self.assertEqual({"summary": "hot on a: 99", "wrong": "{{hostname: unknown}}"},
                         alert["annotations"])
        self.assertEqual("https://tocsin.example/t/incidents/" + opened["id"],
                         alert["generatorURL"])
        self.assertEqual(opened["startTime"], alert["startsAt"])
        self.report("a", 30)
        self.am.wait_alerts(("warm", "a"))
        self.report("a", 5)
        self.am.wait_alerts()

    def test_a_restart_and_a_rule_that_is_gone(self):
        self.am.start()
        self.start(self.am, takeover="1s")
        self.report("a", 99)
        self.am.wait_alerts(("hot", "a"), ("warm", "a"))
        self.g.kill()
        self.g.configure(settings(self.am, rules=(WARM,), takeover="1s"))
        self.g.start()
        self.am.wait_alerts(("warm", "a"))

    def test_what_happened_while_it_was_away_ends_as_it_should(self):
        self.start(self.am)
        for host in ("stays", "goes", "returns"):
            self.report(host, 30)
        for host in ("stays", "goes", "returns"):
            self.wait_event(host, "opened")
        for host in ("goes", "returns"):
            self.report(host, 5)
        for host in ("goes", "returns"):
            self.wait_event(host, "resolved")
        self.report("returns", 31)
        again = self.wait_event("returns", "opened", nth=2)
        self.am.start()
        delivered = f'tocsin_sink_events_total{{sink="alertmanager:{self.am.url}",result="delivered"}}'
        e.wait_until("everything was delivered",
                     lambda: self.g.metrics().get(delivered, 0) >= len(self.g.incidents()), timeout=90)
        alert = self.am.wait_alerts(("warm", "stays"), ("warm", "returns"))["warm", "returns"]
        self.assertEqual(again["startTime"], alert["startsAt"])

    def test_one_that_forgot_everything_is_told_again(self):
        self.am.start()
        self.start(self.am)
        self.report("a", 30)
        self.report("b", 30)
        first = self.am.wait_alerts(("warm", "a"), ("warm", "b"))["warm", "a"]
        self.am.kill()
        self.report("b", 5)
        self.wait_event("b", "resolved")
        self.am.start()
        again = self.am.wait_alerts(("warm", "a"), timeout=RESEND + e.PATIENCE)["warm", "a"]
        self.assertEqual(first["startsAt"], again["startsAt"])
        self.assertGreater(again["endsAt"], first["endsAt"], "it lasts longer than it would have")

    def test_one_that_hangs_holds_up_nobody(self):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen(64)
            self.am.start()
            self.start(f"http://127.0.0.1:{silent.getsockname()[1]}", self.am)
            self.report("a", 30)
            self.am.wait_alerts(("warm", "a"))
            self.report("a", 5)
            self.am.wait_alerts()
            self.g.wait_ticks(4)
            self.assertLess(self.g.stop(), 2)


@unittest.skipIf("ASAN_OPTIONS" in os.environ, "it measures time and memory")
class Storm(unittest.TestCase):
    HOSTS, RULES = 20_000, 5

    def post(self, value):
        e.wait_until("a tick begins", lambda: e.now_ms() % 1000 < 300, every=0.005)
        ts = e.now_ms()
        lines = (json.dumps({"host": f"host-{i:05}.example.net", "ts": ts, "x": value})
                 for i in range(self.HOSTS))
        self.assertEqual(202, self.g.post("\n".join(lines), timeout=30).status)

    def watch_until(self, what, value, condition, timeout):
        """Polls; meanwhile no tick comes late. Hosts report now and then: samples may come late."""
        lag = memory = 0
        began = time.monotonic()
        def look():
            nonlocal lag, memory, began
            if time.monotonic() > began + 20:
                self.post(value)
                began = time.monotonic()
            m = self.g.metrics()
            lag = max(lag, m["tocsin_tick_lag_seconds"])
            memory = max(memory, m["process_resident_memory_bytes"])
            return condition(m)
        e.wait_until(what, look, timeout=timeout, every=0.2)
        return lag, memory

    def test_of_100_000_incidents(self):
        home = e.Home(self.addCleanup)
        server = am.Alertmanager(home).start()
        rules = [e.rule(f"r{i}", "x", "last", timeframe="1s", labels={"severity": "page"},
                        annotations={"summary": "{{ruleName}} on {{hostName}}"})
                 for i in range(self.RULES)]
        # What reaches the log behind its tick opens nothing.
        self.g = e.Engine(home, e.config(rules, interval="1s", grace="3s",
                                         alertmanagers=[server.url])).start()
        delivered = f'tocsin_sink_events_total{{sink="alertmanager:{server.url}",result="delivered"}}'
        total = self.HOSTS * self.RULES
        watch = Stopwatch(self.g.process.pid).start()
        self.addCleanup(watch.stop)
        self.post(99)
        began = e.now_ms()
        lag, memory = self.watch_until(
            f"{total} are told", 99, lambda m: m.get(delivered, 0) >= total, timeout=120)
        self.assertEqual(total, len(server.alerts()))
        told = e.now_ms()
        self.post(5)
        lag_after, memory_after = self.watch_until(
            f"{total} are resolved", 5, lambda m: m.get(delivered, 0) >= 2 * total, timeout=120)
        e.wait_until("none fires", lambda: not server.alerts(), timeout=60, every=1)
        print(f"{total} told in {told - began} ms, resolved in {e.now_ms() - told} ms; ticks at most "
              f"{max(lag, lag_after):.1f} s late; {max(memory, memory_after) / 2**20:.0f} MiB")
        self.assertLess(max(lag, lag_after) - watch.held_up(), 5)
        self.assertLess(max(memory, memory_after), 400 * 2**20)
        with self.g.redis() as r:
            rows = r.stream("tocsin:{0}:ticks")
        ends = [int(i.split("-")[0]) for i, _ in rows]
        self.assertEqual(list(range(ends[0], ends[-1] + 1, 1000)), ends, "every tick was sealed")
        if watch.held_up() < 2:
            self.assertEqual(0, self.g.metrics()["tocsin_ticks_blind_total"])


if __name__ == "__main__":
    e.main()
