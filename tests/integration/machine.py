"""What `tocsin agent` and `tocsin serve` report of disks and interfaces, on a machine that the test
changes: a mount and a network namespace of its own, a file system on a loop device, a pair of
interfaces. Needs root; where that or a device is missing, tests are skipped and say so."""

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import engine as e
import load as l

CLONE_NEWNS, CLONE_NEWNET = 0x20000, 0x40000000
MNT_DETACH = 2
libc = ctypes.CDLL(None, use_errno=True)


def run(*words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout.strip()


def setUpModule():
    if libc.unshare(CLONE_NEWNS | CLONE_NEWNET) != 0:
        raise unittest.SkipTest(f"no namespaces here: {os.strerror(ctypes.get_errno())}")
    for words in (["mount", "--make-rprivate", "/"], ["ip", "link", "set", "lo", "up"]):
        code, said = run(*words)
        if code != 0:
            raise unittest.SkipTest(f"{' '.join(words)}: {said}")


class Machine(unittest.TestCase):
    def setUp(self):
        self.home = e.Home(self.addCleanup)
        self.port = e.free_port()

    def serve(self, rules=(), **more):
        args = ["--listen", f"127.0.0.1:{self.port}"]
        return e.Engine(self.home, e.config(list(rules), takeover="1s"), "server", args=args,
                        **more).start()

    def agent(self):
        self.agent_log = os.path.join(self.home.path, "agent.log")
        with open(self.agent_log, "wb") as log:
            return self.home.run([e.BINARY, "agent", "--to", f"http://127.0.0.1:{self.port}",
                                  "--interval", "250ms", "--host", "far"], stderr=log, stdout=log,
                                 cwd=self.home.path, env=e.clean_environment())

    def log_of(self, g, host="far"):
        with g.redis() as r:
            samples = [s for s in l.read_log(r) if s["host"] == host and not s.get("gone")]
        return [flat(s) for s in sorted(samples, key=lambda s: s["ts"])]

    def unmount_later(self, path):
        self.addCleanup(libc.umount2, path.encode(), MNT_DETACH)

    def disk(self, name):
        """A file system of 16 MiB with 1,024 inodes on a loop device, mounted."""
        image, point = self.home.file("image", ""), os.path.join(self.home.path, name)
        os.truncate(image, 16 << 20)
        os.mkdir(point)
        for words in (["mkfs.ext4", "-q", "-F", "-N", "1024", image],
                      ["mount", "-o", "loop", image, point]):
            code, said = run(*words) if shutil.which(words[0]) else (1, "is not here")
            if code != 0:
                self.skipTest(f"{' '.join(words)}: {said}")
        self.unmount_later(point)
        return point

    def interfaces(self, *names):
        code, said = run("ip", "link", "add", names[0], "type", "veth", "peer", "name", names[1])
        if code != 0:
            self.skipTest(f"no pair of interfaces here: {said}")
        self.addCleanup(run, "ip", "link", "delete", names[0])
        for name in names:
            self.assertEqual((0, ""), run("ip", "link", "set", name, "up"))

    def test_a_disk_that_fills(self):
        point = self.disk("a disk")
        usage, inodes = f"disk.usage.{point}", f"disk.inodes.{point}"
        g = self.serve([e.rule("full", usage, "last", value=60)])
        again = os.path.join(self.home.path, "the same disk again")
        os.mkdir(again)
        self.assertEqual((0, ""), run("mount", "--bind", point, again))
        self.unmount_later(again)
        self.agent()
        first = e.wait_until("it reports the disk", lambda: [s for s in self.log_of(g)
                                                             if usage in s])[0]
        self.assertAlmostEqual(used(point)[0], first[usage], delta=0.01)
        self.assertAlmostEqual(used(point)[1], first[inodes], delta=0.01)
        self.assertLess(first[usage], 20)
        with open(os.path.join(point, "large"), "wb") as f:
            f.write(b"x" * (10 << 20))
            f.flush()
            os.fsync(f.fileno())
        for i in range(500):
            open(os.path.join(point, f"small-{i}"), "w").close()
        os.sync()
        full = used(point)
        self.assertGreater(full[0], 60)
        self.assertGreater(full[1], 45)
        e.wait_until("it reports what df says",
                     lambda: abs(self.log_of(g)[-1][usage] - full[0]) <= 0.01
                     and abs(self.log_of(g)[-1][inodes] - full[1]) <= 0.01)
        g.wait_incident(hostName="far", event="opened", ruleName="full")
        samples = self.log_of(g)
        self.assertFalse([f for s in samples for f in s if again in f])
        self.assertFalse([f for s in samples for f in s if "/proc" in f or "/sys" in f])
        os.remove(os.path.join(point, "large"))
        g.wait_incident(hostName="far", event="resolved", ruleName="full")
        libc.umount2(again.encode(), MNT_DETACH)
        libc.umount2(point.encode(), MNT_DETACH)
        e.wait_until("the disk is gone", lambda: usage not in self.log_of(g)[-1])

    def test_interfaces_and_their_rates(self):
        # The second name would lie below the first, were fields made of parts.
        self.interfaces("up.1", "up.1.5")
        g = self.serve()
        self.agent()
        sends, hears = "net.transmit.up.1", "net.receive.up.1.5"
        e.wait_until("it reports", lambda: [s for s in self.log_of(g) if sends in s])
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
            raw.bind(("up.1", 0))
            frame = b"\xff" * 6 + b"\x02" + bytes(5) + b"\x88\xb5" + bytes(986)
            for _ in range(5000):
                raw.send(frame)

        def bytes_of(field):
            samples = self.log_of(g)
            return sum(b.get(field, 0) * (b["ts"] - a["ts"]) / 1000
                       for a, b in zip(samples, samples[1:]))

        for field in (sends, hears):
            e.wait_until(f"{field} tells of what was sent",
                         lambda field=field: bytes_of(field) > 4_000_000)
            self.assertLess(bytes_of(field), 6_500_000)
        fields = set().union(*self.log_of(g))
        self.assertFalse([f for f in fields if f.startswith("net.") and f.endswith(".lo")])
        run("ip", "link", "set", "up.1.5", "down")
        e.wait_until("what is down is not reported", lambda: hears not in self.log_of(g)[-1])

    def test_a_file_system_that_never_answers_holds_nothing_up(self):
        point = os.path.join(self.home.path, "dead")
        os.mkdir(point)
        try:
            nobody = os.open("/dev/fuse", os.O_RDWR)
        except OSError as why:
            self.skipTest(f"/dev/fuse: {why}")
        self.addCleanup(os.close, nobody)
        how = f"fd={nobody},rootmode=40000,user_id=0,group_id=0"
        if libc.mount(b"dead", point.encode(), b"fuse", 0, how.encode()) != 0:
            self.skipTest(f"no FUSE here: {os.strerror(ctypes.get_errno())}")
        self.unmount_later(point)
        g = self.serve()
        agent = self.agent()
        e.wait_until("it reports", lambda: len(self.log_of(g)) >= 6)
        self.assertFalse([f for s in self.log_of(g) for f in s if point in f])
        agent.terminate()
        self.assertEqual(0, agent.wait(e.PATIENCE))

    def test_the_engines_own_machine(self):
        point = self.disk("disk")
        g = self.serve(local=True)
        sample = e.wait_until("it reports", lambda: [s for s in self.log_of(g, "server")
                                                     if f"disk.usage.{point}" in s])[-1]
        for field in ("cpu.usage", "mem.usage", "mem.free", "uptime", "load.1m", "load.perCore",
                      f"disk.inodes.{point}"):
            self.assertIn(field, sample)
        load, per_core = sample["load.1m"], sample["load.perCore"]
        self.assertAlmostEqual(load / os.cpu_count(), per_core, delta=0.01)


def used(point):
    """% of the blocks and of the inodes, as df has them."""
    s = os.statvfs(point)
    blocks = s.f_blocks - s.f_bfree
    return (100 * blocks / (blocks + s.f_bavail), 100 * (s.f_files - s.f_ffree) / s.f_files)


def flat(sample, prefix=""):
    out = {}
    for key, value in sample.items():
        if isinstance(value, dict):
            out |= flat(value, prefix + key + ".")
        else:
            out[prefix + key] = value
    return out


if __name__ == "__main__":
    e.main()
