# SPDX-License-Identifier: MIT
"""Tables on a terminal: a run's table by suite, the means with the worst program beside each, and
the comparison of two runs. A ratio says how many times the subject is faster than the peer; below 1
it is slower. A ratio that the spread makes meaningless is marked with a question mark."""

from . import stats

# What is compared: key of the row, title
VIEWS = (("steady", "steady state, wall time of an iteration"),
         ("first", "first iteration, wall time"),
         ("process", "whole process, wall time"),
         ("process_cpu", "whole process, CPU time of all threads"))


def index(rows):
    """rows -> {(suite, program): {runner: row}}, in the order of the run."""
    table = {}
    for row in rows:
        table.setdefault((row["suite"], row["program"]), {})[row["runner"]] = row
    return table


def duration(seconds):
    if seconds is None:
        return "-"
    for unit, factor in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1 or unit == "us":
            return "%.3g %s" % (seconds * factor, unit)


def cell(summary):
    if not summary:
        return "-"
    text = duration(summary["median"])
    return text + (" ±%.0f%%" % (100 * summary["spread"]) if summary["spread"] >= 0.03 else "")


def times(value):
    return ("%.2fx" if value >= 0.095 else "%.3fx") % value


def ratio_cell(r):
    return times(r["value"]) + ("" if r["clear"] else "?") if r else "-"


def grid(header, lines):
    """Text columns, the first flush left, the others flush right."""
    widths = [max(len(row[i]) for row in [header] + lines) for i in range(len(header))]
    out = []
    for row in [header] + lines:
        cells = [row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:])]
        out.append("  ".join(cells).rstrip())
    return "\n".join(out)


def names(result):
    return [r["name"] for r in result["runners"]]


def subjects(result):
    """The runners that ratios are about: Perigee's tiers, or the first runner where there is no
    Perigee."""
    found = [r["name"] for r in result["runners"] if r["subject"]]
    return found or names(result)[:1]


def ratios(result, view, subject, peer, suite=None):
    """{suite/program: ratio of the peer's time to the subject's} where both were measured."""
    out = {}
    for (s, program), by_runner in index(result["rows"]).items():
        a, b = by_runner.get(peer), by_runner.get(subject)
        if (suite is None or s == suite) and a and b:
            r = stats.ratio(a.get(view), b.get(view))
            if r:
                out[program if suite else s + "/" + program] = r
    return out


def suites_of(result):
    return list(dict.fromkeys(row["suite"] for row in result["rows"]))


def program_line(program, by_runner, runners, subject, view):
    line = [program]
    own = by_runner.get(subject, {})
    for name in runners:
        row = by_runner.get(name, {})
        if "error" in row:
            line.append("failed")
        elif "skip" in row:
            line.append("skipped")
        else:
            text = cell(row.get(view))
            r = stats.ratio(row.get(view), own.get(view)) if name != subject else None
            line.append(text + ("  " + ratio_cell(r) if r else ""))
    rss = own.get("rss")
    line.append("%.1f" % rss["median"] if rss else "-")
    return line


def suite_table(result, suite, view):
    """The programs of a suite under every runner, or "" where this view was not measured."""
    runners = [n for n in names(result) if any(r["runner"] == n and r["suite"] == suite
        for r in result["rows"])]
    subject = subjects(result)[0]
    lines = [program_line(program, by_runner, runners, subject, view)
             for (s, program), by_runner in index(result["rows"]).items() if s == suite]
    if not any(row.get(view) for row in result["rows"] if row["suite"] == suite):
        return ""
    return grid([suite] + runners + ["MB"], lines)


def means(result, view):
    """Lines of the table of geometric means: subject, suite, and for each peer the mean with the
    worst program."""
    lines = []
    for subject in subjects(result):
        for suite in suites_of(result):
            for peer in names(result):
                total = stats.aggregate(ratios(result, view, subject, peer,
                    suite)) if peer != subject else None
                if total:
                    lines.append([suite, subject, peer, times(total["mean"]),
                                  times(total["worst"]) + " " + total["worst_name"], str(total["n"]),
                                  str(total["unclear"] or "")])
    return lines


def metric_lines(result):
    lines = []
    for (suite, program), by_runner in index(result["rows"]).items():
        for name, row in by_runner.items():
            for metric, m in (row.get("metrics") or {}).items():
                lines.append(["%s/%s %s" % (suite, program, metric), name,
                    "%.3g %s" % (m["median"], m["unit"])])
            if program == "tier_up" and row.get("warmup"):
                lines.append(["seed/tier_up to 90 %", name, duration(row["warmup"]["median"])])
    return lines


