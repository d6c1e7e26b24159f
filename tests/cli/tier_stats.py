#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests --tier-stats and --trace-tiers from outside: tier_stats.py PERIGEE

Every report is checked against docs/tier-stats.schema.json and for what must hold between its numbers; each test states what
its program must show besides. Prints what failed; status 1 if anything did.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCHEMA = json.load(open(os.path.join(ROOT, "docs", "tier-stats.schema.json"), encoding="utf-8"))
PERIGEE = os.path.abspath(sys.argv[1])
SYNC = ["--jit-sync", "--tier=baseline", "--thresholds=1,1000000"]
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("PERIGEE", "LUA_"))}

# --- the part of JSON Schema that the schema uses ---

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int,
         "number": (int, float)}


def has_type(value, name):
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, TYPES[name])


def check(value, schema, path="report"):
    """Yields a line for each place where value is not as the schema says."""
    if "$ref" in schema:
        target = SCHEMA
        for name in schema["$ref"].lstrip("#/").split("/"):
            target = target[name]
        yield from check(value, target, path)
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and not any(has_type(value, name) for name in names):
        yield f"{path}: {value!r} is no {' or '.join(names)}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r} instead of {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < schema.get("minimum", value) or value > schema.get("maximum", value):
            yield f"{path}: {value} out of range"
    if isinstance(value, str):
        if not re.search(schema.get("pattern", ""), value, re.S) or len(value) < schema.get("minLength", 0):
            yield f"{path}: {value!r} has not the form {schema.get('pattern')}"
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{path}: {len(value)} elements"
        for n, element in enumerate(value):
            yield from check(element, schema.get("items", {}), f"{path}[{n}]")
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        for name in schema.get("required", []):
            if name not in value:
                yield f"{path}: no {name}"
        for name, member in value.items():
            if name not in properties and schema.get("additionalProperties") is False:
                yield f"{path}: unknown member {name}"
            yield from check(member, properties.get(name, {}), f"{path}.{name}")


# --- what must hold between the numbers ---


def consistent(r):
    shares = r["time"]["shares"]
    if abs(sum(s["percent"] for s in shares) - 100) > 0.01:
        yield "shares do not sum up to 100 %"
    if sum(s["samples"] for s in shares) != r["time"]["samples"]:
        yield "samples of the shares do not sum up"
    if len({s["what"] for s in shares}) != len(shares):
        yield "a share occurs twice"
    if [t["tier"] for t in r["tiers"]] != ["interpreter", "baseline", "optimizing"]:
        yield "tiers"
    f = r["functions"]
    if f["used"] > f["known"] or f["warm"] > f["known"] or f["collected"] > f["known"]:
        yield f"more functions than known: {f}"
    if sum(t["at_end"] for t in r["tiers"]) > f["used"]:
        yield "more functions stand in a tier than were used"
    for t in r["tiers"]:
        if t["entered"] > f["used"]:
            yield f"{t['tier']}: more functions entered than used"
    for t in r["tiers"][1:]:
        if t["compiled"] + t["failed"] + t["dropped"] + t["waiting"] != t["requested"]:
            yield f"{t['tier']}: requests without an end: {t}"
        if not t["entered"] <= t["functions_compiled"] <= t["compiled"]:
            yield f"{t['tier']}: entered <= functions compiled <= compiled: {t}"
        if t["compiled"] == 0 and t["code_bytes"] > 0:
            yield f"{t['tier']}: code without compilation"
        if t["longest_wait_ms"] > t["wait_ms"] + 0.001:
            yield f"{t['tier']}: one waited longer than all together"
        if sum(x["functions"] for x in t["failures"]) > t["failed"]:
            yield f"{t['tier']}: more failures with reasons than failures"
    if sum(h["self_percent"] or 0 for h in r["hottest"] + r["c_functions"]) > 100.01:
        yield "self times above 100 %"
    order = [h["self_percent"] or 0 for h in r["hottest"]]
    if order != sorted(order, reverse=True):
        yield "hottest functions out of order"
    for row in r["stayed_low"]:
        if row["uses"] == 0:
            yield f"never used, but listed: {row}"


