"""What a page's script costs."""

import time


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
