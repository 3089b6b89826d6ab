#!/usr/bin/env python3
"""Random scenarios through the model and through `tocsin replay`: the events must be the same, in order, numbers as numbers.

Usage: fuzz.py TOCSIN [--seeds A-B] [--keep DIR]. For each seed that differs it prints the first difference and keeps the case, in the shape of a
conformance case with the events of the model, in DIR/seed-N (default: a new temporary folder). Exits 1 if any differs.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import generate
import model

TIMEOUT_S = 60


def replay(tocsin, folder):
    """The events of the engine, or what went wrong."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("BP_CONFIG_", "TOCSIN_"))}
    try:
        done = subprocess.run([tocsin, "replay", "--config", folder / "config.json", "--samples", folder / "samples.ndjson"],
                              capture_output=True, timeout=TIMEOUT_S, env=plain)
    except subprocess.TimeoutExpired:
        return None, f"not done after {TIMEOUT_S} s"
    if done.returncode != 0:
        return None, f"exit {done.returncode}: {done.stderr.decode('utf-8', 'replace').strip()[-300:]}"
    try:
        return [json.loads(line) for line in done.stdout.decode("utf-8").split("\n") if line.strip()], None
    except ValueError as fault:
        return None, f"output is not JSON in UTF-8: {fault}"


def difference(got, want):
    """The first difference between two lists of events, or None."""
    for i, (g, w) in enumerate(zip(got, want)):
        if g != w:
            keys = [key for key in {**w, **g} if g.get(key) != w.get(key)]
            return f"event {i}: {', '.join(keys)} differ\n  got      {json.dumps(g)}\n  expected {json.dumps(w)}"
    if len(got) > len(want):
        return f"event {len(want)} is one too many: {json.dumps(got[len(want)])}"
    if len(got) < len(want):
        return f"event {len(got)} is missing: {json.dumps(want[len(got)])}"
    return None


def write_case(folder, config, samples, events):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(config, encoding="utf-8")
    (folder / "samples.ndjson").write_bytes(samples)
    (folder / "events.ndjson").write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")


def run_seed(tocsin, seed, scratch, keep):
    config, samples = generate.generate(seed)
    want = model.replay(config, samples)
    write_case(scratch, config, samples, want)
    got, fault = replay(tocsin, scratch)
    fault = fault or difference(got, want)
    if fault:
        kept = keep / f"seed-{seed}"
        write_case(kept, config, samples, want)
        print(f"seed {seed}: {fault}\n  kept in {kept}", flush=True)
    return not fault


def main():
    parser = argparse.ArgumentParser(description="compares tocsin replay with the model")
    parser.add_argument("tocsin")
    parser.add_argument("--seeds", default="1-200", metavar="A-B")
    parser.add_argument("--keep", type=pathlib.Path, metavar="DIR")
    chosen = parser.parse_args()
    first, _, last = chosen.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    keep = chosen.keep or pathlib.Path(tempfile.mkdtemp(prefix="tocsin-fuzz-"))
    with tempfile.TemporaryDirectory() as scratch:
        passed = sum(run_seed(chosen.tocsin, seed, pathlib.Path(scratch), keep) for seed in seeds)
    failed = len(seeds) - passed
    if not chosen.keep and not failed:
        keep.rmdir()
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
