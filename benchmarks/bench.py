#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The benchmark runner: measures Perigee beside its peers in one interleaved run and prints a table
that says how sure it is. See docs/performance.md. Python's standard library only."""

import argparse
import datetime
import json
import os
import platform
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # leaves no caches in the tree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from benchlib import lukewarm, measure, page, peers, report, suites  # noqa: E402


def arguments(argv):
    p = argparse.ArgumentParser(prog="dev bench", description=__doc__)
    p.add_argument("names", nargs="*", help="suites, programs or patterns; everything by default")
    p.add_argument("--perigee", default="build/perigee", help="the command to measure")
    p.add_argument("--peers", default=peers.DEFAULT_PEERS,
        help="comma-separated; name=command adds another Lua")
    p.add_argument("--tiers", default="opt", help="of interp,baseline,opt")
    mode = p.add_mutually_exclusive_group()
    mode.add_argument("--cold", action="store_true", help="whole processes of one iteration only")
    mode.add_argument("--steady", action="store_true", help="repeated iterations only")
    mode.add_argument("--warm-up", action="store_true",
        help="time to 90 %% of the steady speed, from many short iterations")
    p.add_argument("--quick", action="store_true",
        help="small sizes and few rounds: under two minutes")
    p.add_argument("--one-cpu", action="store_true", help="pin everything to one CPU")
    p.add_argument("--lukewarm", action="store_true",
        help="a generated program of 2,000 lukewarm functions")
    p.add_argument("--json", metavar="FILE", help="write all figures")
    p.add_argument("--html", metavar="FILE", help="write one self-contained page")
    p.add_argument("--compare", nargs=2, metavar=("BEFORE", "AFTER"),
        help="compare two JSON files; runs nothing")
    p.add_argument("--list", action="store_true", help="list the programs; runs nothing")
    return p.parse_args(argv)


def machine():
    cpu = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as f:
            cpu = next((line.split(":", 1)[1].strip() for line in f
                if line.startswith("model name")), cpu)
    except OSError:
        pass
    return {"cpu": cpu, "cpus": os.cpu_count(), "system": platform.platform(),
        "load": os.getloadavg()[0]}


class Progress:
    """One line that follows the run on a terminal; one line a program elsewhere."""

    def __init__(self, total):
        self.total, self.done, self.started = total, 0, time.monotonic()
        self.live = sys.stderr.isatty()
        self.program = ""

    def begin(self, program):
        self.program = program
        if not self.live:
            print("[%d/%d] %s %s" % (self.done + 1, self.total, program, self.left()),
                file=sys.stderr, flush=True)
        self.done += 1

    def expected(self):
        """Seconds the whole run will take at this pace, once a fifth of it is done."""
        if self.done * 5 < self.total or self.total < 20:
            return 0
        return (time.monotonic() - self.started) / self.done * self.total

    def left(self):
        if not self.done:
            return ""
        seconds = (time.monotonic() - self.started) / self.done * (self.total - self.done)
        return "(%d:%02d left)" % divmod(int(seconds), 60)

    def tick(self, runner):
        if self.live:
            line = "[%d/%d] %s: %s %s" % (self.done, self.total, self.program, runner, self.left())
            print("\r" + line.ljust(78), end="", file=sys.stderr, flush=True)

    def end(self):
        if self.live:
            print("\r" + " " * 78 + "\r", end="", file=sys.stderr)


def chosen_programs(options, folder):
    generated = [lukewarm.write(folder)] if options.lukewarm else []
    if options.lukewarm and not options.names:
        return generated
    return suites.select(suites.discover(), options.names) + generated


def blank(options, runners, notes):
    """The result before anything is measured: what JSON, the tables and the page are made of."""
    kept = ("quick", "cold", "steady", "warm_up", "one_cpu", "lukewarm")
    return {
        "format": 1,
        "date": datetime.datetime.now().strftime("%Y-%m-%d %H:%M"),
        "machine": machine(),
        "notes": notes,
        "runners": [{"name": r.name, "version": r.version, "subject": r.subject} for r in runners],
        "options": {k: v for k, v in vars(options).items() if k in kept},
        "rows": [],
    }


def environment(folder):
    """The static site's files and the twins' caches go to a temporary folder, not to the tree."""
    site = os.path.join(folder, "site")
    os.mkdir(site)
    return dict(os.environ, BENCH_SITE_DIR=site,
                PYTHONPYCACHEPREFIX=os.path.join(folder, "pycache"))


def run(options):
    """Measures the chosen programs under the chosen runners and returns the result."""
    runners, notes = peers.assemble(options.perigee, options.tiers.split(","),
                                    [p for p in options.peers.split(",") if p])
    for note in notes:
        print("note: " + note, file=sys.stderr)
    plan = measure.plan(options.quick, cold=not options.steady, steady=not options.cold, warm_up=options.warm_up)
    result, lighter = blank(options, runners, notes), False
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        env, programs = environment(folder), chosen_programs(options, folder)
        progress = Progress(len(programs))
        for program in programs:
            progress.begin(program.full)
            if not lighter and progress.expected() > plan.budget:
                plan, lighter = plan.lighter(), True
                notes.append("the machine was slow: from %s on fewer rounds" % program.full)
            result["rows"] += measure.measure_program(program, runners, plan, env, progress.tick)
        progress.end()
        result["seconds"] = round(time.monotonic() - progress.started, 1)
    return result


def load(path):
    with open(path) as f:
        return json.load(f)


def save(result, options):
    if options.json:
        with open(options.json, "w") as f:
            json.dump(result, f, indent=1)
    if options.html:
        with open(options.html, "w") as f:
            f.write(page.render(result))


def main(argv):
    options = arguments(argv)
    if options.compare:
        print(report.compare(*map(load, options.compare)))
        return 0
    try:
        if options.list:
            for p in suites.select(suites.discover(), options.names):
                print("%-28s %s" % (p.full, p.idea))
            return 0
        if options.one_cpu:
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        result = run(options)
    except ValueError as complaint:
        print("dev bench: %s" % complaint, file=sys.stderr)
        return 2
    print(report.text(result))
    print("\n%.0f seconds" % result["seconds"])
    save(result, options)
    return 1 if any("error" in row for row in result["rows"]) else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader left; say nothing at exit
        sys.exit(1)
