"""Botpress hooks in a real node: unchanged files run about each event, whatever they do costs
neither the engine nor the next hook, and no event is skipped."""

import http.server
import json
import os
import re
import shutil
import signal
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e

# As Botpress documents it, to the letter.
SAMPLE_HOOK = """\
async function alertChanged() {
  if (!incident.endTime) {
    console.log('HOOK: Incident Opened:', incident)
  } else {
    console.log('HOOK: Incident Closed:', incident)
  }

  // Here you could send a SMS, an E-mail, etc...
  // await axios.post....
}

return alertChanged()
"""
# Notes each run: hook, incident, event, process.
NOTE = """
const note = (what) => require('fs').appendFileSync('runs', `${what} ${incident.hostName} ` +
  `${incident.endTime ? 'resolved' : 'opened'} ${require('process').pid}\\n`);
"""
SEEN = ("TZ", "LANG", "LC_ALL", "LC_CTYPE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
# Holds as long as a file is there.
HOLD = "while (require('fs').existsSync('hold')) await new Promise((go) => setTimeout(go, 20));\n"


class Hooks(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)
        self.g = None

    def engine(self, name="engine", start=True, env=None, **tocsin):
        tocsin.setdefault("hookTimeout", "10s")
        # Of a machine that names a file there that it lacks, node says so at each start.
        env = {"NODE_EXTRA_CA_CERTS": "", **(env or {})}
        self.g = e.Engine(self.home, e.config([e.rule("hot", "x")], **tocsin), name, env=env)
        return self.g.start() if start else self.g

    def folder(self):
        """Where the data folder lies, and hooks work."""
        return os.path.dirname(self.g.data)

    def path(self, name):
        return os.path.join(self.g.data, "global", "hooks", "on_incident_status_changed", name)

    def hook(self, name, code):
        # Whole or not at all: the engine may look at any time.
        where = self.home.file(self.path(name) + ".new", code)
        os.rename(where, self.path(name))

    def file(self, name, text=""):
        return self.home.file(os.path.join(self.folder(), name), text)

    def post(self, host="a", x=99):
        """Makes an incident open, or resolve."""
        self.g.wait_incident(report={"host": host, "x": x}, hostName=host,
                             event="opened" if x == 99 else "resolved")

    def open_and_close(self, host="a"):
        self.post(host)
        self.post(host, 1)

    def wait_for_log(self, text, times=1, timeout=None):
        try:
            e.wait_until(f"`{text}` is logged", lambda: self.g.log().count(text) >= times, timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.g.log()}") from None

    def runs(self):
        try:
            with open(os.path.join(self.folder(), "runs"), encoding="utf-8") as f:
                return [line.split() for line in f.read().splitlines()]
        except FileNotFoundError:
            return []

    def wait_runs(self, n, timeout=None):
        try:
            return e.wait_until(f"{n} runs are noted",
                                lambda: r if len(r := self.runs()) >= n else None, timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.runs()}\n{self.g.log()}") from None

    def pending(self):
        with self.g.redis() as r:
            return r("XPENDING", "tocsin:{0}:incidents", "tocsin:hooks")[0]

    def receiver(self):
        """An HTTP server: where it is, and what was posted to it."""
        got = []

        class Receiver(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_address[1]}/in", got

    def groups(self):
        with self.g.redis() as r:
            try:
                return [dict(zip(x[::2], x[1::2]))[b"name"].decode()
                        for x in r("XINFO", "GROUPS", "tocsin:{0}:incidents")]
            except e.RespError:
                return []


class Scope(Hooks):
    def test_sample_of_the_documentation(self):
        self.engine(start=False)
        self.hook("alert.js", SAMPLE_HOOK)
        self.g.start()
        self.open_and_close()
        self.wait_for_log("hook alert.js: HOOK: Incident Closed: {")
        log = self.g.log()
        self.assertLess(log.index("hook alert.js: HOOK: Incident Opened: {"),
                        log.index("hook alert.js: HOOK: Incident Closed: {"))
        self.assertIn("hook alert.js:   hostName: 'a',", log)
        self.assertRegex(log, r"hook alert.js:   startTime: \d{4}-\d\d-\d\dT", "a Date, not a text")
        self.assertLess(self.g.stop(), 2)

    def test_axios_posts(self):
        url, got = self.receiver()
        self.engine(env={"EXPOSED_TARGET": url})
        self.hook("post.js", """
            const axios = require('axios');
            await axios.post(process.env.EXPOSED_TARGET, { ...incident, open: !incident.endTime });
        """)
        self.wait_for_group()
        self.open_and_close()
        e.wait_until("both were posted", lambda: len(got) == 2)
        events = [f for _, f in self.g.incidents()]
        for posted, event in zip(got, events):
            self.assertEqual(event["id"], posted["id"])
            self.assertEqual(event["startTime"], posted["startTime"])
            self.assertEqual(99, posted["triggerValue"])
        self.assertEqual(["opened", "resolved"], [f["event"] for f in events])
        self.assertEqual([True, False], [p["open"] for p in got])

    def wait_for_group(self):
        e.wait_until("the group is made", lambda: "tocsin:hooks" in self.groups())

    def test_modules_are_found_in_order(self):
        self.engine(start=False)
        self.hook("m.js", """
            const _ = require('lodash'), moment = require('moment'), { join } = require('path');
            console.log('lodash', _.VERSION, require('lodash/fp').add(1)(2));
            console.log('moment', moment.utc(0).format('YYYY-MM-DD'), moment.version)
            console.log('axios', require('axios/package.json').version);
            for (const name of ['one', './one', 'two', 'three', 'os', 'needs-axios'])
              console.log('found', name, require(name));
            try { require('nowhere') } catch (e) { console.log(e.code, e.message) }
        """)
        hooks = os.path.relpath(os.path.dirname(self.path("m.js")), self.folder())
        for place in (hooks, "shared_libs", "data/global/node_modules"):
            self.file(f"{place}/one.js", f"module.exports = 'one in {place}'")
        for place in ("shared_libs", "data/global/node_modules"):
            self.file(f"{place}/two.js", f"module.exports = 'two in {place}'")
        self.file("data/global/node_modules/three/package.json", '{"exports": "./main.js"}')
        self.file("data/global/node_modules/three/main.js", "module.exports = 'three'")
        self.file("shared_libs/os.js", "module.exports = 'an os of mine'")
        self.file("shared_libs/needs-axios.js", "module.exports = require('axios/package.json').version")
        # What lies in the hooks' folder and ends in .js is a hook, too, unless it is disabled.
        os.rename(self.path("one.js"), self.path(".one.js"))
        os.mkdir(self.path("one"))
        os.rename(self.path(".one.js"), self.path("one/.index.js"))
        self.file(f"{hooks}/one/package.json", '{"main": ".index.js"}')
        self.g.start()
        self.post()
        self.wait_for_log("MODULE_NOT_FOUND")
        log = self.g.log()
        for line in ("lodash 4.17.21 3", "moment 1970-01-01 2.30.1", "axios 0.21.4",
                     f"found one one in {hooks}", f"found ./one one in {hooks}",
                     "found two two in shared_libs", "found three three", "found os an os of mine",
                     "found needs-axios 0.21.4", "MODULE_NOT_FOUND Cannot find module 'nowhere' in "):
            self.assertIn(f"hook m.js: {line}", log)

    def test_process_and_bp(self):
        secrets = {"REDIS_OPTIONS": "sesame-1", "EXPOSED_NAME": "seen", "SECRET": "sesame-2",
                   "TZ": "Europe/Paris", "HTTP_PROXY": "http://127.0.0.1:9", "NODE_OPTIONS": ""}
        self.engine(start=False, env=secrets, externalUrl="https://tocsin.example")
        self.hook("p.js", """
            bp.logger.debug('deb'); bp.logger.info('inf', { a: 1 }); bp.logger.warn('war');
            bp.logger.attachError(new Error('boom')).error('err');
            console.log(JSON.stringify(process), printObject({ a: { b: 1 } }));
            console.log('all:' + JSON.stringify(require('process').env));
            console.error('to stderr');
            for (const use of [() => bp.events.on, () => bp.logger.loud, () => bp.kvs]) {
              try { use() } catch (e) { console.log('refused', e.message) }
            }
        """)
        self.hook("q.js", "const process = 2, require = 3, incident = 4\nconsole.log('own names')")
        self.g.start()
        self.post()
        self.wait_for_log("hook q.js: own names")
        log = self.g.log()
        seen = json.loads(re.search(r"hook p.js: (\{\"HOST.*\}) \{ a: \{ b", log)[1])
        self.assertEqual({k: v for k, v in self.g.environment().items()
                          if k in SEEN or k == "EXPOSED_NAME"}, seen["env"])
        self.assertEqual("seen", seen["env"]["EXPOSED_NAME"])
        self.assertEqual(("127.0.0.1", self.g.port, "https://tocsin.example", "", secrets["HTTP_PROXY"]),
                         tuple(seen[k] for k in ("HOST", "PORT", "EXTERNAL_URL", "ROOT_PATH", "PROXY")))
        self.assertIn("{ a: { b: 1 } }", log, "without its colours")
        self.assertNotIn("sesame", log)
        for line in ("info hook p.js: inf { a: 1 }", "warning hook p.js: war",
                     "error hook p.js: err", "error hook p.js: Error: boom",
                     "warning hook p.js: to stderr", "refused bp.events is not there",
                     "refused bp.logger.loud is not there", "docs/hooks.md"):
            self.assertIn(line, log)
        self.assertNotIn("hook p.js: deb", log, "below the level of the log")


    def test_names_of_the_sandbox_and_import(self):
        self.engine(start=False)
        self.hook("n.js", """#!/usr/bin/env node
            const { nanoid } = require('nanoid');
            console.log(nanoid(7).length, require('nanoid/package.json').version);
            console.log(module.exports === exports, __filename, __dirname, module.filename === __filename);
            if (require.main === module) console.log('not as a program');
            console.log((await import('./.lib.mjs')).text, (await import('lodash')).default.VERSION,
              (await import('shared')).default.text, typeof (await import('node:fs')).readFileSync,
              (await import('modern')).text);
            for (const name of ['nowhere', './nowhere.mjs'])
              await import(name).catch((e) => console.log(e.code));
            undefinedName
        """)
        self.hook(".lib.mjs", "export const text = 'a module'")
        self.file("shared_libs/shared.js", "exports.text = 'shared'")
        self.file("data/global/node_modules/modern/package.json",
                  '{"type": "module", "exports": {"import": "./main.js"}}')
        self.file("data/global/node_modules/modern/main.js", "export const text = 'modern'")
        self.g.start()
        self.post()
        self.wait_for_log("undefinedName is not defined")
        log, where = self.g.log(), self.path("n.js")
        for line in ("7 3.3.11", f"true {where} {os.path.dirname(where)} true",
                     "a module 4.17.21 shared function modern", "MODULE_NOT_FOUND",
                     "ERR_MODULE_NOT_FOUND", "ReferenceError: undefinedName is not defined"
                     f" (at {where}:11:13)"):
            self.assertIn(f"hook n.js: {line}", log)
        self.assertNotIn("not as a program", log)


class Files(Hooks):
    def test_order_disabled_and_changed(self):
        self.engine(start=False)
        for name in ("b.js", "z/a.js", "a/c.js", ".off.js", ".off/d.js", "e.txt"):
            self.hook(name, NOTE + f"note('{name}')")
        self.g.start()
        self.post()
        self.assertEqual(["z/a.js", "b.js", "a/c.js"], [r[0] for r in self.wait_runs(3)])
        os.rename(self.path("b.js"), self.path(".b.js"))
        self.hook("a/c.js", NOTE + "note('changed-' + require('lib').name)")
        self.file("shared_libs/lib.js", "exports.name = 'one'")
        self.hook("d.js", NOTE + "note('added')")
        self.post("b")
        self.assertEqual(["z/a.js", "changed-one", "added"], [r[0] for r in self.wait_runs(6)[3:]])
        self.file("shared_libs/lib.js", "exports.name = 'another'")
        self.post("c")
        self.assertEqual(["z/a.js", "changed-another", "added"],
                         [r[0] for r in self.wait_runs(9)[6:]])
        self.post("d")
        pids = [r[3] for r in self.wait_runs(12)]
        self.assertEqual(1, len(set(pids[:3])), "one process")
        self.assertEqual(1, len(set(pids[6:])), "a new one for what has changed only")
        e.wait_until("all is acknowledged", lambda: self.pending() == 0)

    def said(self, text):
        """What `alert.js` said of an event that comes now: all of these, and nothing before."""
        before = self.g.log().count("hook alert.js:")
        self.events = getattr(self, "events", 0) + 1
        self.post(f"h{self.events}")
        self.wait_for_log("hook alert.js:", before + 1)
        line = [x for x in self.g.log().splitlines() if "hook alert.js:" in x][before]
        self.assertEqual(text, line.split("hook alert.js: ")[1])

    USES = ("console.log('hook', %d, require('./text.js').text, require('shared').text, "
            "(await import('./text.mjs')).text, require('pack').text)")

    def write(self, folder, n):
        """A release of everything that a hook may load."""
        hooks = os.path.join(folder, "data/global/hooks/on_incident_status_changed")
        for name, text in (("alert.js", self.USES % n),
                           (".lib/deep.js", f"exports.text = 'helper {n}'"),
                           ("text.js", "exports.text = require('./.lib/deep').text"),
                           ("text.mjs", f"export const text = 'module {n}'")):
            self.home.file(os.path.join(hooks, name), text)
        os.rename(os.path.join(hooks, "text.js"), os.path.join(hooks, ".text.js"))
        os.makedirs(os.path.join(hooks, "text.js"))
        os.rename(os.path.join(hooks, ".text.js"), os.path.join(hooks, "text.js", ".text.js"))
        self.home.file(os.path.join(hooks, "text.js", "package.json"), '{"main": ".text.js"}')
        os.rename(os.path.join(hooks, ".lib"), os.path.join(hooks, "text.js", ".lib"))
        self.home.file(os.path.join(folder, "shared_libs/shared.js"), f"exports.text = 'shared {n}'")
        self.home.file(os.path.join(folder, "data/global/node_modules/pack/package.json"),
                       '{"main": "%s.js"}' % ("a" if n == 1 else "b"))
        for name in "ab":
            self.home.file(os.path.join(folder, f"data/global/node_modules/pack/{name}.js"),
                           f"exports.text = 'package {n}'")

    def test_each_event_runs_the_files_of_the_release_that_a_link_names_then(self):
        self.engine(start=False)
        releases = [os.path.join(self.home.path, "rel", str(n)) for n in (1, 2)]
        for n, folder in enumerate(releases, 1):
            self.write(folder, n)
            shutil.copy(self.g.config, os.path.join(folder, "data/global/"))
        shutil.rmtree(self.g.data)
        current = os.path.join(self.home.path, "current")
        os.symlink("rel/1", current)
        os.symlink(os.path.join(current, "data"), self.g.data)
        os.symlink(os.path.join(current, "shared_libs"), os.path.join(self.folder(), "shared_libs"))
        self.g.start()
        self.said("hook 1 helper 1 shared 1 module 1 package 1")
        os.symlink("rel/2", current + ".new")
        os.rename(current + ".new", current)  # the old release stays where it is
        self.said("hook 2 helper 2 shared 2 module 2 package 2")
        shutil.rmtree(releases[0])
        self.said("hook 2 helper 2 shared 2 module 2 package 2")

    def test_each_event_runs_the_files_of_the_configmap_that_is_mounted_then(self):
        self.engine(start=False)
        hooks = os.path.dirname(self.path("x"))
        names = ("alert.js", "text.mjs", "text.json")

        def mount(n):
            for name, text in zip(names, (
                    "console.log(require('./text.json').text, (await import('./text.mjs')).text)",
                    f"export const text = 'module {n}'", f'{{"text": "json {n}"}}')):
                self.home.file(os.path.join(hooks, f"..v{n}", name), text)
            os.symlink(f"..v{n}", os.path.join(hooks, "..new"))
            os.rename(os.path.join(hooks, "..new"), os.path.join(hooks, "..data"))
            shutil.rmtree(os.path.join(hooks, f"..v{n - 1}"), ignore_errors=True)
        mount(1)
        for name in names:
            os.symlink(f"..data/{name}", os.path.join(hooks, name))
        self.g.start()
        self.said("json 1 module 1")
        mount(2)
        self.said("json 2 module 2")
        mount(3)
        self.said("json 3 module 3")

    def test_data_that_a_hook_keeps_beside_itself_does_not_cost_it_its_process(self):
        self.engine(start=False)
        self.hook("alert.js", """
            const file = __dirname + '/state.json', fs = require('fs');
            const seen = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file)).seen + 1 : 1;
            fs.writeFileSync(file + '.new', JSON.stringify({ seen })); fs.renameSync(file + '.new', file);
            global.runs = (global.runs ?? 0) + 1; console.log(seen, global.runs)
        """)
        self.g.start()
        for n in (1, 2, 3):
            self.said(f"{n} {n}")

    def test_first_hook_added_later_begins_with_what_comes_then(self):
        self.engine()
        self.open_and_close("before")
        self.assertEqual([], self.groups(), "without hooks there is no group")
        self.hook("late.js", NOTE + "note('late')")
        e.wait_until("the group is made", lambda: "tocsin:hooks" in self.groups())
        self.open_and_close("after")
        self.assertEqual([("after", "opened"), ("after", "resolved")],
                         [tuple(r[1:3]) for r in self.wait_runs(2)])
        os.remove(self.path("late.js"))
        self.open_and_close("none")
        e.wait_until("what nobody runs is acknowledged", lambda: self.pending() == 0)
        self.assertEqual(2, len(self.runs()))

    def test_beside_a_config_in_a_folder_called_global(self):
        self.engine(start=False)
        self.hook("a.js", NOTE + "note('ran')")
        self.g.args = ["--config", self.g.config]
        words = self.g.command()
        at = words.index("--data-dir")
        del words[at:at + 2]
        self.g.command = lambda: words
        self.g.start()
        self.post()
        self.wait_runs(1)

    def test_without_node(self):
        self.engine(start=False)
        bin_folder = os.path.join(self.folder(), "bin")
        os.makedirs(bin_folder)
        os.symlink(shutil.which("redis-server"), os.path.join(bin_folder, "redis-server"))
        self.g.extra_env["PATH"] = bin_folder
        self.hook("alert.js", SAMPLE_HOOK)
        self.g.start()
        self.open_and_close()
        self.g.wait_ticks(6)
        self.assertEqual(1, self.g.log().count("node is not on PATH"), self.g.log())
        self.assertEqual([], self.groups())
        self.assertLess(self.g.stop(), 2)


class BadHook(Hooks):
    """A hook that misbehaves stands between two that do not."""

    def with_bad_hook(self, code, name="engine", **tocsin):
        self.engine(name, start=False, **tocsin)
        self.hook("a.js", NOTE + "note('first')")
        self.hook("b.js", NOTE + "note('bad');\n" + code)
        self.hook("c.js", NOTE + "note('last')")
        return self.g.start()

    def run_counts(self):
        out = {}
        for r in self.runs():
            out[r[0]] = out.get(r[0], 0) + 1
        return out


class Faults(BadHook):
    def test_throws(self):
        self.with_bad_hook("const x = {};\nx.y.z();\n")
        self.open_and_close()
        self.wait_runs(6)
        line = NOTE.count("\n") + 2
        self.wait_for_log(f"error hook b.js: TypeError: Cannot read properties of undefined (reading 'z') "
                          f"(at {self.path('b.js')}:{line + 1}:5)", 2)
        e.wait_until("all is acknowledged", lambda: self.pending() == 0)
        self.assertEqual({"first": 2, "bad": 2, "last": 2}, self.run_counts(), "not tried again")

    def test_no_javascript(self):
        self.engine(start=False)
        self.hook("a.js", "const a = 1\nconst = 2\n")
        self.hook("b.js", NOTE + "note('ran')")
        self.g.start()
        self.post()
        self.wait_runs(1)
        self.wait_for_log(f"error hook a.js: SyntaxError: Unexpected token '=' (at {self.path('a.js')}:2:7)")

    def test_promise_that_nobody_awaits_is_rejected(self):
        self.with_bad_hook("setTimeout(() => Promise.reject(new Error('stray')), 50);")
        self.post()
        self.wait_for_log("a promise that nobody awaits was rejected: Error: stray")
        self.post("b")
        self.wait_runs(6)
        self.assertEqual(1, len({r[3] for r in self.runs()}), "its process lives on")

    def test_never_settles(self):
        self.with_bad_hook("""
            setTimeout(() => note('left over'), 5000);
            await new Promise(() => {});
        """, hookTimeout="500ms")
        self.post()
        runs = self.wait_runs(3)
        self.wait_for_log("error hook b.js: took longer than tocsin.hookTimeout (500 ms): ended, and not "
                          "tried again")
        self.assertNotEqual(runs[1][3], runs[2][3], "the next one gets a new process")
        e.wait_until("it is acknowledged", lambda: self.pending() == 0)
        e.wait_until("the other one is gone", lambda: not os.path.exists(f"/proc/{runs[1][3]}/fd"))
        self.assertEqual({"first": 1, "bad": 1, "last": 1}, self.run_counts(), "nothing is left over")

    def test_prints_without_end(self):
        self.with_bad_hook("for (let i = 0; i < 100000; ++i) console.log('line', i)\n"
                           "console.log('x'.repeat(100000))")
        began = time.monotonic()
        self.post()
        self.wait_runs(3)
        self.open_and_close("b")
        self.wait_for_log("lines were left out: more than 200 a second")
        self.assertLess(len(self.g.log().splitlines()), 5000 + 200 * (time.monotonic() - began))
        self.assertLess(max(map(len, self.g.log().splitlines())), 4300)

    # In its group, in a session of its own, and there without a parent.
    DAEMONS = """
        for (const [command, detached] of [['sleep 1000', false], ['sleep 1000', true],
          ['setsid sh -c "sleep 1000 & echo" & exit 0', true]])
          require('child_process').spawn('sh', ['-c', command], { detached, stdio: 'ignore' }).unref();
    """

    def daemons(self):
        out = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    if (f.read() == b"sleep\x001000\0"
                            and os.readlink(f"/proc/{pid}/cwd") == self.folder()):
                        out.append(pid)
            except OSError:
                pass  # it has ended meanwhile
        return out

    def test_what_a_hook_started_ends_with_its_process(self):
        for name, rest, said in (
                ("hangs", "await new Promise(() => {})", "took longer than tocsin.hookTimeout"),
                ("exits", HOLD + "require('process').exit(3)", "exit code 3"),
                ("crashes", HOLD + "require('process').abort()", "signal 6"),
                ("stop", HOLD, None), ("kill", HOLD, None)):
            with self.subTest(name):
                self.with_bad_hook(self.DAEMONS + rest, name,
                                   hookTimeout="3s" if name == "hangs" else "1m")
                hold = self.file("hold")
                self.post()
                e.wait_until("they are there", lambda: len(self.daemons()) == 3)
                os.remove(self.path("b.js"))  # once is enough
                if name == "stop":
                    self.assertLess(self.g.stop(), 2)
                elif name == "kill":
                    self.g.kill()
                else:
                    os.remove(hold)
                    self.wait_for_log(said)
                e.wait_until("none is left", lambda: not self.daemons())
                if name not in ("stop", "kill"):
                    self.g.stop()

    def test_stop_while_a_hook_hangs(self):
        for code in ("await new Promise(() => {})", "for (;;);"):
            with self.subTest(code):
                self.with_bad_hook(code)
                seen = len(self.runs())
                self.post()
                pid = int(self.wait_runs(seen + 2)[-1][3])
                took = self.g.stop()
                print(f"stopped in {took:.2f} s", flush=True)
                self.assertLess(took, 2)
                e.wait_until("its process is gone", lambda: not os.path.exists(f"/proc/{pid}"))
                os.remove(os.path.join(self.folder(), "runs"))
                shutil.rmtree(self.g.state)


class Deadly(BadHook):
    """Hooks that end their process are tried five times, then given up; those beside them are run
    once. The pauses between the tries are long: all of them are tried at the same time."""

    CASES = {
        "exits": ("require('process').exit(3)", {}),
        "throws": ("setTimeout(() => { throw new RangeError('late') }, 1);\n"
                   "await new Promise((go) => setTimeout(go, 60000));", {"hookTimeout": "2m"}),
        "loops": ("for (;;);", {"hookTimeout": "1s"}),
        "eats": ("""
            const eaten = [];
            for (;;) {
              eaten.push(Buffer.alloc(4 << 20, 1));
              await new Promise((go) => setTimeout(go, 1));
            }
        """, {"hookMemory": "128MiB", "hookTimeout": "2m"}),
    }

    @classmethod
    def setUpClass(cls):
        cls.home, cls.engines = e.Home(cls.addClassCleanup), {}
        for name, (code, tocsin) in cls.CASES.items():
            case = cls()
            case.home = cls.home
            case.with_bad_hook(code, name, **tocsin)
            case.post()
            cls.engines[name] = case.g

    def dies(self, name, said):
        self.g = self.engines[name]
        self.wait_for_log(said, 1)
        letters = e.wait_until("it is a dead letter", self.dead_letters, timeout=90)
        e.wait_until("it is acknowledged", lambda: self.pending() == 0)
        self.assertEqual({"first": 1, "bad": 5, "last": 1}, self.run_counts())
        _, letter = letters[0]
        self.assertIn(f"b.js: {said}", str(letter))
        self.assertIn("'a'", str(letter))
        self.assertEqual([], [r for r in self.runs() if os.path.exists(f"/proc/{r[3]}/fd")
                              and r[0] == "bad"], "none of its processes is left")

    def dead_letters(self):
        with self.g.redis() as r:
            return r.stream("tocsin:{0}:hooks:dead")

    def test_exits(self):
        self.dies("exits", "the process ended: exit code 3")

    def test_throws_in_a_timer(self):
        self.dies("throws", "the process ended: RangeError: late (at ")

    def test_endless_loop(self):
        self.dies("loops", "it was still busy after tocsin.hookTimeout (1 second)")

    def test_eats_memory(self):
        self.dies("eats", "the process took more memory than tocsin.hookMemory (128 MiB)")


class Killed(Hooks):
    """SIGKILL between delivery and acknowledgement: delivered again, never skipped."""

    def setUp(self):
        super().setUp()
        self.engine(start=False)
        self.hook("a.js", NOTE + "note('begun');\n" + HOLD + "note('done')")
        self.g.start()

    def begin(self, host):
        seen = len(self.runs())
        self.file("hold")
        self.post(host)
        return int(self.wait_runs(seen + 1)[-1][3])

    def go_on(self):
        os.remove(os.path.join(self.folder(), "hold"))

    def done(self):
        return [tuple(r[1:3]) for r in self.runs() if r[0] == "done"]

    def test_the_engine(self):
        for i in range(3):
            pid = self.begin(f"h{i}")
            self.g.kill()
            e.wait_until("its hooks end with it", lambda p=pid: not os.path.exists(f"/proc/{p}"))
            self.assertNotIn((f"h{i}", "opened"), self.done())
            self.go_on()
            self.g.start()
            e.wait_until("it is delivered again", lambda n=i: (f"h{n}", "opened") in self.done())
        self.assertEqual([(f"h{i}", "opened") for i in range(3)], self.done())

    def test_the_process_that_runs_hooks(self):
        for i in range(3):
            pid = self.begin(f"h{i}")
            os.kill(pid, signal.SIGKILL)
            self.wait_for_log("the process ended: signal 9", i + 1)
            self.go_on()
            e.wait_until("it is delivered again", lambda n=i: (f"h{n}", "opened") in self.done())
        self.assertEqual([(f"h{i}", "opened") for i in range(3)], self.done())

    def test_at_any_time_under_load(self):
        """Every event was handled, in the order of the stream, some of them more than once."""
        self.hook("a.js", NOTE + "await new Promise((go) => setTimeout(go, 15))\nnote('done')")
        until = time.monotonic() + 6
        i = 0
        while time.monotonic() < until or len(self.g.incidents()) < 60:
            for n in range(20):
                self.assertEqual(202, self.g.post({"host": f"h{i}-{n}", "x": 99}).status)
            i += 1
            victim = self.runs()
            if i % 2 and victim:
                try:
                    os.kill(int(victim[-1][3]), signal.SIGKILL)
                except ProcessLookupError:
                    pass
            elif i % 2 == 0:
                self.g.kill()
                self.g.start()
            self.g.wait_ticks(1)
        self.g.wait_ticks(4)  # nothing is to come
        events = [(f["hostName"], f["event"]) for _, f in self.g.incidents()]
        e.wait_until("the last is handled", lambda: events[-1] in self.done(), 60)
        e.wait_until("all is acknowledged", lambda: self.pending() == 0)
        self.assertEqual(events, list(dict.fromkeys(self.done())))
        self.assertGreater(len(events), 50)
        print(f"{len(events)} events, {len(self.done())} deliveries", flush=True)


class Tried(Hooks):
    """`tocsin hooks test`, which needs no engine."""

    def setUp(self):
        super().setUp()
        self.engine(start=False)
        self.hook("a.js", "console.log(incident.hostName, incident.ruleName, !!incident.endTime)")

    def tool(self, *args):
        return self.g.tool("hooks", "test", "--data-dir", self.g.data, *args)

    def test_all_went_well(self):
        done = self.tool("--host", "web-1")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertRegex(done.stdout, r"opened `hot` on `web-1`\n  a\.js \| web-1 hot false\n"
                                      r"  a\.js: done in \d+ ms\n"
                                      r"resolved `hot` on `web-1`\n  a\.js \| web-1 hot true\n")

    def test_something_failed(self):
        self.hook("b.js", "if (incident.endTime) require('process').exit(4)\nnull.x")
        done = self.tool("--rule", "hot", "--json")
        self.assertEqual(1, done.returncode, done.stderr)
        got = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([("opened", "a.js", "done"), ("opened", "b.js", "threw"),
                          ("resolved", "a.js", "done"), ("resolved", "b.js", "died")],
                         [(g["event"], g["of"], g["outcome"]) for g in got])
        self.assertIn(f"(at {self.path('b.js')}:2:6)", got[1]["error"])
        self.assertIn("exit code 4", got[3]["error"])
        self.assertEqual([{"level": "info", "text": f"{os.uname().nodename} hot true"}], got[2]["output"])

    def test_names_what_it_passes_over(self):
        for name in ("b.mjs", "in/c.ts", "notes.txt", ".off.mjs"):
            self.hook(name, "")
        os.symlink("in", self.path("linked"))
        done = self.tool()
        self.assertEqual(0, done.returncode, done.stderr)
        for name in ("b.mjs", "in/c.ts", "linked"):
            self.assertRegex(done.stdout, f"(?m)^{name} is passed over: .")
        self.assertNotRegex(done.stdout, "notes|off")
        told = [json.loads(line) for line in self.tool("--json").stdout.splitlines()]
        self.assertEqual(["b.mjs", "in/c.ts", "linked"],
                         [t["of"] for t in told if t["outcome"] == "passed-over"])
        os.remove(self.path("a.js"))
        self.assertIn("b.mjs is passed over", self.tool().stdout)

    def test_webhooks_are_told_too(self):
        url, got = self.receiver()
        nobody = f"http://127.0.0.1:{e.free_port()}/"
        self.g.configure(e.config([e.rule("hot", "x")], webhooks=[{"name": "in", "url": url},
                                                                  {"name": "out", "url": nobody}]))
        done = self.tool("--json", "--host", "web-1")
        self.assertEqual(1, done.returncode, done.stderr)
        results = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([("a.js", "done"), ("webhook:in", "done"), ("webhook:out", "later")] * 2,
                         [(r["of"], r["outcome"]) for r in results])
        self.assertEqual(["opened", "resolved"], [g["event"] for g in got])
        self.assertEqual({"web-1"}, {g["incident"]["hostName"] for g in got})

    def test_nothing_to_test(self):
        for done, said in ((self.tool("--rule", "cold"), "there is no rule `cold`, but `hot`"),
                           (self.g.tool("hooks", "test", "--data-dir", self.folder()),
                            "there is no such file")):
            self.assertEqual(2, done.returncode, done.stdout)
            self.assertIn(said, done.stderr)
        os.remove(self.path("a.js"))
        done = self.tool()
        self.assertEqual(2, done.returncode)
        self.assertIn("no hook in " + os.path.dirname(self.path("a.js")), done.stderr)

    def test_without_node(self):
        self.g.extra_env["PATH"] = "/nowhere"
        done = self.tool()
        self.assertEqual(1, done.returncode)
        self.assertIn("node is not on PATH", done.stdout)


if __name__ == "__main__":
    e.main()
