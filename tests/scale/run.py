#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run the programs of this folder with two implementations; print time and peak memory side by side.

    tests/scale/run.py [--perigee BIN] [--reference BIN] [--repeat N] [--limit GB] [NAME ...]

Each program prints what it computed; outputs must be equal. A line is marked `<` where time or memory is more than MARGIN
times the reference's. Exit status 1 when outputs differ or a program failed.
"""

import argparse
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
MARGIN = 1.2
TIMEOUT = 600


def limit_memory(gigabytes):
    resource.setrlimit(resource.RLIMIT_AS, (int(gigabytes * 2**30),) * 2)


def measure(binary, script, limit):
    """Output, status, CPU seconds, peak megabytes of one run."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen([binary, script.name], cwd=HERE, stdout=out, stderr=subprocess.STDOUT, preexec_fn=lambda: limit_memory(limit))
        deadline = time.monotonic() + TIMEOUT
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                child.kill()
            time.sleep(0.005)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return out.read(), child.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def best(binary, script, args):
    runs = [measure(binary, script, args.limit) for _ in range(args.repeat)]
    return runs[0][0], runs[0][1], min(r[2] for r in runs), min(r[3] for r in runs)


def compare(script, args):
    """Prints the program's line; whether it held."""
    wanted, wanted_status, wanted_time, wanted_memory = best(args.reference, script, args)
    got, status, seconds, memory = best(args.perigee, script, args)
    same = wanted == got and wanted_status == status
    slow = seconds > wanted_time * MARGIN + 0.02
    large = memory > wanted_memory * MARGIN + 2
    print(f"{script.stem:20} {seconds:8.2f} {wanted_time:8.2f} {seconds / max(wanted_time, 1e-3):6.2f}{'<' if slow else ' '}"
          f"{memory:10.1f} {wanted_memory:8.1f} {memory / max(wanted_memory, 1):6.2f}{'<' if large else ' '}  {'' if same else 'DIFFERENT'}", flush=True)
    if not same:
        print(f"  status {status}, expected {wanted_status}")
        for x, y in zip(wanted.splitlines(), got.splitlines()):
            if x != y:
                print(f"  expected {x[:300]!r}\n  actual   {y[:300]!r}")
                break
    return same


def main():
    parser = argparse.ArgumentParser(description="Time and peak memory of large programs, side by side.")
    parser.add_argument("--perigee", default="build/perigee")
    parser.add_argument("--reference", default="lua5.4")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--limit", type=float, default=8, help="address space, GB")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    for name in ("perigee", "reference"):
        if os.sep in getattr(args, name):
            setattr(args, name, os.path.abspath(getattr(args, name)))
    scripts = [s for s in sorted(HERE.glob("*.lua")) if not args.names or s.stem in args.names]
    print(f"{'':20} {'perigee':>8} {'ref':>8} {'ratio':>6} {'MB':>10} {'ref':>8} {'ratio':>6}")
    held = [compare(script, args) for script in scripts]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
