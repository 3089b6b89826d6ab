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
    """Fails where the script of the median tick costs more than the limit (single ones cost half as
    much again where other tests share the processor's caches), or where what is drawn has the page
    laid out first: that costs more than all the rest, and is done once more after it."""
    trace = page.trace(KINDS, (ticks + 2) * interval)
    spent = of_ticks(script_of(trace), interval)
    median = statistics.median(spent)
    print(f"script of a live update, {what}, ms: median {median:.1f}, "
          f"all {', '.join(f'{v:.1f}' for v in spent)}", file=sys.stderr)
    test.assertLess(median, LIMIT, what)
    test.assertEqual(asked_layouts(trace), [], f"{what}: ms of layouts within drawing")


def of_ticks(stretches, interval):
    """Milliseconds of script in each interval (s), layouts that it asks for included: processor time
    of the page's thread, so that what a busy machine makes it wait for is not counted."""
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
    found, end = [], 0
    for v in on_page(trace, SCRIPT):
        if v["ts"] >= end:
            found.append(v)
            end = v["ts"] + v["dur"]
    return found


def asked_layouts(trace):
    """Milliseconds of each layout that a frame's script asked for."""
    frames = on_page(trace, {"FireAnimationFrame"})
    return [v["tdur"] / 1000 for v in on_page(trace, {"Layout"})
            if any(f["ts"] <= v["ts"] < f["ts"] + f["dur"] for f in frames)]


def on_page(trace, names):
    """The stretches of those names in the page's thread, in order of time."""
    threads = {(v["pid"], v["tid"]) for v in trace if v["name"] == "thread_name"
               and v["args"]["name"] == "CrRendererMain"}
    return sorted((v for v in trace if (v["pid"], v["tid"]) in threads and v["ph"] == "X"
                   and v["name"] in names), key=lambda v: v["ts"])
