#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the compiling tiers cover, over all script tests.

    tests/coverage.py --perigee BIN

Runs every script with each function compiled at its first call (baseline) or at the second (optimizing), in place,
and reads the tier report and the dumped bytecode of what was compiled. One check each:
    baseline: every function that was used was compiled, none failed
    baseline: every opcode of the instruction set occurred in a function that was compiled
    optimizing: code was entered; functions that failed are few, and each says why
Ends with "N passed, N failed".
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent
DIRS = ["lang", "errors", "examples", "regress"]
CLEARED = ("LUA_PATH", "LUA_CPATH", "LUA_INIT", "LUA_PATH_5_4", "LUA_CPATH_5_4", "LUA_INIT_5_4")
HAD_CODE = re.compile(r"lost its code|^collected$|at its next use")  # what a function that is in the interpreter at the end may say
OPCODE = re.compile(r"^\s+\d+\s+\[[-\d]+\]\s+([A-Z0-9]+)", re.M)


def scripts():
    for folder in DIRS:
        source = TESTS.parent / "examples" if folder == "examples" else TESTS / folder
        for script in sorted(source.glob("*.lua")):
            first = script.open("rb").readline().decode("utf-8", "replace")
            if not re.match(r"--\s*skip-with:.*\b(jit-sync|tier-stats|dump)\b", first):
                yield script


def run(perigee, script, options):
    """The tier reports of the script and its children, and what it wrote to standard error."""
    with tempfile.NamedTemporaryFile() as report:
        env = {k: v for k, v in os.environ.items() if k not in CLEARED}
        env["PERIGEE_OPTIONS"] = f"{options} tier-stats=json,{report.name}"
        done = subprocess.run([perigee, script.name], cwd=script.parent, env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=600)
        text = pathlib.Path(report.name).read_text()
    reports, decoder, at = [], json.JSONDecoder(), 0
    while at < len(text.rstrip()):
        value, at = decoder.raw_decode(text, at)
        reports.append(value)
        while at < len(text) and text[at].isspace():
            at += 1
    return reports, done.stderr.decode("utf-8", "replace")


def canonical_opcodes():
    rows = (TESTS.parent / "runtime/sem/opcodes.h").read_text()
    rows = rows[rows.index("#define PERIGEE_OPCODES"):rows.index("/* Quickened opcodes")]
    return set(re.findall(r"^\s+OP\((\w+),", rows, re.M))


class Coverage:
    def __init__(self):
        self.compiled = collections.Counter()
        self.entered = collections.Counter()
        self.failures = collections.Counter()
        self.low = []
        self.opcodes = set()

    def add(self, script, reports, dump):
        self.opcodes.update(OPCODE.findall(dump))
        for report in reports:
            for tier in report["tiers"][1:]:
                self.compiled[tier["tier"]] += tier["compiled"]
                self.entered[tier["tier"]] += tier["entered"]
                for failure in tier["failures"]:
                    self.failures[tier["tier"], failure["reason"]] += failure["functions"]
            self.low += [f"{script.name}: {f['function']}: {f['why']}" for f in report["stayed_low"]
                         if f["tier"] == "interpreter" and not HAD_CODE.search(f["why"])]


def cover(perigee, options, dump):
    coverage = Coverage()
    chosen = options + (" dump=bc" if dump else "")
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        chosen_scripts = list(scripts())
        for script, result in zip(chosen_scripts, pool.map(lambda s: run(perigee, s, chosen), chosen_scripts)):
            coverage.add(script, *result)
    return coverage


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--perigee", required=True)
    perigee = os.path.abspath(parser.parse_args().perigee)
    failed = 0

    def check(name, ok, detail):
        nonlocal failed
        failed += not ok
        print(f"{'ok' if ok else 'FAIL'} {name}: {detail}")

    base = cover(perigee, "tier=baseline thresholds=1,1000000 jit-sync", True)
    bad = {reason: n for (tier, reason), n in base.failures.items()}
    check("baseline compiles every function", base.compiled["baseline"] > 0 and not bad and not base.low,
          f"{base.compiled['baseline']} compiled, failed {bad}, not compiled {base.low[:5]}")
    missing = canonical_opcodes() - base.opcodes
    check("baseline compiles every opcode", not missing, f"{len(base.opcodes)} opcodes, missing {sorted(missing)}")
    opt = cover(perigee, "thresholds=1,2 jit-sync", False)
    bad = {reason: n for (tier, reason), n in opt.failures.items() if tier == "optimizing"}
    check("the optimizing tier is entered", opt.entered["optimizing"] > 0 and sum(bad.values()) * 100 < opt.compiled["optimizing"],
          f"{opt.compiled['optimizing']} compiled, {opt.entered['optimizing']} entered, failed {bad}")
    print(f"{3 - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
