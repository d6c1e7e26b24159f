#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write a random Lua program of hot, well-behaved functions that are disturbed now and then.

    tests/fuzz/kernels.py SEED [> program.lua]

generate.py's programs change everything all the time, so that optimised code soon leaves for good. Here each function
("kernel") has a signature of kinds (integer, float, array of a kind, record, object, vector, function, string) and is built of typed
statements: nested loops, array elements and fields, methods, inlined helpers, temporaries that do not escape, metamethods, varargs, closures. It is
called with what it was made for until every tier has it; then an argument of another kind comes, or, at a given iteration of some loop, one
of the disturbances: a global function or method is replaced, a metatable changed, an array widened or lengthened, a field removed, a hook set,
the collector run, a coroutine left, an error raised. Afterwards it is called as before. Results, error messages and the contents of all
arguments are traced.
"""

import pathlib
import random
import sys

PRELUDE = pathlib.Path(__file__).resolve().with_name("prelude.lua")

INTEGERS = ["0", "1", "-1", "2", "3", "5", "7", "-8", "64", "255", "1 << 31", "1 << 53", "maxint", "mint", "maxint - 2"]
FLOATS = ["0.0", "-0.0", "0.5", "1.5", "-2.25", "1e15", "2^53", "2^63", "1e308", "huge", "nan", "3.0", "0.1"]
KINDS = ["int", "flt", "ints", "flts", "mixed", "strs", "record", "object", "vector", "fun", "str", "count"]

HELPERS = """
local function inc(a) return a + 1 end
local function mad(a, b, c) return a * b + c end
local function clampi(a, lo, hi) if a < lo then return lo elseif a > hi then return hi end return a end
local function swap2(a, b) return b, a end
local function first(...) return (...) end
local function count(...) return select("#", ...) end
local function sum(...) local s = 0 for i = 1, select("#", ...) do s = s + (select(i, ...)) end return s end
local function pick(n, ...) local t = {...} return t[n] end
local function spread(...) local t = {...} return mad(table.unpack(t)) end
local function listed(...) local t, s = {...}, 0 for i, x in ipairs(t) do s = s + x * i end t[1] = s return t[1] + #t end
local function bump(n)
    local c = 0
    return function(k) c = c + 1 n = n + k return n * 2 + c end, function() return n - c end
