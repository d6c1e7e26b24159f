#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPU time of first baseline compilations, by the size of the function.

    benchmarks/compile/run.py [--perigee BIN] [--repeat N] [PROGRAM ...]

Runs the benchmark programs with their small sizes, everything compiled in place at the second use (`--tier=baseline --thresholds=2,1000000000
--jit-sync`), and reads `--dump=bc` and `--trace-tiers`. Of each function the least of N runs counts: whatever disturbs a run makes it longer.
The line through all functions tells what a function costs and what a bytecode costs; the target is 3 ms for 100 bytecodes.
"""

import argparse
import collections
import os
import pathlib
import re
import statistics
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
OPTIONS = "tier=baseline thresholds=2,1000000000 jit-sync"
GROUPS = ((1, 20), (20, 50), (50, 80), (80, 10**9), (50, 10**9))
SIZE = re.compile(r"^function <(.+):(\d+),\d+> \((\d+) instructions\)", re.M)
TIME = re.compile(r"installed +baseline +(.+):(\d+), .*?([\d.]+) ms")

Compilation = collections.namedtuple("Compilation", "bytecodes ms")


def output(binary, program, option):
    environment = dict(os.environ, PERIGEE_OPTIONS=OPTIONS)
    done = subprocess.run([binary, option, str(program), "--quick"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{program}: {done.stdout.decode(errors='replace')[-500:]}")
    return done.stdout.decode(errors="replace")


def first_times(trace):
    """Milliseconds of the first compilation of each function; later ones are made of other profiles."""
    times = {}
    for name, line, ms in TIME.findall(trace):
        times.setdefault((os.path.basename(name), line), float(ms))
    return times


def measure(binary, program, repeat):
    """The compilations of a program's own functions."""
    dump = output(binary, program, "--dump=bc")
    sizes = {(os.path.basename(name), line): int(n) for name, line, n in SIZE.findall(dump)}
    runs = [first_times(output(binary, program, "--trace-tiers")) for _ in range(repeat)]
    own = [f for f in runs[0] if f in sizes and f[0] == program.name]
    return [Compilation(sizes[f], min(r[f] for r in runs if f in r)) for f in own]


def line_through(points):
    """Least squares: milliseconds of a function, and of 100 bytecodes."""
    slope, begin = statistics.linear_regression([p.bytecodes for p in points], [p.ms for p in points])
    return begin, slope * 100


def print_groups(points):
    print(f"{'bytecodes':>12} {'functions':>9} {'ms, median':>11} {'per 100 bytecodes, median':>26}")
    for low, high in GROUPS:
        group = [p for p in points if low <= p.bytecodes < high]
        if not group:
            continue
        name = f"{low} to {high - 1}" if high < 10**9 else f"{low} or more"
        per = statistics.median(p.ms / p.bytecodes * 100 for p in group)
        print(f"{name:>12} {len(group):>9} {statistics.median(p.ms for p in group):>11.2f} {per:>26.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--perigee", default=str(HERE.parents[1] / "build" / "perigee"))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("programs", nargs="*", type=pathlib.Path)
    args = parser.parse_args()
    programs = args.programs or sorted((HERE.parent / "programs").glob("*.lua"))
    points = [p for program in programs for p in measure(args.perigee, program.resolve(), args.repeat)]
    if len(points) < 2:
        raise SystemExit("too few functions were compiled")
    print_groups(points)
    begin, slope = line_through(points)
    print(f"\nall {len(points)}: {begin:.2f} ms a function and {slope:.2f} ms for 100 bytecodes; a function of 100 bytecodes: {begin + slope:.2f} ms")


if __name__ == "__main__":
    main()
