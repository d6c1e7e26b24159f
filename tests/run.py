#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run the script tests: each script in a process of its own, its output compared word for word.

    tests/run.py --perigee BIN [--options "a=1,b"] [--jobs N] [--timeout S] [--bless] [DIR|SCRIPT|NAME ...]

A test is NAME.lua beside
    NAME.out    the expected standard output (absent means empty)
    NAME.err    the expected standard error, without the program's name (absent means empty)
    NAME.exit   the expected exit status (absent means 0)
    NAME.args   arguments, one a line
    NAME.in     standard input
The scripts of tests/examples are the programs in examples/; only the expectations live under tests/. A script runs
with its own folder as the working directory, so that messages name it by its plain file name.

`--options` goes into PERIGEE_OPTIONS. A script whose first line is `-- skip-with: word word ...` is left out when one of
these words occurs among the options. `--bless` writes the expectations instead of comparing; use it with a
reference implementation, and read the difference before keeping it.
"""

import argparse
import concurrent.futures
import difflib
import os
import pathlib
import re
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parent
DEFAULT_DIRS = ["lang", "errors", "syntax", "examples", "regress"]
DIFF_LINES = 12
CLEARED = ("LUA_PATH", "LUA_CPATH", "LUA_INIT", "LUA_PATH_5_4", "LUA_CPATH_5_4", "LUA_INIT_5_4", "PERIGEE_OPTIONS")


class Test:
    """One script and the files that say what it must do."""

    def __init__(self, script, expectations):
        self.script = script
        self.stem = expectations / script.stem
        self.name = f"{expectations.name}/{script.stem}"

    def file(self, suffix):
        return self.stem.with_name(self.stem.name + suffix)

    def expected(self, suffix, default=b""):
        path = self.file(suffix)
        return path.read_bytes() if path.exists() else default

    def arguments(self):
        return self.expected(".args").decode().splitlines()

    def is_skipped_with(self, options):
        with self.script.open("rb") as source:
            first = source.readline().decode("utf-8", "replace")
        match = re.match(r"--\s*skip-with:\s*(.+)", first)
        return bool(match) and any(word in options for word in match.group(1).split())


def tests_of_folder(folder):
    """Every script of a folder; tests/examples borrows its scripts from examples/."""
    scripts = TESTS.parent / "examples" if folder == TESTS / "examples" else folder
    return [Test(script, folder) for script in sorted(scripts.glob("*.lua"))]


def known_folders():
    return [TESTS / name for name in DEFAULT_DIRS if (TESTS / name).is_dir()]


def select(names):
    """Resolve command-line names: a folder, a script, or a bare test name such as `lang/goto` or `goto`."""
    if not names:
        return [t for folder in known_folders() for t in tests_of_folder(folder)]
    chosen = []
    for name in names:
        found = list(resolve(name))
        if not found:
            sys.exit(f"run.py: no test called '{name}'")
        chosen += found
    return chosen


def resolve(name):
    for base in (pathlib.Path.cwd(), TESTS):
        path = (base / name).resolve()
        if path.is_dir():
            return tests_of_folder(TESTS / "examples" if path == TESTS.parent / "examples" else path)
        if path.suffix == ".lua" and path.is_file():
            return [Test(path, TESTS / "examples" if path.parent == TESTS.parent / "examples" else path.parent)]
    everything = [t for folder in known_folders() for t in tests_of_folder(folder)]
    return [t for t in everything if name in (t.name, t.name.split("/")[1])]


def environment(options):
    env = {key: value for key, value in os.environ.items() if key not in CLEARED}
    env.update(LC_ALL="C", TZ="UTC")
    if options:
        env["PERIGEE_OPTIONS"] = options
    return env


def without_program_name(text, binary):
    """Messages open with argv[0]; the expectations do not know what the binary is called."""
    prefixes = {f"{binary}: ".encode(), f"{os.path.basename(binary)}: ".encode()}
    lines = text.split(b"\n")
    for i, line in enumerate(lines):
        lines[i] = next((line[len(p):] for p in prefixes if line.startswith(p)), line)
    return b"\n".join(lines)


class Outcome:
    def __init__(self, out, err, status):
        self.parts = {".out": out, ".err": err, ".exit": str(status).encode()}


def run(test, args):
    command = [args.perigee, test.script.name, *test.arguments()]
    try:
        done = subprocess.run(command, cwd=test.script.parent, env=environment(args.options),
                              input=test.expected(".in"), capture_output=True, timeout=args.timeout)
    except subprocess.TimeoutExpired as late:
        return Outcome(late.stdout or b"", b"timeout after %d s\n" % args.timeout, "timeout")
    return Outcome(done.stdout, without_program_name(done.stderr, args.perigee), done.returncode)


def short_diff(expected, actual, label):
    wanted, got = (t.decode("utf-8", "backslashreplace").splitlines() for t in (expected, actual))
    lines = list(difflib.unified_diff(wanted, got, "expected " + label, "actual " + label, lineterm="", n=1))
    if len(lines) > DIFF_LINES:
        lines[DIFF_LINES:] = [f"... {len(lines) - DIFF_LINES} more lines"]
    return lines


DEFAULTS = {".out": b"", ".err": b"", ".exit": b"0"}


def check(test, args):
    """None when the test holds, else the lines that explain the failure."""
    outcome = run(test, args)
    report = []
    for suffix, actual in outcome.parts.items():
        expected = test.expected(suffix, DEFAULTS[suffix])
        if suffix == ".exit":
            expected = expected.strip()
        if expected != actual:
            report += short_diff(expected, actual, suffix[1:])
    return report or None


def bless(test, args):
    outcome = run(test, args)
    if outcome.parts[".exit"] == b"timeout":
        return ["timeout"]
    for suffix, actual in outcome.parts.items():
        if suffix == ".out" or actual != DEFAULTS[suffix]:
            test.file(suffix).write_bytes(actual + (b"\n" if suffix == ".exit" else b""))
        elif test.file(suffix).exists():
            test.file(suffix).unlink()
    return None


def parse_arguments():
    parser = argparse.ArgumentParser(description="Run the script tests.")
    parser.add_argument("--perigee", required=True, help="the binary to test")
    parser.add_argument("--options", default="", help="value of PERIGEE_OPTIONS for the scripts")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--timeout", type=float, default=30)
    parser.add_argument("--bless", action="store_true", help="write the expectations instead of comparing")
    parser.add_argument("names", nargs="*", help="folders, scripts or test names; all when none is given")
    args = parser.parse_args()
    if os.sep in args.perigee:
        args.perigee = os.path.abspath(args.perigee)
    return args


def main():
    args = parse_arguments()
    tests = [t for t in select(args.names) if not t.is_skipped_with(args.options)]
    action = bless if args.bless else check
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=args.jobs) as pool:
        for test, report in zip(tests, pool.map(lambda t: action(t, args), tests)):
            if report:
                failed += 1
                print(f"FAIL {test.name}")
                print("\n".join("    " + line for line in report))
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