end
local function fact(n) if n < 2 then return 1 end return n * fact(n - 1) end
local function down(n, acc) if n <= 0 then return acc end return down(n - 1, acc + n) end
local function compose(f, g) return function(x) return f(g(x)) end end
local function each(t, f) local r for i = 1, #t do r = f(t[i], i) end return r end
local function upto(n) return function(s, i) if i < n then return i + 1, i * 2 end end, nil, 0 end
local function gen(t) return coroutine.wrap(function() for i = 1, #t do coroutine.yield(t[i], i) end end) end
function gadd(a, b) return a + b end
gscale = 3
local Point = {} Point.__index = Point
function Point.new(x, y) return setmetatable({x = x, y = y}, Point) end
function Point:norm() return self.x * self.x + self.y * self.y end
function Point:move(dx, dy) self.x = self.x + dx self.y = self.y + dy return self end
function Point:scale() return self.x * 2 end
local Point3 = setmetatable({}, {__index = Point}) Point3.__index = Point3
function Point3.new(x, y, z) local p = Point.new(x, y) p.z = z return setmetatable(p, Point3) end
function Point3:scale() return self.z - self.x end
local Tag = {__index = function(t, k) return #k end, __call = function(self, a) return a end}
function Tag.new(v) return setmetatable({v = v}, Tag) end
local function own(n)
    return setmetatable({}, {__index = function(t, k) return #k + n end, __newindex = function(t, k, v) n = n + 1 if #k > 3 then rawset(t, k, v) end end,
                             __call = function(self, a, b) return a + (b or 1) end, __len = function(self) return n end})
end
local function risky(a, b) if a == b then error("same") end return a + b end
local function safe(a, b) local ok, v = pcall(risky, a, b) if ok then return v end return 1 end
local Vec = {}
Vec.__index = Vec
local function vec(x, y) return setmetatable({x = x, y = y}, Vec) end
Vec.__add = function(a, b) return vec(a.x + b.x, a.y + b.y) end
Vec.__sub = function(a, b) return vec(a.x - b.x, a.y - b.y) end
Vec.__mul = function(a, k) if type(k) == "number" then return vec(a.x * k, a.y * k) end return a.x * k.x + a.y * k.y end
Vec.__unm = function(a) return vec(-a.x, -a.y) end
Vec.__eq = function(a, b) return a.x == b.x and a.y == b.y end
Vec.__lt = function(a, b) return a.x < b.x end
Vec.__le = function(a, b) return a.x <= b.x end
Vec.__len = function(a) return 2 end
Vec.__concat = function(a, b) return "vec" end
function Vec:dot(o) return self.x * o.x + self.y * o.y end
local trip_at, trip, tripped = 0, nil, 0
local function at(n) tripped = tripped + 1 if tripped == trip_at then trip() end end
"""

DISTURBANCES = [
    "function() gadd = function(a, b) return a - b end end",
    "function() gadd = function(a, b) return tostring(a) end end",
    "function() gadd = math.max end",
    "function() gadd = nil end",
    "function() gscale = gscale + 1 end",
    "function() gscale = 2.5 end",
    "function() gscale = '4' end",
    "function() Point.norm = function(self) return self.x end end",
    "function() Point3.norm = function(self) return self.z end end",
    "function() Point.scale = nil end",
    "function() Point.__index = function(t, k) return rawget(Point, k) end end",
    "function() Point.__newindex = function(t, k, v) rawset(t, k, v) emit('new', k) end end",
    "function() Vec.__add = function(a, b) return vec(a.x, b.y) end end",
    "function() Vec.__index = function(t, k) return Vec[k] end end",
    "function() Vec.__lt = nil end",
    "function() Vec.__unm = function(a) return 5 end end",
    "function() for _, t in ipairs(ALL) do if #t > 1 then t[2] = 2.5 end end end",
    "function() for _, t in ipairs(ALL) do if #t > 1 then t[2] = 'two' end end end",
    "function() for _, t in ipairs(ALL) do for i = 1, #t do t[i] = t[i] + 0.0 end end end",
    "function() for _, t in ipairs(ALL) do t[#t + 1] = 1 end end",
    "function() for _, t in ipairs(ALL) do setmetatable(t, {__index = function(_, i) return 1 end}) end end",
    "function() for _, t in ipairs(ALL) do setmetatable(t, {__newindex = function(_, i) emit('ni', i) end, __len = function(t) return rawlen(t) end}) end end",
    "function() for _, t in ipairs(ALL) do t.extra = 1 end end",
    "function() for _, p in ipairs(OBJS) do p.x = nil end end",
    "function() for _, p in ipairs(OBJS) do p.x = 1.5 end end",
    "function() for _, p in ipairs(OBJS) do p.y = 'y' end end",
    "function() for _, p in ipairs(OBJS) do p.w = 1 end end",
    "function() for _, p in ipairs(OBJS) do setmetatable(p, nil) end end",
    "function() for _, p in ipairs(OBJS) do setmetatable(p, Point3) end end",
    "function() for _, p in ipairs(OBJS) do p.norm = function() return 1 end end end",
    "function() math.floor = function(x) return 1 end end",
    "function() string.sub = function() return 'S' end end",
    "function() local n = 0 debug.sethook(function() n = n + 1 if n > 50 then debug.sethook() end end, '', 1) end",
    "function() local n = 0 debug.sethook(function(w, l) n = n + 1 emit(w, l) if n > 8 then debug.sethook() end end, 'crl') end",
    "function() collectgarbage() end",
    "function() error('tripped') end",
    "function() error({}) end",
    "function() yv('tripped') end",
    "function() local n, v = debug.getlocal(3, 1) emit(n, v) end",
    "function() local i = 1 while true do local n, v = debug.getlocal(3, i) if not n then break end if n:sub(1, 1) ~= '(' then emit(n, v) end i = i + 1 end end",
    "function() debug.setlocal(3, 1, 1.25) end",
    "function() emit((debug.traceback('tb'):gsub('%[C%]: in %?', '?'))) end",
    "function() local i = debug.getinfo(3, 'Slnt') emit(i.currentline, i.name, i.namewhat, i.what, i.istailcall) end",
]


class Kernel:
    """One function: its parameters by kind, and the variables in scope while its body is written."""

    def __init__(self, r, number):
        self.r, self.slot = r, number
        self.params = [(f"{kind[0]}{kind[1]}{n}", kind) for n, kind in enumerate(r.choices(KINDS, k=r.randint(2, 5)))]
        if not any(kind in ("ints", "flts", "mixed") for _, kind in self.params):
            self.params.append(("arr", r.choice(["ints", "flts", "mixed"])))
        self.params.append(("cn", "count"))
        self.scopes = [list(self.params)]
        self.fixed = set(name for name, kind in self.params if kind == "count")
        self.lines, self.depth, self.fresh, self.loops = [], 1, 0, 0
        self.walks = []  # loops over an array's indices: (index, array); their bodies may store there without making a hole

    # ------------------------------------------------------------------------------------------------ names
    def line(self, text):
        self.lines.append("    " * self.depth + text)

    def chance(self, percent):
        return self.r.random() * 100 < percent

    def pick(self, *choices):
        return self.r.choice(choices)

    def new(self, stem):
        self.fresh += 1
        return f"{stem}{self.fresh}"

    def of(self, *kinds):
        """A variable of one of these kinds, mostly a recent one; None: there is none."""
        names = [name for scope in self.scopes for name, kind in scope if kind in kinds]
        return self.r.choice(names[-6:]) if names else None

    def assignable(self, *kinds):
        names = [name for scope in self.scopes for name, kind in scope if kind in kinds and name not in self.fixed]
        return self.r.choice(names[-6:]) if names else None

    def declare(self, name, kind):
        self.scopes[-1].append((name, kind))

    # ------------------------------------------------------------------------------------------------ expressions
    def int(self, level=0):
        if level > 2 or self.chance(25):
            return self.of("int", "count") if self.chance(70) and self.of("int", "count") else f"({self.r.choice(INTEGERS)})"
        a = lambda: self.int(level + 1)
        choices = [lambda: f"({a()} {self.pick('+', '-', '*', '+', '-')} {a()})", lambda: f"({a()} {self.pick('+', '-')} {self.r.randint(1, 9)})",
                   lambda: f"({a()} {self.pick('//', '%')} {self.pick('3', '-7', '8', '1')})", lambda: f"({a()} {self.pick('&', '|', '~')} {a()})",
                   lambda: f"({a()} {self.pick('<<', '>>')} {self.pick('1', '3', '63', '64', '-2')})", lambda: f"(-{a()})", lambda: f"(~{a()})",
                   lambda: f"math.{self.pick('max', 'min')}({a()}, {a()})", lambda: f"math.abs({a()})", lambda: f"inc({a()})", lambda: f"mad({a()}, {a()}, {a()})",
                   lambda: f"clampi({a()}, 1, 9)", lambda: f"gadd({a()}, {a()})", lambda: f"({a()} * gscale)", lambda: f"sum({a()}, {a()}, {a()})",
                   lambda: f"count({a()}, {a()})", lambda: f"pick(2, {a()}, {a()})", lambda: f"first({a()}, {a()})", lambda: f"down({self.r.randint(0, 9)}, {a()})",
                   lambda: f"fact({self.r.randint(0, 9)})", lambda: f"({self.cond(level + 1)} and {a()} or {a()})", lambda: f"#{self.array()}", lambda: self.element("ints", level),
                   lambda: self.field("record", level), lambda: self.temporary(level), lambda: self.method(level), lambda: self.closed(level), lambda: self.of_string(),
                   lambda: f"(select('#', {self.pick('nil', a())}, {a()}))", lambda: f"math.floor({a()} / 2)", lambda: f"(math.tointeger({self.flt(level + 1)}) or {a()})",
                   lambda: f"(math.type({a()}) == 'integer' and 1 or 2)", lambda: f"rawlen({self.array()})", lambda: self.owned(level) if self.loops < 2 else a(), lambda: f"safe({a()}, {a()})"]
        return self.r.choice(choices)()

    def flt(self, level=0):
        if level > 2 or self.chance(25):
            return self.of("flt") if self.chance(70) and self.of("flt") else f"({self.r.choice(FLOATS)})"
        a = lambda: self.flt(level + 1)
        choices = [lambda: f"({a()} {self.pick('+', '-', '*', '/', '+', '-')} {a()})", lambda: f"({self.int(level + 1)} / {self.pick('2', '3.0', '0.5')})", lambda: f"({a()} + {self.int(level + 1)})",
                   lambda: f"({a()} * {self.int(level + 1)})", lambda: f"math.sqrt(math.abs({a()}))", lambda: f"(-{a()})", lambda: f"({a()} % 3.5)", lambda: f"({a()} // 0.7)", lambda: f"({self.int(level + 1)} ^ 2)",
                   lambda: self.element("flts", level), lambda: f"mad({a()}, {a()}, {a()})", lambda: f"clampi({a()}, 0.5, 4.5)", lambda: self.vector_number(level), lambda: f"gadd({a()}, {a()})",
                   lambda: f"math.{self.pick('max', 'min')}({a()}, {a()})", lambda: f"math.fmod({a()}, 2.5)", lambda: f"({self.cond(level + 1)} and {a()} or {a()})", lambda: f"math.abs({a()})",
                   lambda: f"({a()} + 0.0)", lambda: f"math.{self.pick('sin', 'cos', 'exp')}(0.0 * {self.pick('1', '2')})"]
        return self.r.choice(choices)()

    def number(self, level=0):
        return self.int(level) if self.chance(65) else self.flt(level)

    def cond(self, level=0):
        choices = [lambda: f"{self.int(level + 1)} {self.pick('<', '<=', '>', '>=', '==', '~=')} {self.int(level + 1)}", lambda: f"{self.flt(level + 1)} {self.pick('<', '<=', '>', '>=')} {self.flt(level + 1)}",
                   lambda: f"{self.int(level + 1)} % {self.pick('2', '3', '5')} == 0", lambda: f"{self.int(level + 1)} < {self.flt(level + 1)}", lambda: f"not ({self.int(level + 1)} == 0)",
                   lambda: f"{self.array()}[{self.index()}] {self.pick('~= nil', '== nil', '')}".rstrip(), lambda: self.vector_cond(level), lambda: f"type({self.array()}[1]) == 'number'",
                   lambda: f"{self.array()}[1] == {self.array()}[2]", lambda: f"rawequal({self.array()}, {self.array()})"]
        text = self.r.choice(choices)()
        return f"({text} {self.pick('and', 'or')} {self.cond(level + 1)})" if level < 2 and self.chance(15) else f"({text})"

    def owned(self, level):
        """Objects with a metatable of their own."""
        a = lambda: self.int(level + 1)
        return self.pick(f"own({a()}).abc", f"#own({a()})", f"own({a()})({a()}, {a()})", f"own(1)({a()})", f"own({a()})[{self.of('str') or chr(39) + 'k' + chr(39)}]")

    def array(self):
        return self.of("ints", "flts", "mixed") or "ALL[1]"

    def index(self):
        i = self.of("count", "int") or "1"
        return self.pick(i, i, i, f"{i} + 1", f"{i} - 1", "1", "2", f"({i} % 5) + 1", f"({i} & 7)", f"#{self.array()}", f"clampi({i}, 1, 4)")

    def element(self, kind, level):
        name = self.of(kind)
        if not name:
            return self.of("int", "count") if kind == "ints" else "(1.5)"
        return f"({name}[{self.index()}] or {self.pick('1', '0') if kind == 'ints' else '0.5'})"

    def field(self, kind, level):
        name = self.of("record", "object")
        return f"{name}.{self.pick('x', 'y')}" if name else "(3)"

    def method(self, level):
        name = self.of("object")
        return self.pick(f"{name}:norm()", f"{name}:norm()", f"{name}:scale()", f"{name}:move(1, {self.int(level + 1)}).x") if name else self.field("record", level)

    def vector_expression(self, level):
        v = self.of("vector")
        if level > 2 or (v and self.chance(35)):
            return v or f"vec({self.flt(2)}, {self.pick('1.0', '2')})"
        a = lambda: self.vector_expression(level + 1)
        return self.pick(f"({a()} + {a()})", f"({a()} - {a()})", f"({a()} * {self.pick('2', '0.5', '3')})", f"(-{a()})", f"vec({self.flt(level + 1)}, {self.flt(level + 1)})")

    def vector_number(self, level):
        return self.pick(f"{self.vector_expression(level + 1)}.x", f"{self.vector_expression(level + 1)}:dot({self.vector_expression(level + 1)})", f"({self.vector_expression(level + 1)} * {self.vector_expression(2)})")

    def vector_cond(self, level):
        return f"{self.vector_expression(level + 1)} {self.pick('<', '<=', '==', '~=', '>')} {self.vector_expression(level + 1)}"

    def temporary(self, level):
        """Objects that do not escape, or hardly."""
        a = lambda: self.int(level + 1)
        return self.pick(f"({{x = {a()}, y = {a()}}}).y", f"({{{a()}, {a()}}})[{self.pick('1', '2', '2', '3')}]", f"Point.new({a()}, {a()}):norm()",
                         f"({{{a()}, n = {a()}}}).n", f"#{{{a()}, {a()}, {a()}}}", f"Point3.new(1, {a()}, {a()}):scale()", f"(select({self.pick('1', '2')}, swap2({a()}, {a()})))",
                         f"spread({a()}, {a()}, {a()})", f"listed({a()}, {a()})", f"(bump({a()}))({a()})", f"({{{a()}, {a()}, {a()}}})[{self.index()}]")

    def closed(self, level):
        """Closures that are called at once, or handed to a function that is inlined."""
        p = self.new("q")
        self.scopes.append([(p, "int")])
        body = self.int(level + 1)
        self.scopes.pop()
        return self.pick(f"(function({p}) return {body} end)({self.int(level + 1)})", f"each({self.array()}, function({p}) {self.step(p)} return {body} end)" if level < 2 else "1",
                         f"compose(inc, function({p}) return {body} end)({self.int(level + 1)})")

    def step(self, p):
        name = self.assignable("int")
        return f"{name} = {name} + 1" if name and self.chance(50) else ""

    def of_string(self):
        s = self.of("str") or "('abc')"
        i = self.of("count", "int") or "1"
        return self.pick(f"#{s}", f"({s}:byte({self.pick('1', '2', i)}) or 0)", f"#({s}:sub({self.pick('1', '2', i)}, {self.pick('3', '-1', i)}))", f"({s} < 'm' and 1 or 0)", f"({s}:sub(1, 1) == 'a' and 1 or 2)",
                         f"#({s} .. {i})", f"(tonumber({s}) or 0)", f"({s} == 'abc' and 3 or 4)", f"#tostring({i})", f"utf8.len({s})")

    # ------------------------------------------------------------------------------------------------ statements
    def block(self, budget, names=(), before=()):
        self.depth += 1
        self.scopes.append(list(names))
        for text in before:
            self.line(text)
        for _ in range(self.r.randint(1, max(1, budget))):
            self.statement(budget - 1)
        self.scopes.pop()
        self.depth -= 1

    def statement(self, budget):
        simple = [self.local, self.local, self.assign, self.assign, self.store, self.store, self.store, self.set_field, self.call_at, self.append, self.strings, self.multiple, self.record, self.guarded, self.owner]
        nested = [self.for_, self.for_, self.for_, self.while_, self.if_, self.if_, self.each, self.pairs_, self.repeat, self.goto_, self.closure, self.protected, self.generic, self.scoped, self.shared, self.carried]
        if budget <= 0 or self.loops >= 3 or self.chance(50):
            self.r.choice(simple)()
        else:
            self.r.choice(nested)(budget)

    def local(self):
        kind = self.r.choice(["int", "int", "flt", "vector", "record", "object"])
        name = self.new(kind[0] + "v")
        text = {"int": self.int, "flt": self.flt, "vector": lambda: self.vector_expression(0), "record": lambda: f"{{x = {self.int(1)}, y = {self.int(1)}}}",
                "object": lambda: self.pick(f"Point.new({self.int(1)}, {self.int(1)})", f"Point3.new({self.int(1)}, {self.int(1)}, {self.int(1)})")}[kind]()
        self.line(f"local {name} = {text}")
        self.declare(name, kind)

    def assign(self):
        kind = self.r.choice(["int", "int", "flt", "vector"])
        name = self.assignable(kind)
        if name:
            self.line(f"{name} = " + {"int": self.int, "flt": self.flt, "vector": lambda: self.vector_expression(0)}[kind]())

    def store(self):
        kind = self.r.choice(["ints", "flts", "mixed"])
        name = self.of(kind)
        if name:
            value = {"ints": self.int, "flts": self.flt, "mixed": self.number}[kind]()
            own = [i for i, over in self.walks if over == name]
            inside = f"clampi({self.pick(self.of('count'), self.int(1))}, 1, #{name} + 1)"
            self.line(f"{name}[{self.r.choice(own) if own and self.chance(70) else self.pick('1', inside)}] = {value}")

    def set_field(self):
        name = self.of("record", "object", "vector")
        if name:
            self.line(f"{name}.{self.pick('x', 'y')} = {self.number(1)}")

    def record(self):
        name = self.of("record", "object")
        if name:
            self.line(f"{name}.x, {name}.y = {name}.y, {self.int(1)}")

    def call_at(self):
        self.line("at()")

    def append(self):
        kind = self.r.choice(["ints", "flts"])
        name = self.of(kind)
        if name:
            value = self.int(1) if kind == "ints" else self.flt(1)
            self.line(f"if #{name} < 40 then " + self.pick(f"{name}[#{name} + 1] = {value}", f"table.insert({name}, {value})", f"table.insert({name}, 1, {value})") + " end")
            if self.chance(25) and not self.walks:
                self.line(self.pick(f"table.remove({name})", f"{name}[#{name}] = nil", f"table.remove({name}, 1)"))

    def strings(self):
        name = self.assignable("str")
        if name:
            self.line(f"{name} = clip({name} .. {self.pick(chr(39) + 'x' + chr(39), self.int(2), self.flt(2))})")

    def multiple(self):
        a, b = self.assignable("int"), self.assignable("int")
        if a and b and a != b:
            self.line(f"{a}, {b} = {self.pick(f'swap2({a}, {self.int(1)})', f'{b}, {a}', f'{self.int(1)}, {self.int(1)}', f'table.unpack({{{a}, {b}}})')}")

    def loop(self, budget, head, names, before=()):
        self.loops += 1
        for name, _ in names:
            self.fixed.add(name)
        self.line(head)
        self.block(budget, names, ["tick()" if self.loops > 1 or self.chance(30) else "", "at()" if self.chance(35) else "", *before])
        self.loops -= 1

    def for_(self, budget):
        i, n = self.new("i"), self.of("count")
        a = self.array()
        head = self.pick(f"1, {n}", f"1, #{a}", f"1, #{a}", f"#{a}, 1, -1", f"2, #{a} - 1", f"1, {n}, 2", f"{n}, 1, -3", f"1, {self.r.randint(1, 20)}", f"1, #{a} + 1", "0.5, 3", f"maxint - {self.r.randint(0, 3)}, maxint",
                         f"mint, mint + {self.r.randint(0, 3)}", f"1, {self.of('int', 'count')} % 9", f"{n} - 1, {n} + 3")
        walks = f"#{a}" in head
        if walks:
            self.walks.append((i, a))
        self.loop(budget, f"for {i} = {head} do", [(i, "count" if "0.5" not in head else "fltcount")])
        if walks:
            self.walks.pop()
        if self.chance(20):
            self.line(f"    if {self.cond(1)} then {self.pick('break', 'break', 'return ' + str(self.r.randint(1, 9)))} end")
        self.line("end")

    def while_(self, budget):
        i = self.new("w")
        self.line(f"local {i} = {self.pick('1', '0', '1')}")
        self.declare(i, "count")
        self.loop(budget, f"while {i} <= {self.pick('#' + self.array(), self.of('count'), '7')} do", [(i, "count")])
        self.line(f"    {i} = {i} + {self.pick('1', '1', '2')}")
        self.line("end")

    def repeat(self, budget):
        i = self.new("u")
        self.line(f"local {i} = 0")
        self.declare(i, "count")
        self.loop(budget, "repeat", [(i, "count")], [f"{i} = {i} + 1"])
        self.line(f"until {i} >= {self.r.randint(1, 12)} or {self.cond(1)}")

    def each(self, budget):
        i, v, a = self.new("i"), self.new("e"), self.array()
        self.loop(budget, f"for {i}, {v} in ipairs({a}) do", [(i, "count"), (v, "any")], [f"if {i} > 30 then break end"])
        self.line("end")

    def pairs_(self, budget):
        k, v, acc = self.new("k"), self.new("e"), self.new("iv")
        self.line(f"local {acc} = 0")
        self.declare(acc, "int")
        t = self.of("record", "object", "ints", "flts") or "ALL[1]"
        self.line(f"for {k}, {v} in {self.pick(f'pairs({t})', f'next, {t}')} do")
        self.line(f"    if math.type({v}) == 'integer' then {acc} = {acc} ~ {v} end")
        self.line("end")

    def generic(self, budget):
        i, v, n = self.new("i"), self.new("iv"), self.of("count")
        self.loop(budget, f"for {i}, {v} in {self.pick(f'upto({self.r.randint(1, 9)})', f'upto({n} % 12)')} do", [(i, "count"), (v, "int")])
        self.line("end")
        if self.chance(30):
            x = self.new("e")
            self.line(f"for {x} in gen({self.array()}) do at() if {x} == nil then break end end")

    def if_(self, budget):
        self.line(f"if {self.cond()} then")
        self.block(budget)
        if self.chance(50):
            self.line(f"elseif {self.cond()} then" if self.chance(30) else "else")
            self.block(budget)
        self.line("end")

    def goto_(self, budget):
        i, label = self.new("i"), self.new("next")
        self.loop(budget, f"for {i} = 1, {self.pick(self.of('count'), '9')} do", [(i, "count")], [f"if {self.cond(1)} then goto {label} end", "do"])
        self.line("    end")
        self.line(f"    ::{label}::")
        self.line("end")

    def closure(self, budget):
        f, p, acc = self.new("f"), self.new("q"), self.new("iv")
        self.line(f"local {acc} = {self.int(1)}")
        self.declare(acc, "int")
        self.line(f"local function {f}({p})")
        loops, self.loops = self.loops, 2
        self.block(1, [(p, "int")], [f"{acc} = {acc} + {p}"])
        self.loops = loops
        self.line(f"    return {acc} {self.pick('+', '~')} {p}")
        self.line("end")
        self.line(self.pick(f"{acc} = {f}({self.int(1)})", f"for j = 1, 5 do {acc} = {acc} ~ {f}(j) end", f"{f}({self.int(1)})", f"KEEP = {f}"))

    def shared(self, budget):
        """Two closures with variables in common, of a function that is inlined."""
        f, g, acc = self.new("f"), self.new("f"), self.new("iv")
        self.line(f"local {f}, {g} = bump({self.int(1)})")
        self.line(f"local {acc} = {f}({self.int(1)}) + {g}()")
        self.declare(acc, "int")
        self.block(1, [], [self.pick("at()", "", f"if {self.cond(1)} then KEEP = {self.pick(f, g)} end")])
        self.line(f"{acc} = {acc} + {f}(1) - {g}()")
        if self.chance(20):
            self.line(f"{acc} = {acc} ~ KEEP(1)")

    def carried(self, budget):
        """A table made anew in each iteration, or on some ways."""
        p, o, acc, i = self.new("p"), self.new("p"), self.new("iv"), self.new("i")
        a = lambda: self.int(1)
        self.line(f"local {p}, {o}, {acc} = {{x = {a()}, y = {a()}}}, {{x = 1, y = 2}}, 0")
        self.declare(acc, "int")
        before = [self.pick(f"{o} = {p}", f"{p}, {o} = {o}, {p}", "", "", f"{o}.y = {o}.y + {i}"), self.pick("", "", f"if {self.cond(1)} then KEPT = {p} end", "at()")]
        self.loop(1, f"for {i} = 1, {self.pick('3', '7', self.of('count') or '5')} do", [(i, "count")], before)
        self.line(f"    {self.pick('', '', 'if ' + self.cond(1) + ' then')} {p} = {{x = {p}.y, y = {p}.x + {i}}} ".rstrip())
        if self.lines[-1].lstrip().startswith("if "):
            self.line("    end")
        self.line(f"    {self.pick('', f'{p}.x = {p}.x + 1', f'{o} = {{x = {p}.x, y = {o}.x}}')}")
        self.line(f"    {acc} = {acc} + {p}.x + {o}.y")
        self.line("end")
        self.line(f"{acc} = {acc} + {p}.y")

    def protected(self, budget):
        loops, self.loops = self.loops, 2
        self.line("emit(pcall(function()")
        self.block(budget)
        self.line(f"    return {self.int(1)}")
        self.line("end))")
        self.loops = loops

    def guarded(self):
        name = self.assignable("int")
        if name:
            a = lambda: self.int(1) if self.chance(97) else self.pick("nil", "{}", "1.5")
            call = self.pick(f"inc, {a()}", f"mad, {a()}, {a()}, {a()}", f"risky, {a()}, {a()}", f"fact, {self.r.randint(0, 9)}", f"safe, {a()}, {a()}", f"clampi, {a()}, 1, 9", f"sum, {a()}, {a()}")
            self.line(f"do local ok, v = pcall({call}) if ok then {name} = math.tointeger(v) or 0 else {name} = {name} + 1 end end")

    def owner(self):
        if self.loops > 1:
            return
        o, key = self.new("o"), self.of("str") or "'abcd'"
        self.line(f"do local {o} = own({self.int(1)}) {o}.a = {self.int(1)} {o}[{key}] = 7 {o}.abcde = {self.int(1)} TOTAL = (TOTAL or 0) + #{o} + {o}.abcde + {o}.a end")

    def scoped(self, budget):
        c = self.new("c")
        self.line("do")
        self.block(budget, [], [f"local {c} <close> = closer({self.r.randint(1, 99)}, {self.pick('0', '1', '2') if self.chance(30) else '0'})"])
        self.line("end")

    # ------------------------------------------------------------------------------------------------ the whole
    def text(self):
        head = f"K[{self.slot}] = function({', '.join(name for name, _ in self.params)}{', ...' if self.chance(20) else ''})"
        budget = self.r.randint(2, 4)
        for _ in range(self.r.randint(2, 5)):
            self.statement(budget)
        results = [name for kind in ("int", "flt", "str", "vector") for name in [self.of(kind)] if name]
        self.line("return " + ", ".join(results or ["1"]))
        return [head, *self.lines, "end"]


class Program:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def argument(self, kind):
        r = self.r
        ints = lambda: ", ".join(str(r.randint(-9, 99)) for _ in range(r.choice([3, 5, 8, 17, 30])))
        return {"int": lambda: r.choice(INTEGERS[:9]), "count": lambda: str(r.choice([0, 1, 3, 7, 12, 20])), "flt": lambda: r.choice(FLOATS[:7]), "ints": lambda: f"arr{{{ints()}}}",
                "flts": lambda: f"arr{{{', '.join(str(r.randint(-9, 99) / 4) for _ in range(r.choice([3, 6, 12, 25])))}}}", "mixed": lambda: f"arr{{{ints()}, 0.5, 2.5, 7}}",
                "strs": lambda: 'arr{"a", "bc", "def", "10"}', "record": lambda: f"obj{{x = {r.randint(1, 9)}, y = {r.randint(1, 9)}}}",
                "object": lambda: r.choice([f"obj(Point.new({r.randint(1, 9)}, 2))", f"obj(Point.new(3, {r.randint(1, 9)}))", "obj(Point3.new(1, 2, 3))"]),
                "vector": lambda: f"obj(vec({r.randint(1, 9)}.5, 2.0))", "fun": lambda: r.choice(["inc", "function(a) return a end", "math.abs"]),
                "str": lambda: r.choice(['"abc"', '"hello world"', '"17"', '""', '("xy"):rep(30)'])}[kind]()

    def wrong(self, kind):
        r = self.r
        return r.choice([self.argument(r.choice(KINDS)), "nil", r.choice(FLOATS), r.choice(INTEGERS), "arr{}", "arr{1}", "arr{1, 2.5, 'x'}", "obj{y = 1}", "obj{x = 1.5, y = 'a'}", "obj(Tag.new(1))", "'5'", "true",
                         "arr(setmetatable({1, 2}, {__index = function(t, i) return i end, __len = function(t) return rawlen(t) end}))", "obj(setmetatable({}, {__index = {x = 1, y = 2}}))", "arr{[1] = 1, [2] = 3}", "arr{false, true}"])

    def calls(self, kernel, n):
        """Warm, disturbed, as before."""
        r = self.r
        good = lambda: ", ".join(self.argument(kind) for _, kind in kernel.params)
        lines = [f"local function good() return {good()} end"]
        call = "run({}, {})".format
        for phase in range(r.randint(2, 5)):
            lines.append(f"for round = 1, {r.choice([2, 4, 8])} do {call(n, 'good()')} end")
            if r.random() < 0.3:
                lines.append(f"for round = 1, 2 do {call(n, good())} end")
            if r.random() < 0.5:
                args = [self.argument(kind) for _, kind in kernel.params]
                victim = r.randrange(len(args))
                args[victim] = self.wrong(kernel.params[victim][1])
                lines.append(f"for round = 1, {r.choice([1, 3])} do {call(n, ', '.join(args))} end")
            else:
                lines.append(f"trip_at, trip, tripped = {r.choice([1, 2, 3, 5, 9, 20])}, {r.choice(DISTURBANCES)}, 0")
                lines.append(f"for round = 1, 2 do {call(n, 'good()')} end")
            if r.random() < 0.2:
                lines.append(f"co_run({n}, good())")
        return ["do", *("    " + text for text in lines), "end"]

    def program(self):
        kernels = [Kernel(self.r, n) for n in range(1, self.r.randint(2, 4))]
        body = ["local K, ALL, OBJS = {}, {}, {}",
                "local function arr(t) ALL[#ALL + 1] = t return t end",
                "local function obj(t) OBJS[#OBJS + 1] = t return t end"]
        helpers = HELPERS.strip().split("\n")
        for kernel in kernels:
            body += kernel.text()
        body += ["local function contents(t)", "    local line = {}", "    for i = 1, 6 do line[i] = show(rawget(t, i)) end",
                 "    for _, k in ipairs{'x', 'y', 'z', 'w', 'v', 'n', 'extra'} do line[#line + 1] = show(rawget(t, k)) end", "    emit(table.concat(line, ' '), rawlen(t))", "end",
                 "local function after(...)", "    debug.sethook()", "    emit(...)", "    for _, t in ipairs(ALL) do contents(t) end", "    for _, t in ipairs(OBJS) do contents(t) end", "    ALL, OBJS = {}, {}", "end",
                 "local function run(n, ...) refuel(1000) after(n, pcall(K[n], ...)) end",
                 "local function co_run(n, ...)", "    refuel(1000)", "    local co = coroutine.create(K[n])", "    emit(coroutine.resume(co, ...))",
                 "    for step = 1, 5 do if coroutine.status(co) == 'dead' then break end emit(coroutine.resume(co, step)) end", "    after(coroutine.close(co))", "end"]
        for n, kernel in enumerate(kernels, 1):
            body += self.calls(kernel, n)
        for n, kernel in enumerate(kernels, 1):
            body += self.calls(kernel, n)
        return PRELUDE.read_text() + "\n" + "\n".join(helpers + body) + "\nemit_sum()\n"


class Generator:
    """As generate.Generator: a seed in, a program out."""

    def __init__(self, seed):
        self.seed = seed

    def program(self):
        return Program(self.seed).program()


if __name__ == "__main__":
    sys.stdout.write(Program(int(sys.argv[1])).program())
