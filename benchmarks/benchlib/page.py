# SPDX-License-Identifier: MIT
"""The picture: one self-contained HTML page of a run. For each suite the geometric means; for each
program bars of the steady time by runner (logarithmic, the subject's time marked through), the
warm-up curves, and what compilation cost: the CPU time that other threads spent beside the program,
and the time lost until the steady speed was reached."""

import html
import math

from . import report, stats

COLORS = ("#c2410c", "#1d4ed8", "#15803d", "#7e22ce", "#a16207", "#0e7490", "#be185d", "#475569",
    "#4d7c0f", "#991b1b")
WIDTH, BAR, LEFT, RIGHT = 560, 16, 110, 120
CURVE_WIDTH, CURVE_HEIGHT = 260, 110

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 66em; padding: 0 1em; color: #1c1917; background: #fff }
h1 { font-size: 1.5em } h2 { margin-top: 2em; border-bottom: 1px solid #d6d3d1 } h3 { margin: 1.2em 0 0; font-size: 1em }
p.idea { margin: 0 0 .3em; color: #57534e } table { border-collapse: collapse; margin: .5em 0 }
td, th { padding: .15em .8em; text-align: right; border-bottom: 1px solid #e7e5e4 } td:first-child, th:first-child { text-align: left }
.program { display: flex; flex-wrap: wrap; gap: 1.5em; align-items: flex-start } svg text { font: 11px system-ui, sans-serif; fill: #292524 }
.faster { color: #15803d } .slower { color: #b91c1c } .note { color: #57534e }
"""


def escape(text):
    return html.escape(str(text))


def colors(result):
    return {name: COLORS[i % len(COLORS)] for i, name in enumerate(report.names(result))}


class Scale:
    """Seconds to pixels, logarithmic, over the times shown."""

    def __init__(self, times):
        self.low = math.log10(min(times) / 1.5)
        self.high = max(math.log10(max(times) * 1.1), self.low + 0.5)

    def __call__(self, seconds):
        return (math.log10(seconds) - self.low) / (self.high - self.low) * (WIDTH - LEFT - RIGHT)


def bar(i, name, row, view, scale, color, own):
    """One bar with its label, its spread as a line, its time and ratio."""
    y, summary = i * (BAR + 4), row[view]
    x = scale(summary["median"])
    low = LEFT + scale(summary["median"] * (1 - min(summary["spread"], 0.9)))
    high = LEFT + scale(summary["median"] * (1 + summary["spread"]))
    r = stats.ratio(summary, own) if own is not summary else None
    label = report.cell(summary) + ("  " + report.ratio_cell(r) if r else "")
    end = max(LEFT + x, high, LEFT + 1) + 5
    return "".join((
        '<text x="%d" y="%d" text-anchor="end">%s</text>' % (LEFT - 6, y + 12, escape(name)),
        '<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>' % (LEFT, y, max(x, 1), BAR, color),
        '<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#000"/>' % (low, high, y + 8, y + 8),
        '<text x="%.1f" y="%d">%s</text>' % (end, y + 12, escape(label))))


def bars(by_runner, result, view, paint):
    shown = [(n, by_runner[n]) for n in report.names(result) if n in by_runner
        and by_runner[n].get(view)]
    if not shown:
        return ""
    scale = Scale([row[view]["median"] for _, row in shown])
    own = by_runner.get(report.subjects(result)[0], {}).get(view)
    height = len(shown) * (BAR + 4)
    parts = [bar(i, n, row, view, scale, paint[n], own) for i, (n, row) in enumerate(shown)]
    if own:
        x = LEFT + scale(own["median"])
        parts.append('<line x1="%.1f" x2="%.1f" y1="0" y2="%d" stroke="#78716c" '
                     'stroke-dasharray="3 3"/>' % (x, x, height))
    return '<svg width="%d" height="%d" role="img">%s</svg>' % (WIDTH, height, "".join(parts))


def curve_points(times, top, bottom, span):
    """(seconds since the start, seconds of the iteration) as the points of a line; both axes
    logarithmic."""
    at, points = 0.0, []
    for t in times:
        at += t
        x = math.log10(1 + 9 * at / span) * CURVE_WIDTH
        y = (top - math.log10(max(t, 1e-9))) / (top - bottom) * (CURVE_HEIGHT - 20) + 5
        points.append("%.1f,%.1f" % (x, y))
    return " ".join(points)


def curves(by_runner, result, paint):
    """Iteration time over time, a line for each runner: where it falls, a tier was reached."""
    rows = [(n, by_runner[n]["curve"]) for n in report.names(result) if by_runner.get(n,
        {}).get("curve")]
    if not rows:
        return ""
    every = [max(t, 1e-9) for _, c in rows for t in c]
    top, bottom = math.log10(max(every)) + 0.1, math.log10(min(every)) - 0.1
    span = max(sum(c) for _, c in rows)
    lines = "".join('<polyline fill="none" stroke="%s" stroke-width="1.5" points="%s"><title>%s</title></polyline>'
                    % (paint[n], curve_points(c, top, bottom, span), escape(n)) for n, c in rows)
    label = "iteration time, %s to %s, over %s" % tuple(map(report.duration,
        (10 ** (bottom + .1), 10 ** (top - .1), span)))
    return ('<svg width="%d" height="%d" role="img">%s<text x="0" y="%d">%s</text></svg>'
            % (CURVE_WIDTH, CURVE_HEIGHT, lines, CURVE_HEIGHT - 3, escape(label)))


def compile_line(by_runner, result):
    """What compilation cost the subjects: CPU of other threads, and the loss until the steady
    speed."""
    parts = []
    for name in report.subjects(result):
        row = by_runner.get(name, {})
        first, steady = row.get("first"), row.get("steady")
        items = []
        if row.get("background"):
            items.append("other threads' CPU " + report.duration(row["background"]["median"]))
        if first and steady:
            items.append("first iteration above steady "
                + report.duration(max(0, first["median"] - steady["median"])))
        if row.get("warmup"):
            items.append("90 %% of steady speed after %s" % report.duration(row["warmup"]["median"]))
        if row.get("rss"):
            items.append("%.1f MB" % row["rss"]["median"])
        if items:
            parts.append("%s: %s" % (name, ", ".join(items)))
    return '<p class="note">compilation: %s</p>' % escape("; ".join(parts)) if parts else ""


def program(name, by_runner, result, paint):
    view = "steady" if any(r.get("steady") for r in by_runner.values()) else "process"
    any_row = next(iter(by_runner.values()))
    failed = ["%s: %s" % (n, r.get("error") or "skipped, " + r["skip"]) for n,
        r in by_runner.items()
              if "error" in r or "skip" in r]
    return ('<h3>%s</h3><p class="idea">%s</p><div class="program">%s%s</div>%s%s'
            % (escape(name), escape(any_row.get("idea", "")), bars(by_runner, result, view, paint),
               curves(by_runner, result, paint), compile_line(by_runner, result),
               '<p class="slower">%s</p>' % escape("; ".join(failed)) if failed else ""))


def means_table(result, view, title):
    lines = report.means(result, view)
    if not lines:
        return ""
    head = "".join("<th>%s</th>" % h for h in ("suite", "subject", "peer", "mean", "worst",
        "programs", "unclear"))
    body = ""
    for line in lines:
        kind = "faster" if float(line[3].rstrip("x")) >= 1 else "slower"
        cells = ['<td class="%s">%s</td>' % (kind if i == 3 else "", escape(c)) for i,
            c in enumerate(line)]
        body += "<tr>" + "".join(cells) + "</tr>"
    return "<h3>%s</h3><table><tr>%s</tr>%s</table>" % (escape(title), head, body)


def header(result):
    runners = "".join("<li>%s: %s</li>" % (escape(r["name"]), escape(r["version"]))
        for r in result["runners"])
    return ("<h1>Benchmarks, %s</h1><p>%s, %s CPUs, %s</p><ul>%s</ul><p>Ratios say how many times %s is faster; a "
            "question mark says that the spread makes the ratio meaningless.</p>"
            % (escape(result["date"]), escape(result["machine"]["cpu"]), result["machine"]["cpus"],
               escape(result["machine"]["system"]), runners, escape(report.subjects(result)[0])))


def render(result):
    """A whole page from a result."""
    paint = colors(result)
    parts = [header(result), "<h2>Geometric means</h2>"]
    parts += [means_table(result, view, title) for view, title in report.VIEWS]
    for suite in report.suites_of(result):
        parts.append("<h2>%s</h2>" % escape(suite))
        parts += [program(p, by_runner, result, paint)
                  for (s, p), by_runner in report.index(result["rows"]).items() if s == suite]
    notes = "".join("<li>%s</li>" % escape(w) for w in report.warnings(result))
    if notes:
        parts.append("<h2>Notes</h2><ul>%s</ul>" % notes)
    return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
            'content="width=device-width"><title>Benchmarks</title><style>%s</style></head>\n<body>%s</body></html>\n'
            % (STYLE, "\n".join(parts)))
