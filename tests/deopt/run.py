#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Deoptimisation proof: for each reason (profile/reasons.h) a script that makes optimised code fail for it.

    tests/deopt/run.py PERIGEE [NAME ...]

The first lines of a script say what must come of it:
    -- deopt: REASON[, expected WORDS][, seen WORDS][, at LINE [OPCODE]], count MIN to MAX
    -- options: further options
The script checks its own results and prints "ok". It runs compiled in place with the thresholds 10 and 100, and the frames of each exit are
checked (verify-exits). Then the report must tell that reason so often, and an instruction with what was expected and seen.
A reason without a script is a failure."""

import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def reasons():
    with open(os.path.join(ROOT, "profile", "reasons.h"), encoding="utf-8") as f:
        return set(re.findall(r'^\s+REASON\(\w+, "([^"]+)"', f.read(), re.M))


def header(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    line = re.match(r"-- deopt: (.*), count (\d+) to (\d+)\n", text)
    reason, *rest = [part.strip() for part in re.split(r", (?=expected |seen |at )", line[1])]
    wanted = dict(part.split(" ", 1) for part in rest)
    options = re.search(r"^-- options: (.*)", text, re.M)
    return reason, wanted, int(line[2]), int(line[3]), options[1].split() if options else []


def fits(site, reason, wanted):
    line, _, opcode = wanted.get("at", "").partition(" ")
    return (site["reason"] == reason and (not line or site["line"] == int(line)) and (not opcode or site["opcode"] == opcode)
            and all(site[what] == wanted[what] for what in ("expected", "seen") if what in wanted))


def faults(perigee, name):
    reason, wanted, least, most, options = header(os.path.join(HERE, name))
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PERIGEE", "LUA_"))}
    env["PERIGEE_OPTIONS"] = " ".join(["jit-sync", "thresholds=10,100", "verify-exits", "tier-stats=json"] + options)
    done = subprocess.run([perigee, name], cwd=HERE, env=env, capture_output=True, text=True, timeout=120)
    if done.returncode != 0 or done.stdout != "ok\n":
        yield f"status {done.returncode}, {done.stdout[-200:]!r}, {done.stderr[-400:]!r}"
        return
    report = json.loads(done.stderr.strip().split("\n")[-1])
    if report["compilers"]["state"] in ("off", "unavailable"):
        return
    count = sum(d["count"] for d in report["deoptimisations"] if d["reason"] == reason)
    rows = [(s["line"], s["opcode"], s["reason"], s["expected"], s["seen"], s["count"]) for s in report["deoptimisation_sites"]]
    if not least <= count <= most:
        yield f"{count} times {reason!r}, expected {least} to {most}; {rows}"
    elif most > 0 and not any(fits(site, reason, wanted) for site in report["deoptimisation_sites"]):
        yield f"no site with {wanted} in {rows}"


def main():
    perigee, *names = sys.argv[1:]
    perigee = os.path.abspath(perigee)
    scripts = [n if n.endswith(".lua") else n + ".lua" for n in names] or sorted(n for n in os.listdir(HERE) if n.endswith(".lua"))
    passed = failed = 0
    for name in scripts:
        found = list(faults(perigee, name))
        passed, failed = passed + (not found), failed + bool(found)
        for fault in found:
            print(f"FAIL {name}: {fault}")
    if not names:
        missing = reasons() - {header(os.path.join(HERE, name))[0] for name in scripts}
        passed, failed = passed + (not missing), failed + bool(missing)
        if missing:
            print(f"FAIL reasons without a script: {sorted(missing)}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