def warmup_table(result, suite):
    """The programs of a suite: time to 90 % of the steady speed, behind it the length of an iteration
    then, which is how finely the former can be told. Last the medians."""
    runners = [n for n in names(result) if any(r["runner"] == n and r.get("warmup") for r in result["rows"])]
    lines, all_of = [], {n: [] for n in runners}
    for (s, program), by_runner in index(result["rows"]).items():
        if s != suite:
            continue
        line = [program]
        for name in runners:
            row = by_runner.get(name, {})
            if row.get("warmup") and row.get("steady"):
                all_of[name].append(row["warmup"]["median"])
                line.append("%s (%s)" % (duration(row["warmup"]["median"]), duration(row["steady"]["median"])))
            else:
                line.append("-")
        lines.append(line)
    lines.append(["median"] + [duration(stats.median(all_of[n])) if all_of[n] else "-" for n in runners])
    return grid([suite] + runners, lines)


def warnings(result):
    out = list(result["notes"])
    for row in result["rows"]:
        if "error" in row:
            out.append("%s/%s under %s: %s" % (row["suite"], row["program"], row["runner"],
                row["error"]))
    noisy = sum(not r["clear"] for s in subjects(result)[:1] for p in names(result) if p != s
                for r in ratios(result, "steady", s, p).values())
    if noisy:
        out.append("%d steady ratios are marked ?: the spread makes them meaningless, measure these again" % noisy)
    return out


def text(result):
    """The whole report of a run."""
    out = ["%s, %s, %d CPUs%s, load %.2f" % (result["date"], result["machine"]["cpu"],
        result["machine"]["cpus"],
                                            " (pinned to one)" if result["options"].get("one_cpu") else "",
                                            result["machine"]["load"])]
    out += ["  %-16s %s" % (r["name"], r["version"]) for r in result["runners"]]
    for view, title in [] if result["options"].get("warm_up") else VIEWS[:1] + VIEWS[2:3]:
        tables = [t for t in (suite_table(result, s, view) for s in suites_of(result)) if t]
        if tables:
            out += ["", "== " + title + "; times the subject (%s) is faster" % subjects(result)[0],
                ""]
            out.append("\n\n".join(tables))
    for view, title in VIEWS:
        lines = means(result, view)
        if lines:
            out += ["", "== geometric means: " + title, "",
                    grid(["suite", "subject", "peer", "mean", "worst", "programs", "unclear"],
                        lines)]
    if result["options"].get("warm_up"):
        out += ["", "== warm-up: time to 90 % of the steady speed (length of an iteration)", "",
                "\n\n".join(warmup_table(result, s) for s in suites_of(result))]
    lines = metric_lines(result)
    if lines:
        out += ["", "== other figures", "", grid(["figure", "runner", "median"], lines)]
    found = warnings(result)
    if found:
        out += ["", "notes:"] + ["  " + w for w in found]
    return "\n".join(out)


def compare(before, after):
    """Before and after: how many times faster each runner became, program by program, with means by
    suite."""
    out, old = [], index(before["rows"])
    for view, title in (VIEWS[0], VIEWS[2]):
        for runner in [n for n in names(after) if n in names(before)]:
            lines = []
            for suite in suites_of(after):
                changes = {}
                for (s, program), rows in index(after["rows"]).items():
                    a = old.get((s, program), {}).get(runner)
                    b = rows.get(runner)
                    r = stats.ratio(a.get(view), b.get(view)) if s == suite and a and b else None
                    if r and a.get("size") == b.get("size") and a.get("reps") == b.get("reps"):
                        changes[program] = r
                        lines.append([suite + "/" + program, cell(a[view]), cell(b[view]),
                            ratio_cell(r), verdict(r)])
                total = stats.aggregate(changes)
                if total:
                    lines.append(["%s: geometric mean of %d" % (suite, total["n"]), "", "",
                        times(total["mean"]),
                                  "worst %s" % total["worst_name"]])
            if lines:
                out += ["== %s: %s" % (runner, title), "",
                        grid(["program", "before", "after", "faster", ""], lines), ""]
    return "\n".join(out) if out else "the two files have nothing in common"


def verdict(r):
    if not r["clear"]:
        return "noise"
    if r["value"] > 1 + stats.NOISE:
        return "faster"
    return "slower" if r["value"] < 1 - stats.NOISE else "equal"
