"""What a page's script costs."""

import statistics
import sys
import time

LIMIT = 16  # ms, of a live update


def check_ticks(test, page, what, ticks, interval):
    """Fails where the median tick costs more than the limit, three times over: what else runs on the
    machine only ever adds to it, as the profiler counts what it is made to wait for."""
    for _ in range(3):
        spent = of_ticks(page, ticks, interval)
        median = statistics.median(spent)
        print(f"script of a live update, {what}, ms: median {median:.1f}, "
              f"all {', '.join(f'{v:.1f}' for v in spent)}", file=sys.stderr)
        if median < LIMIT:
            return
    test.fail(f"a live update of {what} costs {median:.1f} ms of script, and not {LIMIT}")


def of_ticks(page, ticks, interval):
    """Milliseconds of script in each interval (s), as the profiler of the browser sees it: the
    page's functions, and collecting what they threw away."""
    page.cdp("Profiler.enable")
    page.cdp("Profiler.setSamplingInterval", interval=500)
    spent = []
    for _ in range(ticks):
        page.cdp("Profiler.start")
        time.sleep(interval)  # what is measured is time itself
        profile = page.cdp("Profiler.stop")["profile"]
        names = {node["id"]: node["callFrame"]["functionName"] for node in profile["nodes"]}
        spent.append(sum(delta for at, delta in zip(profile["samples"], profile["timeDeltas"])
                         if names[at] not in ("(root)", "(idle)", "(program)")) / 1000)
    return spent
