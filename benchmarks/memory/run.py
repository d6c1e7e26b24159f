#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measure memory and the collector beside a reference Lua, in one interleaved run; the tables of docs/memory.md.

    benchmarks/memory/run.py [--perigee BIN] [--reference BIN] [--build DIR] [--repeat N] [size] [collector] [pause] [bounded] [CASE ...]

Each figure is the median of N runs, each run a process of its own, Perigee and the reference in turn. `--build` is the build directory whose
static libraries gc_host.c is linked with; with it the collector's own clock is reported too. Targets that are missed are marked `<`.
"""

import argparse
import glob
import pathlib
import statistics
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SECTIONS = ("size", "collector", "pause", "bounded")
FLOORS = ("base", "object", "profile", "state", "code", "api")
TIMEOUT = 300


def run(command):
    """What a script printed, a dictionary of numbers."""
    done = subprocess.run([str(c) for c in command], cwd=HERE, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    pairs = (line.split() for line in done.stdout.splitlines())
    return {name: float(value) for name, value in pairs}


def medians(commands, repeat):
    """Runs the commands in turn, `repeat` times over; for each a dictionary of medians."""
    runs = [[run(c) for c in commands] for _ in range(repeat)]
    return [{k: statistics.median(r[i][k] for r in runs) for k in runs[0][i]} for i in range(len(commands))]


def names_of(binary, script):
    return subprocess.run([binary, script], cwd=HERE, capture_output=True, text=True, check=True).stdout.split()


def build_host(build, folder):
    """gc_host.c with the floors of a build directory; None when there is none."""
    floors = [pathlib.Path(build) / "runtime" / f"libperigee_{name}.a" for name in FLOORS]
    if not all(f.exists() for f in floors):
        return None
    host = pathlib.Path(folder) / "gc_host"
    includes = [f"-I{ROOT / d}" for d in ("include", "runtime", ".")]
    subprocess.run(["cc", "-std=gnu11", "-O2", "-D_GNU_SOURCE", *includes, str(HERE / "gc_host.c"), "-Wl,--whole-archive", *map(str, floors),
                    *glob.glob(str(pathlib.Path(build) / "runtime" / "libperigee_lib.a")), "-Wl,--no-whole-archive", "-rdynamic", "-lm", "-ldl",
                    "-o", str(host)], check=True)
    return host


def wanted(args, names):
    return [n for n in names if not args.cases or n in args.cases]


def mark(missed):
    return " <" if missed else ""


def size_limit(name, reference):
    """Most bytes by count: 8.1 an element and the slack of doubling for typed arrays, the reference's for all else."""
    if name in ("array_ints_full", "array_floats_full"):
        return 8.1
    if name in ("array_ints", "array_floats"):
        return 8.1 * (1 << 20) / 1000000
    return reference + 0.5


def size(args, _host):
    print("| bytes per item | count | reference | peak RSS | reference |\n|---|---|---|---|---|")
    for name in wanted(args, names_of(args.perigee, "size.lua")):
        ours, theirs = medians([[b, "size.lua", name] for b in (args.perigee, args.reference)], args.repeat)
        missed = ours["count"] > size_limit(name, theirs["count"])
        print(f"| {name} | {ours['count']:.1f}{mark(missed)} | {theirs['count']:.1f} | {ours['peak']:.1f} | {theirs['peak']:.1f} |", flush=True)


def collector(args, host):
    modes = ("stopped", "incremental", "generational")
    binaries = [args.perigee, args.reference] + ([host] if host else [])
    commands = [[b, "churn.lua", m] for b in binaries for m in modes]
    if args.cases and "churn" not in args.cases:
        return
    results = medians(commands, args.repeat)
    print("| 100 MB live, 6 million objects | stopped | incremental | generational | collector, incremental | generational | ratio |\n|---|---|---|---|---|---|---|")
    for i, label in enumerate(["perigee", "reference", "perigee, own clock"][: len(binaries)]):
        stopped, inc, gen = results[3 * i : 3 * i + 3]
        cost = [r.get("collector_s", r["seconds"] - stopped["seconds"]) for r in (inc, gen)]
        ratio = cost[1] / cost[0] if cost[0] > 0 else float("nan")
        print(f"| {label} | {stopped['seconds']:.2f} s | {inc['seconds']:.2f} s | {gen['seconds']:.2f} s | {cost[0]:.3f} s | {cost[1]:.3f} s | "
              f"{ratio:.2f}{mark(label != 'reference' and ratio > 0.6)} |")


def pause(args, host):
    print("| longest pause, ms | mode | perigee | reference | longest step | atomic |\n|---|---|---|---|---|---|")
    for name in wanted(args, names_of(args.perigee, "pause.lua")):
        for mode in ("incremental", "generational"):
            binaries = [args.perigee, args.reference] + ([host] if host else [])
            results = medians([[b, "pause.lua", name, mode] for b in binaries], args.repeat)
            own = results[2] if host else {"longest_step_ms": float("nan"), "longest_atomic_ms": float("nan")}
            print(f"| {name} | {mode} | {results[0]['longest']:.2f}{mark(results[0]['longest'] > 1)} | {results[1]['longest']:.2f} | "
                  f"{own['longest_step_ms']:.2f} | {own['longest_atomic_ms']:.2f} |", flush=True)


def bounded(args, _host):
    print("| a million of | in use after 10⁵ | after 10⁶ | highest | time | reference: after 10⁶ | highest | time |\n|---|---|---|---|---|---|---|---|")
    for name in wanted(args, ("metatables", "sequences", "orders")):
        ours, theirs = medians([[b, "bounded.lua", name] for b in (args.perigee, args.reference)], args.repeat)
        missed = ours["end"] > 1.2 * ours["early"] + 256
        print(f"| {name} | {ours['early']:.0f} kB | {ours['end']:.0f} kB{mark(missed)} | {ours['highest']:.0f} kB | {ours['seconds']:.2f} s | "
              f"{theirs['end']:.0f} kB | {theirs['highest']:.0f} kB | {theirs['seconds']:.2f} s |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--perigee", default=str(ROOT / "build" / "perigee"))
    parser.add_argument("--reference", default="lua5.4")
    parser.add_argument("--build", default=str(ROOT / "build"))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("what", nargs="*", help=f"sections ({', '.join(SECTIONS)}) and cases; default all")
    args = parser.parse_args()
    sections = [s for s in SECTIONS if s in args.what] or SECTIONS
    args.cases = [w for w in args.what if w not in SECTIONS]
    with tempfile.TemporaryDirectory() as folder:
        host = build_host(args.build, folder) if {"collector", "pause"} & set(sections) else None
        for section in sections:
            globals()[section](args, host)
            print()


if __name__ == "__main__":
    main()
