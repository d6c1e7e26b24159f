# SPDX-License-Identifier: MIT
"""Measuring: one process, one program under every runner, the whole run.

The processes of one program are interleaved (round by round, each round beginning with another
runner), so that a slow minute of the machine falls on all of them. A cold process runs one
iteration; a steady one repeats it for a time.

    process    from its start to its end, less the wait described below; CPU of all threads by wait4
    iteration  between the arrival of its "begin" and its "iter" line; CPU by the program's own clock
    memory     VmHWM, read while the program waits before its end. The resource usage of wait4 will
               not do: Linux counts the runner's own memory at the time of the fork.
"""

import os
import re
import select
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field, replace

from . import stats

# Seconds of CPU: the arrival of lines does not time iterations shorter than this (a runner that comes
# late reads several lines at once), so their CPU time stands for the wall time.
SHORT = 0.01
# Seconds: iterations shorter than this are below what a program's clock resolves, and are left out.
RESOLUTION = 1e-4
# Seconds of an iteration: a runner this slow gets one cold round of a program, and fewer iterations.
SLOW = 0.7


@dataclass
class Sample:
    """One process."""
    error: str = ""
    skip: str = ""
    wall: float = 0.0
    cpu: float = 0.0
    rss: float = 0.0  # MB
    walls: list = field(default_factory=list)
    cpus: list = field(default_factory=list)
    ends: list = field(default_factory=list)  # arrivals of the "iter" lines
    begun: float = 0.0                        # arrival of the first "begin"
    metrics: list = field(default_factory=list)  # (name, value, unit)
    size: int = 0
    reps: int = 1

    @property
    def times(self):
        """The iterations' times: by the wall, or by CPU where they are too short for that."""
        return self.cpus if stats.median(self.cpus) < SHORT else self.walls

    def warmup(self):
        """Seconds by the wall from the first iteration's beginning to 90 % of the steady speed."""
        iterations, _ = stats.warmup(self.times)
        return self.ends[iterations - 1] - self.begun if iterations else 0.0


@dataclass
class Plan:
    cold_rounds: int
    steady_rounds: int
    steady_seconds: float
    steady_min: int
    quick: bool
    timeout: float

    def lighter(self):
        """The plan for a machine so slow or busy that the run would pass its time."""
        return replace(self, cold_rounds=min(self.cold_rounds, 2), steady_min=2,
                       steady_seconds=self.steady_seconds / 2)

    @property
    def budget(self):
        """Seconds the whole run may take before it goes on lighter."""
        return 80 if self.quick and self.cold_rounds else 720


def plan(quick=False, cold=True, steady=True, warm_up=False):
    """Rounds and times: the whole run must stay under 15 minutes, a quick one under 2. Where only
    the steady state is asked for, it gets the time that the cold rounds would have taken. For the
    warm-up: many short iterations, so that it is not rounded up to a long one."""
    if warm_up:
        return Plan(0, 1, 1.5, 20, True, 60.0)
    if quick:
        return Plan(int(cold), int(steady), 0.1, 3, True, 60.0)
    if not cold:
        return Plan(0, 2, 1.2, 3, False, 120.0)
    return Plan(3, int(steady), 0.6, 3, False, 120.0)


def peak_memory(pid):
    try:
        with open("/proc/%d/status" % pid) as f:
            return int(re.search(r"VmHWM:\s*(\d+)", f.read()).group(1)) / 1024
    except (OSError, AttributeError):
        return 0.0


class Lines:
    """The lines of a pipe with the time of their arrival; ends at the deadline."""

    def __init__(self, fd, deadline):
        self.fd, self.deadline, self.rest, self.timed_out = fd, deadline, b"", False

    def __iter__(self):
        while True:
            ready, _, _ = select.select([self.fd], [], [], max(0, self.deadline - time.monotonic()))
            if not ready:
                self.timed_out = True
                return
            data = os.read(self.fd, 65536)
            now = time.perf_counter()
            if not data:
                return
            *lines, self.rest = (self.rest + data).split(b"\n")
            for line in lines:
                yield now, line.decode(errors="replace")


def absorb(sample, now, line, begun):
    """Takes one line of a program's output into its sample; returns the time its iteration
    began."""
    word, _, rest = line.partition(" ")
    if word == "begin":
        sample.begun = sample.begun or now
        return now
    if word == "iter":
        sample.walls.append(now - begun)
        sample.ends.append(now)
        sample.cpus.append(float(rest.split()[1]))
    elif word == "start":
        sample.size, sample.reps = (int(float(x)) for x in rest.split())
    elif word == "metric":
        name, value, unit = rest.split()
        sample.metrics.append((name, float(value), unit))
    elif word == "skip":
        sample.skip = rest
    return begun


