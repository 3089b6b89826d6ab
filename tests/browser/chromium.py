"""Chromium, driven from Python: browser.mjs does with Playwright what is said here."""

import base64
import json
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import engine as e
import npm

PATIENCE_MS = int(e.PATIENCE * 1000)
# Where pictures go: CMake says so.
PICTURES = os.environ.get("TOCSIN_PICTURES")
# While the engine is away the browser itself says that it could not reach it.
AWAY = ("net::ERR_CONNECTION_REFUSED", "net::ERR_CONNECTION_RESET", "net::ERR_EMPTY_RESPONSE",
        "net::ERR_INCOMPLETE_CHUNKED_ENCODING",
        "status of 503")  # it is there again, but still reads its state back


class Remote:
    """Something of Playwright's, in the other process."""

    def __init__(self, browser, number):
        self.browser, self.number = browser, number

    def call(self, name, *args):
        return self.browser.say(self.number, name, args)


class Browser(Remote):
    """A Chromium of the test's own, with no more memory than a new one."""

    def __init__(self, home):
        folder = os.path.join(home.path, "browser")
        shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
        npm.install(folder)
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        # Its own end of the pipe: what it needs to end in order.
        self.process = subprocess.Popen(["node", "browser.mjs", program], cwd=folder, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env={**os.environ, "HOME": folder})
        home.processes.append(self.process)
        self.version = self.answer()
        super().__init__(self, 0)

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the browser has ended")
        said = json.loads(line)
        if "error" in said:
            raise AssertionError(said["error"])
        return Remote(self, said["made"]) if "made" in said else said["value"]

    def say(self, on, call, args):
        self.process.stdin.write(json.dumps({"on": on, "call": call, "args": args}) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def page(self, url, width=1280, height=800, theme="light", script=None):
        """A page in a session of its own."""
        context = self.call("newContext", {"viewport": {"width": width, "height": height},
                                           "colorScheme": theme, "reducedMotion": "reduce",
                                           "timezoneId": "UTC", "locale": "en-GB"})
        context.call("setDefaultTimeout", PATIENCE_MS)
        if script:
            context.call("addInitScript", {"content": script})
        return Page(context, url)


class Page:
    """One tab with the dashboard of one engine."""

    def __init__(self, context, url):
        self.context, self.url = context, url.rstrip("/") + "/"
        self.remote = context.call("newPage")
        self.devtools = None

    def call(self, name, *args):
        return self.remote.call(name, *args)

    def go(self, place=""):
        """Shows what stands at this hash, as a link or the address bar would."""
        self.call("goto", self.url + place)
        return self

    def run(self, script):
        return self.call("evaluate", script)

    def wait(self, condition):
        """Until an expression of JavaScript is true: asked from here, as the page's policy lets
        nothing be evaluated later."""
        try:
            e.wait_until(condition, lambda: self.run(f"Boolean({condition})"), every=0.03)
        except AssertionError as error:
            raise AssertionError(f"waited in vain for {condition}: {error}\n{self.text()}\n"
                                 f"{self.said()}") from None

    def wait_text(self, *texts, where="main"):
        """Until all of them are on the page."""
        for text in texts:
            self.wait(f"document.querySelector({json.dumps(where)})?.innerText"
                      f".includes({json.dumps(text)})")

    def text(self, where="main"):
        return self.run(f"document.querySelector({json.dumps(where)})?.innerText ?? ''")

    def wait_live(self):
        self.wait("document.getElementById('stream').dataset.state === 'live'")

    def said(self, but=()):
        """What the browser complained of since it was last asked; not what was to be expected."""
        return [line for line in self.call("said") if not any(part in line for part in but)]

    def cdp(self, method, **parameters):
        if self.devtools is None:
            self.devtools = self.call("cdp")
        return self.devtools.call("send", method, parameters)

    def trace(self, categories, seconds):
        """What the browser did within that time: Chromium's trace events."""
        browser = self.context.browser
        browser.call("startTracing", None, {"categories": list(categories)})
        time.sleep(seconds)
        return json.loads(base64.b64decode(browser.call("stopTracing")))["traceEvents"]

    def size(self):
        """What the page holds, after rubbish was collected: bytes, nodes, listeners."""
        for _ in range(2):
            self.cdp("HeapProfiler.collectGarbage")
        counters = self.cdp("Memory.getDOMCounters")
        return (self.cdp("Runtime.getHeapUsage")["usedSize"], counters["nodes"],
                counters["jsEventListeners"])

    def overflow(self):
        """How many pixels the page is wider than the screen."""
        return self.run("document.documentElement.scrollWidth - innerWidth")

    def picture(self, name, whole=False):
        """A PNG of what is seen, for people to look at."""
        if PICTURES:
            os.makedirs(PICTURES, exist_ok=True)
            self.call("screenshot", {"path": os.path.join(PICTURES, name + ".png"),
                                     "fullPage": whole})

    def webp(self, quality=85):
        shot = self.cdp("Page.captureScreenshot", format="webp", quality=quality)
        return base64.b64decode(shot["data"])

    def close(self):
        self.context.call("close")