# --- running ---

failures = []


def fail(name, message):
    failures.append(f"{name}: {message}")


def run(arguments, program=None, environment=None, directory=None):
    command = [PERIGEE] + arguments + (["-e", program] if program is not None else [])
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120, cwd=directory,
                          env=dict(ENVIRONMENT, **(environment or {})))


def verified(name, text):
    """The last line of text as a report, or None."""
    try:
        report = json.loads(text.strip().split("\n")[-1])
    except (json.JSONDecodeError, IndexError):
        fail(name, f"no report in {text[-300:]!r}")
        return None
    for fault in list(check(report, SCHEMA)) + list(consistent(report)):
        fail(name, fault)
    return report


def report_of(name, program, options=(), status=0, environment=None):
    done = run(["--tier-stats=json", *options], program, environment)
    if done.returncode != status:
        fail(name, f"status {done.returncode}, expected {status}: {done.stderr[-300:]!r}")
    return verified(name, done.stderr)


def expect(name, condition, message):
    if not condition:
        fail(name, message)


def share(r, what):
    return next(s["percent"] for s in r["time"]["shares"] if s["what"] == what)


def has_compilers(r):
    return r["compilers"]["state"] not in ("off", "unavailable")


# --- tests ---

BUSY = """
local function inner(n) local s = 0 for i = 1, n do s = s + i % 7 end return s end
local function outer(n) local s = 0 for i = 1, n do s = s + inner(100) end return s end
local function once() return 1 end
once()
outer(100000)
"""


def test_counts():
    name = "counts"
    r = report_of(name, "local function f() end local function never() end f() f() f()", ["--tier=interp"])
    if r is None:
        return
    expect(name, r["functions"]["known"] == 3 and r["functions"]["used"] == 2, f"functions {r['functions']}")
    uses = {h["function"]: h["uses"] for h in r["hottest"]}
    expect(name, uses == {"(command line):0": 1, "(command line):1": 3}, f"uses {uses}")
    expect(name, all(row["why"].endswith("--tier=interp") for row in r["stayed_low"]) and len(r["stayed_low"]) == 2, "stayed low")
    expect(name, r["compilers"] == {"state": "off", "why": "--tier=interp"}, f"compilers {r['compilers']}")


def test_collected():
    name = "collected functions"
    r = report_of(name, "for i = 1, 50 do load('return ' .. i)() end collectgarbage() collectgarbage()", ["--tier=interp"])
    if r is None:
        return
    expect(name, r["functions"]["collected"] >= 45 and r["functions"]["collected_uses"] >= 45, f"{r['functions']}")
    expect(name, r["tiers"][0]["entered"] == 51, f"entered {r['tiers'][0]}")


def test_time():
    name = "time"
    r = report_of(name, BUSY, ["--tier=interp"])
    if r is None or r["time"]["failure"]:
        return
    expect(name, share(r, "interpreter") > 60, f"interpreter {share(r, 'interpreter')} %")
    expect(name, r["hottest"][0]["function"] == "(command line):2", f"hottest {r['hottest'][0]}")
    r = report_of(name, "local s = ('x'):rep(200000) for i = 1, 100 do s:find('xxy') end", ["--tier=interp"])
    expect(name, share(r, "C functions") > 60, f"C functions {share(r, 'C functions')} %")
    expect(name, r["c_functions"][0]["function"] == "string.find", f"C functions {r['c_functions']}")
    r = report_of(name, "local t = {} for i = 1, 200000 do t[i] = {i} end for i = 1, 20 do collectgarbage() end", ["--tier=interp"])
    expect(name, share(r, "collector") > 40, f"collector {share(r, 'collector')} %")
    r = report_of(name, "local p = {} for i = 1, 50000 do p[i] = 'local a' .. i % 100 .. ' = f(x.y)' if i % 100 == 0 then p[i] = 'do end' end end "
                  "local s = 'do ' .. table.concat(p, ' end do ') .. ' end' for i = 1, 5 do assert(load(s)) end", ["--tier=interp"])
    expect(name, share(r, "loading") > 40, f"loading {share(r, 'loading')} %")
    r = report_of(name, "local co = coroutine.wrap(function() local s = 0 for i = 1, 1e7 do s = s + i end end) co()", ["--tier=interp"])
    expect(name, r["hottest"][0]["self_percent"] > 60, f"in a coroutine: {r['hottest'][0]}")


