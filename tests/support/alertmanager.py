"""An Alertmanager of a test's own, from the distribution."""

import os
import shutil

import engine as e

CONFIG = """
route: {receiver: nobody, group_by: [alertname], group_wait: 1s, group_interval: 5s, repeat_interval: 1h}
receivers: [{name: nobody}]
"""


BINARY = shutil.which("prometheus-alertmanager") or "alertmanager"


class Alertmanager:
    """On a free port of the loopback. Started again it has the same port, and forgot everything."""

    def __init__(self, home, name="alertmanager"):
        self.home, self.name, self.port, self.starts = home, name, e.free_port(), 0
        self.config = home.file(f"{name}/config.yml", CONFIG)
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.starts += 1
        folder = os.path.join(self.home.path, self.name, f"data.{self.starts}")
        os.makedirs(folder)
        with open(os.path.join(self.home.path, self.name, "log"), "ab") as log:
            self.process = self.home.run(
                [BINARY, f"--config.file={self.config}", f"--storage.path={folder}",
                 f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address="],
                stdout=log, stderr=log, cwd=folder)
        e.wait_until("Alertmanager is ready", self.ready)
        return self

    def ready(self):
        try:
            return e.request(self.port, "GET", "/-/ready").status == 200
        except OSError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def alerts(self, timeout=180):
        """What is firing now. 100,000 of them take a busy machine a minute and more."""
        answer = e.request(self.port, "GET", "/api/v2/alerts", timeout=timeout)
        return answer.json

    def wait_alerts(self, *wanted, timeout=None):
        """Until exactly these (alertname, instance) are firing; the alerts by that."""
        def look():
            found = {(a["labels"]["alertname"], a["labels"]["instance"]): a for a in self.alerts()}
            return (found,) if sorted(found) == sorted(wanted) else None
        try:
            return e.wait_until(f"Alertmanager shows {sorted(wanted)}", look, timeout)[0]
        except AssertionError as problem:
            raise AssertionError(f"{problem}; it shows {self.alerts()}") from None
