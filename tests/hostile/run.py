#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hostile scripts under each kind of limit that applies, in each tier.

    tests/hostile/run.py --host BUILD/tests/hostile_host [--modes N] [NAME ...]

The files beside this one hold the scripts, each under a line `--# name | limits that stop it`. A process of the host
(host.c) runs all scripts of one kind of limit in one mode; what it checks is written there. One that hangs is killed,
and named.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
KINDS = ["instructions", "time", "memory", "depth"]
# options, and whether the host counts bytes with an allocator of its own
MODES = [
    ("tier=interp", True),
    ("tier=baseline thresholds=1,1000000 jit-sync", False),
    ("thresholds=2,5 jit-sync", True),
    ("thresholds=20,100", False),
]
TIMEOUT = 400


def scripts():
    """(name, kinds, text) of each script."""
    for path in sorted(HERE.glob("*.lua")):
        pieces = re.split(r"^--# (\w+) \| ([\w ]+)\n", path.read_text(), flags=re.M)
        for n in range(1, len(pieces), 3):
            yield pieces[n], pieces[n + 1].split(), pieces[n + 2]


def run_kind(host, kind, mode, files):
    options, own = mode
    command = [str(host), kind] + (["own"] if own else []) + [str(f.name) for f in files]
    try:
        p = subprocess.run(command, cwd=files[0].parent, env={**os.environ, "PERIGEE_OPTIONS": options}, timeout=TIMEOUT,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err, status = p.stdout.decode(errors="replace"), p.stderr.decode(errors="replace"), p.returncode
    except subprocess.TimeoutExpired as e:
        out, err, status = (e.stdout or b"").decode(errors="replace"), (e.stderr or b"").decode(errors="replace"), "timeout"
    failures = [line for line in out.splitlines() if line.startswith("FAIL")]
    result = re.search(r"^(\d+) passed, (\d+) failed", out, re.M)
    if result is None:
        last = [line for line in err.splitlines() if line.endswith(".lua")]
        failures.append(f"FAIL {last[-1] if last else '?'} under a limit of {kind}: {status}: {err[-300:]}")
    elif status != 0 and not failures: # a sanitizer's report
        failures.append(f"FAIL status {status} under a limit of {kind}: {err[-600:]}")
    for line in failures:
        print(f"{line} [{options}]")
    return len(files), len(failures)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", required=True, type=pathlib.Path)
    parser.add_argument("--modes", type=int, default=len(MODES), help="only the first N modes")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    host = args.host.resolve()
    total = bad = 0
    with tempfile.TemporaryDirectory() as folder:
        chosen = [s for s in scripts() if not args.names or s[0] in args.names]
        for name, _, text in chosen:
            (pathlib.Path(folder) / f"{name}.lua").write_text(text)
        for mode in MODES[: args.modes]:
            for kind in KINDS:
                files = [pathlib.Path(folder) / f"{name}.lua" for name, kinds, _ in chosen if kind in kinds]
                if files:
                    n, failed = run_kind(host, kind, mode, files)
                    total, bad = total + n, bad + failed
    print(f"{total - bad} passed, {bad} failed")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