def test_compiled():
    name = "compiled in place"
    r = report_of(name, BUSY, SYNC)
    if r is None or not has_compilers(r):
        return
    baseline = r["tiers"][1]
    expect(name, baseline["entered"] == baseline["functions_compiled"] == 4 and baseline["failed"] == 0, f"{baseline}")
    expect(name, baseline["code_bytes"] > 0 and baseline["compile_ms"] > 0 and r["versions"]["llvm"], "costs and versions")
    expect(name, r["tiers"][0]["at_end"] == 0 and r["stayed_low"] == [], f"stayed low {r['stayed_low']}")
    expect(name, r["time"]["compiling"]["thread"] == "main", "compiling thread")
    expect(name, r["time"]["failure"] or share(r, "baseline code") > 40, f"baseline code {share(r, 'baseline code')} %")
    r = report_of("not yet hot", "local function f() end for i = 1, 98 do f() end", ["--jit-sync", "--tier=baseline"])
    expect("not yet hot", r["compilers"]["state"] == "unused" and r["versions"]["llvm"] is None, f"{r['compilers']}")
    expect("not yet hot", {row["why"] for row in r["stayed_low"]} == {"used less than 100 times, the threshold of baseline"}, f"{r['stayed_low']}")


def test_told():
    """What a script or host has said of a function is the reason in the report."""
    name = "told"
    r = report_of(name, "local jit = require 'jit'\nlocal function off() end\nlocal function on() end jit.off(off)\nfor i = 1, 300 do off() on() end",
                  ["--jit-sync", "--thresholds=10,20"])
    if r is None or not has_compilers(r):
        return
    why = {row["function"]: row["why"] for row in r["stayed_low"]}
    expect(name, why.get("(command line):2") == "compiling it was switched off by the host or by jit.off", f"{why}")
    r = report_of(name, "local jit = require 'jit'\nlocal function f() end jit.off() for i = 1, 300 do f() end", ["--jit-sync", "--thresholds=10,20"])
    expect(name, {row["why"] for row in r["stayed_low"]} == {"compiled code is switched off in this state"}, f"{r['stayed_low']}")
    r = report_of(name, "local jit = require 'jit'\nlocal function f() end for i = 1, 300 do f() end jit.flush(f)", ["--jit-sync", "--thresholds=10,20"])
    flushed = [d for d in r["deoptimisations"] if d["reason"] == "host"] # f's code of both tiers, and the chunk's if f was inlined there
    expect(name, len(flushed) == 1 and flushed[0]["count"] == 1 + flushed[0]["functions"], f"{r['deoptimisations']}")


def test_default():
    for n in range(3):
        report_of("all tiers", BUSY)


def test_no_plugin():
    name = "no plugin"
    r = report_of(name, BUSY, environment={"PERIGEE_JIT": "/nonexistent"})
    if r is None or r["compilers"]["state"] == "off":
        return
    expect(name, r["compilers"]["state"] == "unavailable" and "/nonexistent" in r["compilers"]["why"], f"{r['compilers']}")
    expect(name, r["tiers"][1]["compiled"] == 0 and r["tiers"][1]["failed"] > 0, f"{r['tiers'][1]}")
    expect(name, any("/nonexistent" in row["why"] for row in r["stayed_low"]), "reason")


