#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of the benchmark runner's own arithmetic: known inputs, known ratios. Also that every
program states what the runner needs, and that the protocol of lines is read as written."""

import io
import json
import math
import os
import sys
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "benchmarks"))
sys.dont_write_bytecode = True
import bench  # noqa: E402
from benchlib import lukewarm, measure, page, peers, report, stats, suites  # noqa: E402


def summary(median, spread=0.0):
    return {"median": median, "spread": spread, "n": 3}


def row(program, runner, steady, suite="s", spread=0.0, **more):
    return dict({"program": program, "suite": suite, "runner": runner, "size": 1, "reps": 1,
                 "steady": summary(steady,
                     spread), "first": summary(steady), "process": summary(steady),
                 "process_cpu": summary(steady), "rss": summary(2.0), "warmup": summary(0.0),
                 "background": summary(0.0), "curve": [steady] * 3, "metrics": {}}, **more)


def result(rows, runners=("perigee", "lua5.4")):
    return {"format": 1, "date": "today", "machine": {"cpu": "c", "cpus": 2, "system": "s",
        "load": 0.0}, "notes": [],
            "runners": [{"name": n, "version": "v", "subject": n.startswith("perigee")}
                for n in runners],
            "options": {}, "rows": rows, "seconds": 1}


class Stats(unittest.TestCase):
    def test_quantiles(self):
        self.assertEqual(stats.median([3, 1, 2]), 2)
        self.assertEqual(stats.median([4, 1, 2, 3]), 2.5)
        self.assertEqual(stats.quantile([0, 10], 0.25), 2.5)
        self.assertEqual(stats.median([7]), 7)

    def test_spread_is_half_the_interquartile_range_over_the_median(self):
        self.assertAlmostEqual(stats.spread([8, 9, 10, 11, 12]), 0.1)
        self.assertEqual(stats.spread([5]), 0)
        self.assertEqual(stats.spread([5, 5, 5]), 0)

    def test_one_outlier_moves_nothing(self):
        calm, wild = [10, 10, 10, 10, 10], [10, 10, 10, 10, 1000]
        self.assertEqual(stats.median(calm), stats.median(wild))
        self.assertEqual(stats.spread(wild), 0)

    def test_summary_of_nothing(self):
        self.assertIsNone(stats.summary([]))

    def test_geometric_mean(self):
        self.assertAlmostEqual(stats.geometric_mean([2, 8]), 4)
        self.assertAlmostEqual(stats.geometric_mean([0.5, 2]), 1)
        self.assertIsNone(stats.geometric_mean([]))

    def test_warmup_of_a_step(self):
        iterations, seconds = stats.warmup([1.0, 1.0, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1])
        self.assertEqual(iterations, 3)
        self.assertAlmostEqual(seconds, 2.5)

    def test_warmup_of_a_level_run_is_nothing(self):
        self.assertEqual(stats.warmup([0.1] * 6), (0, 0.0))
        self.assertEqual(stats.warmup([]), (0, 0.0))

    def test_warmup_ignores_one_lucky_iteration(self):
        self.assertEqual(stats.warmup([1, 0.1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])[0], 4)

    def test_ratio(self):
        self.assertEqual(stats.ratio(summary(6), summary(2)),
            {"value": 3, "noise": 0.0, "clear": True})
        self.assertIsNone(stats.ratio(None, summary(2)))
        self.assertIsNone(stats.ratio(summary(2), summary(0)))

    def test_a_ratio_within_its_noise_is_unclear(self):
        self.assertFalse(stats.ratio(summary(1.1, 0.1), summary(1, 0.1))["clear"])
        self.assertTrue(stats.ratio(summary(3, 0.1), summary(1, 0.1))["clear"])
        self.assertTrue(stats.ratio(summary(1.01, 0.02), summary(1, 0.02))["clear"])
        self.assertFalse(stats.ratio(summary(9, 0.2), summary(1, 0.2))["clear"])

    def test_aggregate_names_the_worst(self):
        a = stats.aggregate({"x": stats.ratio(summary(4), summary(1)),
            "y": stats.ratio(summary(1), summary(4)),
                             "z": None})
        self.assertAlmostEqual(a["mean"], 1)
        self.assertEqual((a["worst"], a["worst_name"], a["n"], a["unclear"]), (0.25, "y", 2, 0))
        self.assertIsNone(stats.aggregate({}))


class Measure(unittest.TestCase):
    def test_lines_become_a_sample(self):
        s, begun = measure.Sample(), 0.0
        for now, line in ((1.0, "start 30 3"), (1.5, "begin"), (2.0, "iter 1 0.4 -"),
            (2.25, "begin"),
                          (2.5, "iter 2 0.2 -"), (2.6, "metric pause 1.5 ms"), (2.7, "ok 5")):
            begun = measure.absorb(s, now, line, begun)
        self.assertEqual((s.size, s.reps), (30, 3))
        self.assertEqual(s.walls, [0.5, 0.25])  # the check between 2.0 and 2.25 is not counted
        self.assertEqual(s.cpus, [0.4, 0.2])
        self.assertEqual(s.times, s.walls)
        self.assertEqual(s.warmup(), 0.5)
        self.assertEqual(s.metrics, [("pause", 1.5, "ms")])

    def test_short_iterations_are_timed_by_their_cpu(self):
        s = measure.Sample(walls=[0.0, 0.008, 0.0], cpus=[0.002, 0.003, 0.002])
        self.assertEqual(s.times, s.cpus)

    def script(self, text):
        return measure.run_process([sys.executable, "-c", text], timeout=5)

    def test_a_process_is_timed_without_the_wait(self):
        s = self.script("import sys,time\nprint('start 1 1')\nprint('begin',flush=True)\ntime.sleep(0.1)\n"
                        "print('iter 1 0.0 -',flush=True)\nprint('ok 1',flush=True)\nsys.stdin.readline()")
        self.assertEqual(s.error, "")
        self.assertGreaterEqual(s.walls[0], 0.09)
        self.assertLess(s.walls[0], s.wall)
        self.assertGreater(s.rss, 1)

    def test_failures_are_told_apart(self):
        self.assertIn("exit 1", self.script("raise SystemExit(1)").error)
        self.assertIn("exit 0", self.script("pass").error)
        self.assertIn("Boom",
            self.script("import sys; sys.stderr.write('Boom\\n'); sys.exit(3)").error)
        s = measure.run_process([sys.executable, "-c", "import time; time.sleep(9)"], timeout=0.3)
        self.assertIn("longer than", s.error)
        self.assertIn("No such file", measure.run_process(["/nowhere/lua"]).error)

    def test_plans(self):
        self.assertEqual(measure.plan(cold=True, steady=False).steady_rounds, 0)
        self.assertEqual(measure.plan(cold=False, steady=True).cold_rounds, 0)
        self.assertTrue(measure.plan(quick=True).quick)
        light = measure.plan().lighter()
        self.assertEqual((light.cold_rounds, light.steady_seconds), (2, 0.3))

    def test_condense(self):
        runner = peers.Runner("perigee", "lua", ["x"])
        program = suites.Program("p", "s", "p.lua")
        record = measure.Record()
        for wall in (1.0, 3.0, 2.0):
            record.add("cold", measure.Sample(wall=wall, cpu=wall + 1, rss=2.0, walls=[wall / 2],
                cpus=[wall]))
        record.add("steady", measure.Sample(walls=[4, 1, 1, 1], cpus=[4, 1, 1, 1],
                                            ends=[14, 15, 16, 17], begun=10, rss=4.0))
        r = measure.condense(program, runner, record)
        self.assertEqual(r["process"]["median"], 2.0)
        self.assertEqual(r["process_cpu"]["median"], 3.0)
        self.assertEqual(r["background"]["median"], 1.0)
        self.assertEqual(r["steady"]["median"], 1)
        self.assertEqual(r["warmup"]["median"], 4)
        self.assertEqual(r["rss"]["median"], 2.0)
        self.assertEqual(r["first"]["n"], 4)

    def test_an_iteration_below_the_resolution_is_left_out(self):
        self.assertIsNone(measure.resolved([1e-6, 2e-6]))
        self.assertEqual(measure.resolved([0.5])["median"], 0.5)

    def test_an_error_is_a_row_without_times(self):
        record = measure.Record()
        record.add("cold", measure.Sample(error="exit 1: no"))
        r = measure.condense(suites.Program("p", "s", "p.lua"),
            peers.Runner("perigee", "lua", ["x"]), record)
        self.assertEqual(r["error"], "exit 1: no")
        self.assertNotIn("steady", r)


class Report(unittest.TestCase):
    def setUp(self):
        self.result = result([row("a", "perigee", 1.0), row("a", "lua5.4", 4.0),
                              row("b", "perigee", 2.0), row("b", "lua5.4", 2.0)])

    def test_ratios_say_how_much_faster_the_subject_is(self):
        r = report.ratios(self.result, "steady", "perigee", "lua5.4", "s")
        self.assertEqual({k: v["value"] for k, v in r.items()}, {"a": 4.0, "b": 1.0})

    def test_means(self):
        self.assertEqual(report.means(self.result, "steady"),
                         [["s", "perigee", "lua5.4", "2.00x", "1.00x b", "2", ""]])

    def test_text_holds_times_ratios_and_means(self):
        text = report.text(self.result)
        for part in ("4.00x", "2.00x", "1 s", "4 s", "steady state", "whole process"):
            self.assertIn(part, text)

    def test_unclear_ratios_are_marked_and_counted(self):
        noisy = result([row("a", "perigee", 1.0, spread=0.2), row("a", "lua5.4", 1.1, spread=0.2)])
        text = report.text(noisy)
        self.assertIn("1.10x?", text)
        self.assertIn("1 steady ratios are marked ?", text)

    def test_without_perigee_the_first_peer_is_the_subject(self):
        r = result([row("a", "lua5.4", 2.0), row("a", "luajit", 1.0)], ("lua5.4", "luajit"))
        self.assertEqual(report.subjects(r), ["lua5.4"])
        self.assertIn("0.50x", report.text(r))

    def test_failures_show(self):
        r = result([{"program": "a", "suite": "s", "runner": "perigee", "error": "exit 1: no"},
            row("a", "lua5.4", 1)])
        text = report.text(r)
        self.assertIn("failed", text)
        self.assertIn("s/a under perigee: exit 1: no", text)

    def test_compare(self):
        after = result([row("a", "perigee", 0.5), row("b", "perigee", 2.05)])
        text = report.compare(self.result, after)
        self.assertRegex(text, r"s/a +1 s +500 ms +2\.00x +faster")
        self.assertRegex(text, r"s/b +2 s +2\.05 s +0\.98x +equal")
        self.assertIn("geometric mean of 2", text)

    def test_compare_leaves_out_other_sizes(self):
        after = result([row("a", "perigee", 0.5, size=2)])
        self.assertEqual(report.compare(self.result, after), "the two files have nothing in common")

    def test_durations(self):
        self.assertEqual([report.duration(x) for x in (1.5, 0.0015, 2e-6, None)],
            ["1.5 s", "1.5 ms", "2 us", "-"])

    def test_page_is_whole_and_names_everything(self):
        html = page.render(self.result)
        for part in ("<!DOCTYPE html>", "</html>", "perigee", "lua5.4", "<svg"):
            self.assertIn(part, html)
        self.assertNotRegex(html, r"(src|href)=.?https?:")


class WarmUp(unittest.TestCase):
    def test_table_shows_time_resolution_and_median(self):
        rows = [row("a", "perigee", 0.01, warmup=summary(0.5)), row("b", "perigee", 0.01, warmup=summary(0.7)),
                row("a", "lua5.4", 0.02, warmup=summary(0.0)), row("b", "lua5.4", 0.02, warmup=summary(0.0))]
        r = result(rows)
        self.assertNotIn("warm-up", report.text(r))
        r["options"]["warm_up"] = True
        text = report.text(r)
        self.assertIn("500 ms (10 ms)", text)
        self.assertRegex(text, r"median +600 ms +0 us")

    def test_plan_has_many_short_iterations(self):
        plan = measure.plan(warm_up=True)
        self.assertTrue(plan.quick)
        self.assertEqual(plan.cold_rounds, 0)
        self.assertGreaterEqual(plan.steady_min, 20)


class Suites(unittest.TestCase):
    def test_every_program_states_its_size_and_checks_its_result(self):
        programs = suites.discover()
        self.assertGreater(len(programs), 100)
        for p in programs:
            with open(p.path) as f:
                text = f.read()
            with self.subTest(p.full):
                self.assertTrue(p.idea, "no opening comment")
                if "H.main" in text:
                    self.assertIn("size", p.spec)
                    self.assertRegex(text[text.rfind("H.main {"):], r"(?m)(expect|check) = ")

    def test_the_suites_have_what_was_asked(self):
        count = {s: sum(p.suite == s for p in suites.discover()) for s in suites.SUITES}
        self.assertGreaterEqual(count["programs"], 30)
        self.assertGreaterEqual(count["idioms"], 25)
        self.assertGreaterEqual(count["micro"], 30)
        self.assertGreaterEqual(count["seed"], 15)

    def test_seeds_have_python_twins_except_those_about_the_runtime(self):
        lacking = {p.name for p in suites.discover() if p.suite == "seed"
            and "python" not in p.twins}
        self.assertEqual(lacking, {"deopt", "gc_pause"})

    def test_parse_spec(self):
        text = "local t = { size = 9 }\nH.main { size = 100, quick = 10, reps = 3, run = run }"
        self.assertEqual(suites.parse_spec(text), {"size": 100, "quick": 10, "reps": 3})

    def test_arguments_of_twins(self):
        p = suites.Program("p", "s", "p.lua", spec={"size": 100, "reps": 11})
        self.assertEqual(p.arguments("python", False), ["100", "--reps=11"])
        self.assertEqual(p.arguments("python", True), ["100", "--reps=3"])
        self.assertEqual(p.arguments("lua", True), ["--quick"])
        p.spec["quick"] = 10
        self.assertEqual(p.arguments("c", True), ["10", "--reps=6"])

    def test_select(self):
        programs = suites.discover()
        self.assertEqual([p.full for p in suites.select(programs, ["seed/fib"])], ["seed/fib"])
        self.assertTrue(all(p.suite == "micro" for p in suites.select(programs, ["micro"])))
        self.assertEqual(len(suites.select(programs, [])), len(programs))
        with self.assertRaises(ValueError):
            suites.select(programs, ["no-such-program"])

    def test_lukewarm_has_two_thousand_functions_and_is_repeatable(self):
        a = lukewarm.source("h.lua")
        self.assertEqual(a, lukewarm.source("h.lua"))
        self.assertEqual(a.count("\nF["), 2000)


class Peers(unittest.TestCase):
    def test_missing_ones_are_noted(self):
        runners, notes = peers.assemble("/nowhere/perigee", ["opt"], ["ghost=/nowhere/ghost"])
        self.assertEqual(runners, [])
        self.assertEqual(len(notes), 2)

    def test_unknown_names_are_refused(self):
        with self.assertRaises(ValueError):
            peers.assemble("/nowhere/perigee", ["opt"], ["lua9"])
        with self.assertRaises(ValueError):
            peers.assemble(sys.executable, ["warp"], [])

    def test_tiers_are_runners(self):
        runners, _ = peers.assemble(sys.executable, ["interp", "opt"], [])
        self.assertEqual([r.name for r in runners], ["perigee:interp", "perigee"])
        self.assertEqual(runners[0].command[1:], ["--tier=interp"])


class CommandLine(unittest.TestCase):
    def run_bench(self, *argv):
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(io.StringIO()):
            status = bench.main(list(argv))
        return status, out.getvalue()

    def test_list(self):
        status, out = self.run_bench("--list", "seed/fib")
        self.assertEqual(status, 0)
        self.assertIn("Recursive Fibonacci", out)

    def test_unknown_program(self):
        self.assertEqual(self.run_bench("no-such-program", "--peers=")[0], 2)

    def test_compare_reads_files(self):
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for i, t in enumerate((1.0, 0.25)):
                files.append(os.path.join(folder, "%d.json" % i))
                with open(files[-1], "w") as f:
                    json.dump(result([row("a", "perigee", t)]), f)
            status, out = self.run_bench("--compare", *files)
        self.assertEqual(status, 0)
        self.assertIn("4.00x", out)

    def test_means_over_everything_agree_with_logarithms(self):
        values = [1.5, 0.7, 12.0]
        self.assertAlmostEqual(math.log(stats.geometric_mean(values)),
            sum(map(math.log, values)) / 3)


if __name__ == "__main__":
    unittest.main()
