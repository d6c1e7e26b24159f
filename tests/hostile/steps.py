#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Instruction, locals and count at step N are the same in every tier.

    tests/hostile/steps.py --stepper BUILD/tests/hostile_steps [--steps N] [--seed S] [NAME ...]

Chooses N random steps over the programs of examples/ and tests/lang/, has the stepper (stepper.c) stop there in
each tier, and compares what it prints with what the interpreter prints.
"""

import argparse
import pathlib
import random
import re
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
MODES = ["tier=baseline thresholds=1,1000000 jit-sync", "thresholds=3,10 jit-sync", "thresholds=1,2 jit-sync", "thresholds=2,5 jit-sync fail-guard=7", "tier=baseline thresholds=20,1000000 jit-sync"]
INTERPRETER = "tier=interp"
SEED = "seed=1"  # pairs() goes by hashes
# names of files, tiers, and the addresses of keys show in what they compute
LEFT_OUT = {"lib_io", "lib_os", "jit_module", "table_next"}
MOST = 3_000_000  # steps into a program
PER_PROCESS = 20


def stops(stepper, script, steps, options):
    try:
        p = subprocess.run([str(stepper), script.name] + [str(n) for n in steps], cwd=script.parent, timeout=120,
                           env={"PERIGEE_OPTIONS": f"{options} {SEED}", "PATH": "/usr/bin:/bin"}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE)
    except subprocess.TimeoutExpired:
        return None
    text = p.stdout.decode(errors="replace")
    return re.split(r"(?<=\n)(?=step \d+ status)", text) if p.returncode == 0 else [text + f"status {p.returncode}"]


def length_of(stepper, script):
    """How many steps the whole program makes; 0: it is not fit for this test."""
    first, second = (stops(stepper, script, [MOST], INTERPRETER) for _ in range(2))
    if first is None or first != second:
        return 0
    used = re.search(r"used (\d+)", first[-1])
    return int(used[1]) if used else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stepper", required=True, type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=1050)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    stepper = args.stepper.resolve()
    scripts = sorted((TESTS.parent / "examples").glob("*.lua")) + sorted((TESTS / "lang").glob("*.lua"))
    scripts = [s for s in scripts if (not args.names or s.stem in args.names) and s.stem not in LEFT_OUT]
    chosen = random.Random(args.seed)
    lengths = {}
    plan = {}
    for _ in range(args.steps):
        script = chosen.choice(scripts)
        if script not in lengths:
            lengths[script] = length_of(stepper, script)
        if lengths[script] > 1:
            plan.setdefault(script, []).append(chosen.randrange(1, lengths[script]))
    passed = failed = 0
    for script, steps in plan.items():
        for at in range(0, len(steps), PER_PROCESS):
            some = sorted(steps[at : at + PER_PROCESS])
            want = stops(stepper, script, some, INTERPRETER)
            for options in MODES:
                got = stops(stepper, script, some, options)
                if got == want and want is not None:
                    passed += len(some)
                    continue
                failed += 1
                print(f"FAIL {script.name} at steps {some} with {options}:")
                for a, b in zip(want or [], got or []):
                    if a != b:
                        print("--- interpreter:\n" + a[:1500] + "--- compiled:\n" + b[:1500])
                        break
    left_out = [s.name for s, n in lengths.items() if n <= 1]
    print(f"seed {args.seed}, {sum(map(len, plan.values()))} steps in {len(plan)} programs; not fit: {' '.join(left_out) or 'none'}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
