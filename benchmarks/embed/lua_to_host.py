#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a call from Lua to the host costs, beside lua5.4 and LuaJIT and the same loop in C, in one interleaved run.

    benchmarks/embed/lua_to_host.py [--build DIR] [--repeat N]

Builds lua_to_host.c against the libraries in the build directory and against the peers' development packages (liblua5.4-dev,
libluajit-5.1-dev; a missing one is left out), runs the programs in turn, and prints the least of N runs: nanoseconds of a loop's iteration, and
times the loop in C. Exit status 1: a typed call takes more than twice the call through a pointer in C.
"""

import argparse
import pathlib
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CASES = ("add", "step", "length", "try_add")
TARGET = 2.0


def pkg_config(package):
    done = subprocess.run(["pkg-config", "--cflags", "--libs", package], capture_output=True, text=True, check=False)
    return shlex.split(done.stdout) if done.returncode == 0 else None


def ways_to_build(build):
    """Compiler arguments by host."""
    ways = {"perigee": ["-DPERIGEE", f"-I{ROOT / 'include'}", f"-L{build}", "-lperigee", f"-Wl,-rpath,{build}"]}
    for name, package, more in (("lua5.4", "lua5.4", []), ("luajit", "luajit", ["-DLUAJIT"])):
        flags = pkg_config(package)
        if flags is None:
            print(f"{name}: skipped (no {package}.pc)", file=sys.stderr)
        else:
            ways[name] = more + flags
    return ways


def build_hosts(build, folder):
    hosts = {}
    for name, flags in ways_to_build(build).items():
        hosts[name] = pathlib.Path(folder) / name
        subprocess.run(["cc", "-O2", str(HERE / "lua_to_host.c"), "-o", str(hosts[name]), *flags, "-lm"], check=True)
    return hosts


def least(hosts, repeat):
    """The least of all runs, by (host, way, case); the loop in C is of all hosts together."""
    best = {}
    for _ in range(repeat):
        for name, host in hosts.items():
            out = subprocess.run([str(host)], capture_output=True, text=True, timeout=600, check=True).stdout
            for line in out.splitlines():
                key, time = line.split()
                way, case = key.split("_", 1)
                where = ("", "c", case) if way == "c" else (name, way, case)
                best[where] = min(best.get(where, float("inf")), float(time))
    return best


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--build", default=str(ROOT / "build"))
    args.add_argument("--repeat", type=int, default=3)
    args = args.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        best = least(build_hosts(pathlib.Path(args.build).resolve(), folder), args.repeat)
    rows = sorted({(name, way) for name, way, _ in best if way != "c"}, key=lambda r: (r[1] != "typed", r[0] != "perigee", r[0]))
    print("| ns an iteration (times C) | " + " | ".join(CASES) + " |\n|---" + "|---:" * len(CASES) + "|")
    print("| C, through a pointer | " + " | ".join(f"{best['', 'c', case]:.1f}" for case in CASES) + " |")
    for name, way in rows:
        cells = [f"{best[name, way, c]:.1f} ({best[name, way, c] / best['', 'c', c]:.1f})" if (name, way, c) in best else "" for c in CASES]
        print(f"| {name}, {'typed' if way == 'typed' else 'lua_CFunction'} | " + " | ".join(cells) + " |")
    missed = [c for c in CASES if best["perigee", "typed", c] > TARGET * best["", "c", c]]
    if missed:
        print(f"more than {TARGET:g} times C: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
