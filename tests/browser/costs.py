"""What a page's script costs."""

import collections
import statistics
import sys

LIMIT = 16  # ms, of a live update
# Kinds of trace events, and what Chromium calls the stretches in which a page's script runs, or is
# cleaned up after.
KINDS = ("devtools.timeline", "v8", "v8.execute")
SCRIPT = {"EvaluateScript", "EventDispatch", "FireAnimationFrame", "FunctionCall", "MajorGC",
          "MinorGC", "RunMicrotasks", "TimerFire", "v8.callFunction"}


def check_ticks(test, page, what, ticks, interval):
    """Fails where the script of the median tick costs more than the limit: single ones cost half as
    much again where other tests share the processor's caches."""
    spent = of_ticks(page, ticks, interval)
    median = statistics.median(spent)
    print(f"script of a live update, {what}, ms: median {median:.1f}, "
          f"all {', '.join(f'{v:.1f}' for v in spent)}", file=sys.stderr)
    test.assertLess(median, LIMIT, what)


def of_ticks(page, ticks, interval):
    """Milliseconds of script in each interval (s), layouts that it asks for included: processor time
    of the page's thread, so that what a busy machine makes it wait for is not counted."""
    stretches = script_of(page.trace(KINDS, (ticks + 2) * interval))
    # An update begins with a tick: what is longest stands in the middle of its interval.
    width = interval * 1e6
    begin = max(stretches, key=lambda s: s["tdur"])["ts"] - width / 2
    spent = collections.Counter()
    for s in stretches:
        spent[(s["ts"] - begin) // width] += s["tdur"] / 1000
    # The first and the last were not seen whole.
    return [spent[k] for k in range(int(min(spent)) + 1, int(max(spent)))]


def script_of(trace):
    """The stretches of script of the page's thread that lie within no other one."""
    threads = {(v["pid"], v["tid"]) for v in trace if v["name"] == "thread_name"
               and v["args"]["name"] == "CrRendererMain"}
    found, end = [], 0
    for v in sorted((v for v in trace if (v["pid"], v["tid"]) in threads and v["ph"] == "X"
                     and v["name"] in SCRIPT), key=lambda v: v["ts"]):
        if v["ts"] >= end:
            found.append(v)
            end = v["ts"] + v["dur"]
    return found
