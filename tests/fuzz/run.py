#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compare two implementations on random programs.

    tests/fuzz/run.py --perigee BIN [--reference BIN] [--options "a=1 b"] [--kind K] [--seed S] [--count N | --seconds T] [--save DIR]

Program number k is made from seed S + k: by generate.py (--kind changes: everything changes all the time), or by kernels.py (--kind
kernels: hot functions, disturbed now and then). A program fails when output or exit status differ; it is then saved as DIR/SEED.lua with both
outputs beside it, and its seed is printed. --reference self: the same binary's interpreter. Exit status 1 when any failed.
"""

import argparse
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import generate
import kernels

KINDS = {"changes": generate.Generator, "kernels": kernels.Generator}

TIMEOUT = 60
MEMORY = 4 << 30  # a program whose reference run takes more, or longer than TIMEOUT, is left out


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def outcome(binary, script, options=""):
    env = dict(os.environ, PERIGEE_OPTIONS=options)
    try:
        done = subprocess.run([binary, script.name], cwd=script.parent, env=env, capture_output=True, timeout=TIMEOUT, preexec_fn=limit_memory)
    except subprocess.TimeoutExpired:
        return b"", "timeout", b""
    return done.stdout, done.returncode, done.stderr


def first_difference(a, b):
    for n, (x, y) in enumerate(zip(a.split(b"\n"), b.split(b"\n")), 1):
        if x != y:
            return f"line {n}: expected {x[:200]!r}, got {y[:200]!r}"
    return "one output is longer"


def explain(expected, actual):
    if expected[0] != actual[0]:
        return first_difference(expected[0], actual[0])
    return f"status {actual[1]} instead of {expected[1]}: {actual[2][-300:]!r}"


def save(directory, seed, text, expected, actual):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{seed}.lua").write_text(text)
    for suffix, (out, _, err) in (("expected", expected), ("actual", actual)):
        (directory / f"{seed}.{suffix}").write_bytes(out + err)


def check(seed, args, folder):
    """Whether both implementations agree on the program of this seed."""
    text = KINDS[args.kind](seed).program()
    script = folder / "program.lua"
    script.write_text(text)
    expected = outcome(args.perigee, script, "tier=interp") if args.reference == "self" else outcome(args.reference, script)
    if expected[1] == "timeout" or b"not enough memory" in expected[0] + expected[2]:
        return True
    actual = outcome(args.perigee, script, args.options)
    if expected[:2] == actual[:2]:
        return True
    print(f"seed {seed}: {explain(expected, actual)}", flush=True)
    save(args.save, seed, text, expected, actual)
    return False


def parse_arguments():
    parser = argparse.ArgumentParser(description="Compare two implementations on random programs.")
    parser.add_argument("--perigee", default="build/perigee")
    parser.add_argument("--reference", default="lua5.4")
    parser.add_argument("--options", default="")
    parser.add_argument("--kind", choices=KINDS, default="changes")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--save", type=pathlib.Path, default=pathlib.Path("fuzz-failures"))
    args = parser.parse_args()
    for name in ("perigee", "reference"):
        if os.sep in getattr(args, name):
            setattr(args, name, os.path.abspath(getattr(args, name)))
    return args


def main():
    args = parse_arguments()
    end = time.monotonic() + args.seconds if args.seconds else None
    failed = done = 0
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end if end else done < args.count:
            failed += not check(args.seed + done, args, pathlib.Path(folder))
            done += 1
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{done} programs ({args.kind}) from seed {args.seed}, {used.ru_utime + used.ru_stime:.0f} s of CPU time")
    print(f"{done - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
