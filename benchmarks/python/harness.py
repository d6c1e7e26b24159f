# SPDX-License-Identifier: MIT
"""The Python side of harness.lua: the same command line and the same lines, for the twins of the
seed list."""

import sys
import time


def main(run, check, setup=None):
    """run(n, state) -> result, check(result, n) -> bool. The arguments are SIZE [--reps=K]
    [--steady=S] [--min=K] [--hold]."""
    options = {"reps": 1, "steady": 0.0, "min": 1, "hold": False}
    size = 1
    for a in sys.argv[1:]:
        if a.startswith("--"):
            key, _, value = a[2:].partition("=")
            options[key] = float(value) if value else True
        else:
            size = int(a)
    state = setup(size) if setup else None
    reps, done, spent = int(options["reps"]), 0, 0.0
    print("start", size, reps, flush=True)
    while done < 1 or (done < options["min"] or spent < options["steady"]) and done < 2000:
        print("begin", flush=True)
        before = time.process_time()
        for _ in range(reps):
            result = run(size, state)
        cpu = time.process_time() - before
        done, spent = done + 1, spent + cpu
        print("iter %d %.6f -" % (done, cpu), flush=True)
        assert check(result, size), result
    print("ok", result, flush=True)
    if options["hold"]:
        sys.stdin.readline()