def converse(child, sample, deadline):
    """Reads a program's lines to their end. Returns (whether it came to its end, seconds held)."""
    begun, held, finished = time.perf_counter(), 0.0, False
    lines = Lines(child.stdout.fileno(), deadline)
    for now, line in lines:
        begun = absorb(sample, now, line, begun)
        if line.startswith(("ok ", "skip ")):
            finished = True
            sample.rss = peak_memory(child.pid)
            child.stdin.close()
            held = time.perf_counter() - now
    if lines.timed_out:
        child.send_signal(signal.SIGKILL)
    return finished, held


def complaint(errors):
    """The first line a program wrote to its standard error."""
    errors.seek(0)
    return errors.readline(160).decode(errors="replace").strip() or "no message"


def run_process(argv, timeout=60.0, env=None):
    """Runs one program under the harness's protocol and returns its Sample."""
    sample, started = Sample(), time.perf_counter()
    with tempfile.TemporaryFile() as errors:
        try:
            child = subprocess.Popen(argv + ["--hold"], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=errors, env=env)
        except OSError as failure:
            return Sample(error=str(failure))
        finished, held = converse(child, sample, time.monotonic() + timeout)
        _, status, usage = os.wait4(child.pid, 0)
        sample.wall = time.perf_counter() - started - held
        sample.cpu = usage.ru_utime + usage.ru_stime
        child.returncode = os.waitstatus_to_exitcode(status)
        close(child)
        if not finished and child.returncode == -signal.SIGKILL:
            sample.error = "longer than %g s, or killed" % timeout
        elif not finished or child.returncode != 0:
            sample.error = "exit %d: %s" % (child.returncode, complaint(errors))
    return sample


def close(child):
    for pipe in (child.stdin, child.stdout):
        try:
            pipe.close()
        except OSError:
            pass


@dataclass
class Record:
    """All processes of one program under one runner."""
    cold: list = field(default_factory=list)
    steady: list = field(default_factory=list)
    error: str = ""
    skip: str = ""
    slow: bool = False

    def add(self, mode, sample, slow=SLOW):
        self.error = self.error or sample.error
        self.skip = self.skip or sample.skip
        if not sample.error and not sample.skip:
            getattr(self, mode).append(sample)
            self.slow = self.slow or max(sample.walls, default=0) > slow


def condense(program, runner, record):
    """A record as the row that reports and JSON hold."""
    row = {"program": program.name, "suite": program.suite, "runner": runner.name,
        "idea": program.idea}
    samples = record.cold + record.steady
    if record.error or record.skip or not samples:
        row["error" if record.error else "skip"] = record.error or record.skip or "nothing measured"
        return row
    tails = [stats.steady_tail(s.times) for s in record.steady]
    cpu_tails = [stats.steady_tail(s.cpus) for s in record.steady]
    row.update(size=samples[0].size, reps=samples[0].reps,
               steady=resolved([t for tail in tails for t in tail]),
               steady_cpu=resolved([t for tail in cpu_tails for t in tail]),
               first=resolved([s.times[0] for s in samples]),
               process=stats.summary([s.wall for s in record.cold]),
               process_cpu=stats.summary([s.cpu for s in record.cold]),
               rss=stats.summary([s.rss for s in samples if s.rss]),
               warmup=stats.summary([s.warmup() for s in record.steady]),
               curve=[round(t, 6) for t in record.steady[0].times[:400]] if record.steady else [],
               background=stats.summary([max(0.0, s.cpu - s.wall) for s in record.cold]),
               metrics=metrics(samples))
    return row


def resolved(times):
    summary = stats.summary(times)
    return summary if summary and summary["median"] >= RESOLUTION else None


def metrics(samples):
    values, units = {}, {}
    for s in samples:
        for name, value, unit in s.metrics:
            values.setdefault(name, []).append(value)
            units[name] = unit
    return {name: dict(stats.summary(v), unit=units[name]) for name, v in values.items()}


def command(program, runner, plan):
    return runner.argv(program) + program.arguments(runner.language, plan.quick)


def measure_program(program, runners, plan, env, tick=lambda name: None):
    """The rows of one program: cold and steady rounds, interleaved over the runners that have a
    version of it."""
    able = [r for r in runners if r.argv(program)]
    records = {r.name: Record() for r in able}
    if able and program.spec.get("prepare"):
        run_process(command(program, able[-1], plan), plan.timeout, env)
    modes = ["cold"] * plan.cold_rounds
    for i in range(plan.steady_rounds):
        modes.insert(1 + 2 * i, "steady")
    for round_number, mode in enumerate(modes):
        shift = round_number % max(1, len(able))
        for runner in able[shift:] + able[:shift]:
            record = records[runner.name]
            if record.error or record.skip or (record.slow and mode == "cold" and record.cold):
                continue
            tick(runner.name)
            argv = command(program, runner, plan)
            if mode == "steady":
                least = 2 if record.slow else plan.steady_min
                argv += ["--steady=%g" % plan.steady_seconds, "--min=%d" % least]
            limit = SLOW / 2 if len(able) > 4 else SLOW  # many runners: less for each slow one
            record.add(mode, run_process(argv, plan.timeout, env), limit)
    return [condense(program, r, records[r.name]) for r in able]