def test_ends():
    report_of("after an error", "error('x')", status=1)
    report_of("after an error that is no string", "error({})", status=1)
    report_of("after os.exit", "os.exit(7)", status=7)
    report_of("after os.exit with closing", "os.exit(8, true)", status=8)
    report_of("after os.exit in a coroutine", "coroutine.wrap(function() pcall(os.exit, 9) end)()", status=9)
    report_of("after a syntax error", "x x", status=1)
    done = run(["--tier-stats=json"], "os.exit(0, true)")
    expect("one report", done.stderr.count('"report"') == 1, done.stderr[:200])


def test_interrupt():
    name = "after Ctrl-C"
    p = subprocess.Popen([PERIGEE, "--tier-stats=json", "-e", "print(1) io.stdout:flush() while true do end"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    p.stdout.readline()
    time.sleep(0.1)
    p.send_signal(signal.SIGINT)
    _, err = p.communicate(timeout=60)
    expect(name, p.returncode == 1 and "interrupted!" in err, f"status {p.returncode}: {err[:200]!r}")
    verified(name, err)


def test_file():
    name = "file"
    with tempfile.TemporaryDirectory() as d:
        for _ in range(2):
            done = run(["--tier-stats=json,r.json"], "os.execute('true')", directory=d)
            expect(name, done.stderr == "", f"stderr {done.stderr!r}")
        lines = open(os.path.join(d, "r.json"), encoding="utf-8").read().splitlines()
        expect(name, len(lines) == 2, f"{len(lines)} reports")
        for line in lines:
            verified(name, line)
    done = run(["--tier-stats=json,/nonexistent/x"], "print(1)")
    expect(name, done.returncode == 0 and "cannot open" in done.stderr, done.stderr)


def test_names():
    name = "names in any bytes"
    r = report_of(name, r"load('local function f() end f()', '@\xff\"\\\1\u{e9}.lua')()", ["--tier=interp"])
    expect(name, r is not None and any(h["function"].startswith('\ufffd"\\\x01\u00e9.lua:') for h in r["hottest"]),
           f"{[h['function'] for h in r['hottest']] if r else None}")


def test_caches():
    name = "inline caches"
    r = report_of(name, """
        local function get(o) return o.x end
        local shapes = {} for i = 1, 30 do shapes[i] = {['a' .. i] = 1, x = 2} end
        local o = {x = 1}
        for i = 1, 1000 do get(o) end
        local function many(o) return o.x end
        for i = 1, 1000 do many(shapes[i % 30 + 1]) end""", ["--tier=interp"])
    if r is None:
        return
    fields = next(c for c in r["inline_caches"] if c["sites"] == "fields read")
    expect(name, fields["monomorphic"] == 1 and fields["megamorphic"] == 1, f"{fields}")
    expect(name, 40 < fields["hit_percent_estimated"] < 60, f"{fields}")


def test_text():
    name = "text"
    done = run(["--tier-stats"], BUSY)
    for words in ("perigee: tier report of process", "Where the main thread's", "interpreter", "C functions", "Tiers ", "Hottest functions",
                  "Functions below the highest tier", "Inline caches"):
        expect(name, words in done.stderr, f"no {words!r} in {done.stderr[:400]!r}")


def test_trace():
    name = "trace"
    if not has_compilers(report_of(name, BUSY, SYNC)):
        return
    done = run(["--trace-tiers", *SYNC], BUSY)
    lines = done.stderr.splitlines()
    expect(name, all(re.match(r"perigee: \w+ +(baseline|optimizing) +\S.*:\d+, \d+ uses", line) for line in lines), done.stderr[:300])
    for word in ("requested", "started", "installed"): # perhaps more than once: baseline code is made anew
        places = {line.split(",")[0] for line in lines if f"perigee: {word} " in line}
        expect(name, len(places) == 4, f"{word}: {done.stderr[:600]}")


SITES = """local function add(a, b) return a.x + b end
local function f(a, b)
  return add(a, b)
end
local t = {x = 1}
for i = 1, 20000 do f(t, i) end
for i = 1, 300 do f({x = 1, y = 2}, 1) end
local function sum(a)
  local s = 0
  for i = 1, #a do s = s + a[i] end
  return s
end
for i = 1, 3000 do sum{1, 2, 3, 4} end
for i = 1, 300 do sum{1.5, 2.5} end
local function inc(n)
  return n + 1
end
for i = 1, 3000 do pcall(inc, i) end
for i = 1, 300 do pcall(inc, '1') end"""


def test_sites():
    name = "sites"
    r = report_of(name, SITES, ["--jit-sync"])
    if r is None or not has_compilers(r):
        return
    c = "(command line)"
    wanted = [(f"{c}:1", 1, "GETFIELD", "shape", "{x}", "{x, y}"), (f"{c}:8", 10, "GETTABLE", "kind", "array of integers", "array of floats"),
              (f"{c}:15", 16, "ADDI", "type", "integer", "short string")]
    rows = r["deoptimisation_sites"]
    got = {(s["function"], s["line"], s["opcode"], s["reason"], s["expected"], s["seen"]): s for s in rows}
    for w in wanted:
        expect(name, w in got and got[w]["count"] >= 50 and got[w]["advice"], f"no {w} in {list(got)}")
    total = sum(s["count"] for s in rows) + r["deoptimisations_elsewhere"]
    expect(name, total == sum(d["count"] for d in r["deoptimisations"]), f"{total} deoptimisations at sites")
    lost = [s for s in rows if s["opcode"] is None]
    expect(name, {s["function"] for s in lost} >= {f"{c}:1", f"{c}:2", f"{c}:8", f"{c}:15"}, f"given up: {lost}")
    done = run(["--tier-stats", "--jit-sync"], SITES)
    expect(name, f"{c}:1, line 1, GETFIELD: shape: expected {{x}}, saw {{x, y}}" in done.stderr, done.stderr)
    done = run(["--trace-tiers", "--jit-sync"], SITES)
    expect(name, f": shape in {c}:1, line 1, GETFIELD, expected {{x}}, saw {{x, y}}\n" in done.stderr, done.stderr[-600:])


INLINING = """local function small(x) return x + 1 end
local function other(x) return x - 1 end
local function many(...) return select('#', ...) end
local function f(x, g)
  x = small(x)
  x = g(x)
  many(x)
  x = math.floor(x)
  x = x .. string.rep('a', 2)
  return x:find('a')
end
for i = 1, 5000 do f(i, i % 2 == 0 and small or other) end"""


def test_inlining():
    name = "inlining"
    r = report_of(name, INLINING, ["--jit-sync"])
    if r is None or not has_compilers(r):
        return
    c = "(command line)"
    rows = {(d["line"], d["callee"]): d for d in r["inlining"] if d["compiled"] == d["function"] == f"{c}:4"}
    expect(name, not rows[7, f"{c}:3"]["inlined"] and rows[7, f"{c}:3"]["why"], f"a function that needs its frame: {rows}")
    for key, why in {(5, f"{c}:1"): None, (8, "math.floor"): None,
                     (9, "C function"): "compilers do not know this C function",
                     (10, "C function or object"): "C functions with upvalues, and objects, are not inlined"}.items():
        expect(name, key in rows and rows[key]["inlined"] == (why is None) and rows[key]["why"] == why, f"{key}: {rows}")
    expect(name, any(line == 6 for line, _ in rows), f"a call of several functions: {rows}")
    done = run(["--tier-stats", "--jit-sync"], INLINING)
    expect(name, f"{c}:4, line 5, {c}:1: inlined" in done.stderr, done.stderr)


def test_fork():
    name = "child processes"
    done = run(["--tier-stats=json"], f"os.execute('{PERIGEE} -e \"os.exit(3)\"')")
    reports = [line for line in done.stderr.splitlines() if line.startswith("{")]
    expect(name, len(reports) == 2, f"{len(reports)} reports")
    for line in reports:
        verified(name, line)


def main():
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test()
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
