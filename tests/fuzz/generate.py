#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write a random Lua program whose output does not depend on the implementation.

    tests/fuzz/generate.py SEED [> program.lua]

A program is prelude.lua, then classes and objects that all functions share and change, then functions of random
statements, then a driver that calls the functions again and again, straight and inside coroutines, with arguments from a
pool of edge values. The same function so meets operands of changing type, objects of changing shape and class, and
methods that are replaced, in the interpreter's cold and warm code alike.

Left out is what the manual leaves open: order of `next`, borders of tables with holes, sign of NaN, order of assignment,
a variable changed by a call in the same expression (each call stands at the start of its expression or has no such effects).
"""

import pathlib
import random
import sys

PRELUDE = pathlib.Path(__file__).resolve().with_name("prelude.lua")

INTEGERS = ["0", "1", "-1", "2", "3", "7", "10", "-5", "63", "64", "-64", "255", "256", "65535", "65536", "2147483647",
            "2147483648", "-2147483648", "9007199254740992", "9007199254740993", "maxint", "mint", "maxint - 1", "mint + 1"]
FLOATS = ["0.0", "-0.0", "0.5", "1.0", "-1.5", "3.0", "2.0", "1e15", "1e16", "2^53", "2^63", "-2^63", "1e308", "huge", "-huge",
          "nan", "1e-310", "0.1", "64.0", "9223372036854775807.0"]
STRINGS = ['"10"', '"0x10"', '"abc"', '""', '"1e1"', '" 5 "', '"a\\0b"', '"x"', '"y"', '"-7"', '"9223372036854775808"', '"nan"',
           '"zzz"', '"%d"', '"3.0"', '("long"):rep(15)']
OTHERS = ["nil", "true", "false"]
FIELDS = ["x", "y", "z", "val", "count", "m1", "m2", "m3"]
METHODS = ["m1", "m2", "m3", "get", "add"]
EVENTS = ["__index", "__newindex", "__add", "__sub", "__mul", "__div", "__mod", "__idiv", "__pow", "__unm", "__band", "__bor",
          "__bxor", "__shl", "__shr", "__bnot", "__concat", "__len", "__eq", "__lt", "__le", "__call", "__close", "__tostring"]
ARITHMETIC = ["+", "-", "*", "/", "//", "%", "^", "+", "-", "*"]
BITWISE = ["&", "|", "~", "<<", ">>"]
ORDERS = ["<", "<=", ">", ">=", "==", "~="]
GLOBALS = ["G1", "G2", "G3", "gcount", "gfun"]
OBJECTS = 6
CLASSES = 4


class Function:
    """Names that can be seen in the function that is being written."""

    def __init__(self, outer=None, vararg=False):
        self.outer, self.vararg = outer, vararg
        self.scopes = [[]]
        self.constants = set()

    def names(self):
        mine = [name for scope in self.scopes for name in scope]
        return (self.outer.names() if self.outer else []) + mine

    def is_constant(self, name):
        return name in self.constants or (self.outer is not None and self.outer.is_constant(name))


class Generator:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.lines = []
        self.depth = 0
        self.fresh = 0
        self.f = Function()
        self.nfunctions = self.r.randint(3, 7)
        self.guarded = self.r.choice([0, 50, 80, 95])  # per cent of statements whose errors are caught on the spot

    # -------------------------------------------------------------------------------------------- text
    def line(self, text):
        self.lines.append("    " * self.depth + text)

    def name(self, stem="v"):
        self.fresh += 1
        return f"{stem}{self.fresh}"

    def chance(self, percent):
        return self.r.random() * 100 < percent

    def pick(self, *choices):
        return self.r.choice(choices)

    # -------------------------------------------------------------------------------------------- expressions
    def value(self):
        """An expression for a statement: numbers only, or anything, in most programs guarded."""
        if self.chance(30):
            return self.number()
        text = self.expression()
        if not self.chance(self.guarded):
            return text
        rest = "..." if self.f.vararg else ""
        return f"try(function({rest}) return {text} end{', ...' if rest else ''})"

    def number(self, level=0):
        """Arithmetic that cannot fail."""
        known = [name for name in self.f.names() if name.startswith(("i_", "n_"))]
        if level > 2 or self.chance(30):
            return self.r.choice(known[-6:]) if known and self.chance(75) else self.operand_of(self.r.choice([INTEGERS, FLOATS]))
        a, b = self.number(level + 1), self.number(level + 1)
        if self.chance(25):
            return f"(int({a}) {self.r.choice(BITWISE)} int({b}))"
        if self.chance(15):
            return f"(div({a}, {b}))"
        if self.chance(10):
            return f"({a} {self.r.choice(ORDERS)} {b} and {a} or {b})"
        return f"({a} {self.pick('+', '-', '*', '/', '+', '-', '^')} {b})" if self.chance(85) else f"(-{a})"

    def operand_of(self, pool):
        return f"({self.r.choice(pool)})"

    def literal(self):
        n = self.r.randrange(10)
        if n < 4:
            return self.r.choice(INTEGERS)
        if n < 7:
            return self.r.choice(FLOATS)
        return self.r.choice(STRINGS) if n < 9 else self.r.choice(OTHERS)

    def operand(self):
        text = self.literal()
        return f"({text})"

    def variable(self):
        names = self.f.names()
        if names and self.chance(85):
            return self.r.choice(names[-8:])
        return self.r.choice(GLOBALS)

    def object(self):
        return f"O[{self.r.randint(1, OBJECTS)}]" if self.chance(60) else self.pick("o", "self_", "c")

    def receiver(self):
        n = self.r.randint(1, OBJECTS)
        return self.pick(f"obj{n}", f"obj{n}", f"O[{n}]", f"O[random({OBJECTS})]", f"C{self.r.randint(1, CLASSES)}")

    def key(self):
        return self.pick("1", "2", "3", "4", "-1", "0", "1.0", "2.5", "true", '"x"', '"y"', "maxint", "2^53", '"k" .. ' + str(self.r.randint(1, 12)),
                         f"random({self.r.randint(2, 30)})", f"C{self.r.randint(1, CLASSES)}")

    def atom(self):
        n = self.r.randrange(12)
        if n < 4:
            return self.variable()
        if n < 7:
            return self.operand()
        if n < 9:
            return f"{self.receiver()}.{self.r.choice(FIELDS)}"
        if n == 9:
            return f"{self.receiver()}[{self.key()}]"
        if n == 10 and self.f.vararg:
            return self.pick("(...)", '(select("#", ...))', "(select(-1, 0, ...))")
        return f"random({self.r.randint(2, 50)})"

    def expression(self, level=0):
        if level > 2 or self.chance(25):
            return self.atom()
        writers = [self.binary, self.binary, self.comparison, self.logical, self.unary, self.concatenation, self.call, self.method,
                   self.library, self.constructor, self.closure, self.string_method]
        return self.r.choice(writers)(level + 1)

    def binary(self, level):
        op = self.r.choice(BITWISE if self.chance(25) else ARITHMETIC)
        # operands that cannot be changed by a call on the other side
        return f"({self.expression(level)} {op} {self.atom()})" if self.chance(70) else f"({self.atom_pure()} {op} {self.atom()})"

    def atom_pure(self):
        return self.operand()

    def comparison(self, level):
        return f"({self.expression(level)} {self.r.choice(ORDERS)} {self.atom()})"

    def logical(self, level):
        return f"({self.expression(level)} {self.pick('and', 'or')} {self.expression(level)})"

    def unary(self, level):
        op = self.pick("-", "not ", "~", "- -")
        return f"({op}{self.expression(level)})"

    def concatenation(self, level):
        parts = [self.expression(level)] + [self.atom() for _ in range(self.r.randint(1, 3))]
        return "clip(" + " .. ".join(parts) + ")"

    def arguments(self, level):
        args = [self.expression(level) if i == 0 else self.atom() for i in range(self.r.randrange(4))]
        if self.f.vararg and self.chance(30):
            args.append("...")
        return ", ".join(args)

    def call(self, level):
        callee = self.pick(f"F[{self.r.randint(1, self.nfunctions)}]", "yv", "gfun", self.receiver())
        return f"({callee}({self.arguments(level)}))"

    def method(self, level):
        return f"({self.receiver()}:{self.r.choice(METHODS)}({self.arguments(level)}))"

    def library(self, level):
        a, b = self.expression(level), self.atom()
        return self.pick(f"math.type({a})", f"tostring({self.variable()}):sub(1, 5)" if self.chance(5) else f"type({a})", f"tonumber({a})",
                         f"rawequal({a}, {b})", f"rawget({self.receiver()}, {self.key()})", f"rawlen(S)",
                         f"math.tointeger({a})", f"(select({self.pick('1', '2', '-1')}, {a}, {b}))", f"math.max({a}, {b})",
                         f"math.floor({a})", f"math.fmod({a}, {b})", f"math.ult({a}, {b})", f"(pcall(rawset, {a}, {b}, 1))",
                         f'string.format("%d|%s", {a}, {self.operand()})', f'string.format("%.3f %5s", {a}, {self.operand()})',
                         f"math.abs({a})", "#S", "len(S2)", f"len({self.receiver()})")

    def constructor(self, level):
        items = [self.expression(level)]
        for _ in range(self.r.randrange(4)):
            items.append(self.pick(self.atom(), f"{self.r.choice(FIELDS)} = {self.atom()}", f"[{self.key()}] = {self.atom()}"))
        if self.f.vararg and self.chance(30):
            items.append("...")
        field = self.pick(".x", "[1]", "[2]", ".y")
        return "({" + ", ".join(items) + "})" + field

    def closure(self, level):
        inner = self.name("p")
        outer, self.f = self.f, Function(self.f, vararg=False)
        self.f.scopes[0].append(inner)
        body = self.expression(level + 1)
        self.f = outer
        return f"((function({inner}) return {body} end)({self.atom()}))"

    def string_method(self, level):
        s = self.pick("SS", "SS", f"tostring({self.operand()})", "clip(SS)")
        a = self.atom()
        return self.pick(f"{s}:sub({a}, {self.operand()})", f"{s}:byte({self.pick('1', '-1', '2')})", f"#{s}", f"{s}:upper()", f"{s}:rep({self.pick('0', '1', '3', '-1')})",
                         f'(({s}):gsub("%w", "<%0>", {self.pick("1", "2", "nil")}))', f'(({s}):find({self.pick(chr(34) + "a" + chr(34), chr(34) + "%d+" + chr(34), chr(34) + "." + chr(34))}))',
                         f'{s}:match("(%a+)")', f"{s}:reverse()", f'(({s}):gsub(".", {{x = 1, y = "yy"}}))', f"{s}:len()")

    # -------------------------------------------------------------------------------------------- statements
    def block(self, budget, before=(), names=()):
        self.depth += 1
        self.f.scopes.append(list(names))
        for text in before:
            self.line(text)
        for _ in range(self.r.randint(1, max(1, budget))):
            self.statement(budget - 1)
        self.f.scopes.pop()
        self.depth -= 1

    def statement(self, budget):
        simple = [self.local, self.local, self.assign, self.assign, self.store, self.store, self.set_field, self.emit, self.emit,
                  self.change_method, self.change_class, self.change_global, self.sequence, self.swap, self.table_churn, self.raise_]
        nested = [self.if_, self.numeric, self.numeric_edge, self.generic, self.while_, self.repeat, self.protected, self.scoped,
                  self.continue_, self.captured_loop, self.traverse, self.coroutine, self.error_through, self.iterator]
        if budget <= 0 or self.chance(55):
            self.r.choice(simple)()
        else:
            self.r.choice(nested)(budget)

    def local(self):
        if self.chance(30):
            name = self.name("n_")
            self.line(f"local {name} = {self.number()}")
            self.f.scopes[-1].append(name)
            return
        text = self.value()
        if self.chance(12):
            name = self.name("k")
            self.line(f"local {name} <const> = {text}")
            self.f.constants.add(name)
        elif self.chance(15):
            name, second = self.name(), self.name()
            self.line(f"local {name}, {second} = {text}" + self.pick("", f", {self.atom()}", ", yv(1, 2, 3)"))
            self.f.scopes[-1].append(second)
        else:
            name = self.name()
            self.line(f"local {name} = {text}")
        self.f.scopes[-1].append(name)

    def assignable(self):
        names = [n for n in self.f.names() if not self.f.is_constant(n) and not n.startswith("i_")]
        return self.r.choice(names[-8:]) if names and self.chance(80) else self.r.choice(GLOBALS[:4])

    def assign(self):
        target = self.assignable()
        self.line(f"{target} = {self.number() if target.startswith('n_') else self.value()}")

    def swap(self):
        a, b = self.assignable(), self.assignable()
        if a != b and a.startswith("n_") == b.startswith("n_"):
            self.line(f"{a}, {b} = {b}, {a}")

    def store(self):
        self.line(f"{self.receiver()}.{self.r.choice(FIELDS[:5])} = {self.value()}")

    def set_field(self):
        self.line(f"{self.receiver()}[{self.key()}] = {self.pick('nil', self.atom(), self.value())}")

    def emit(self):
        self.line(f"emit({self.r.randint(1, 999)}, {self.value()}, {self.variable()})")

    def raise_(self):
        if not self.chance(30):
            return
        value = self.pick('"oops"', '"lvl", 2', '{code = 1}', "nil", "42", '"zero", 0', "named('E', {})", self.expression())
        self.line(f"if random({self.r.randint(3, 9)}) == 1 then error({value}) end")

    def change_method(self):
        k, m = self.r.randint(1, CLASSES), self.r.choice(METHODS)
        value = self.r.choice(["nil", "function(self, a, b) tick() return self.x, a end", f"function(self, ...) tick() return select('#', ...) + {self.r.randint(1, 9)} end",
                               f"function(self, a) tick() self.count = (tonumber(self.count) or 0) + 1 return self.count end", "function(self) return yv(self.val) end",
                               f"C{self.r.randint(1, CLASSES)}.{m}", "5"])
        self.line(f"if random({self.r.randint(1, 6)}) == 1 then C{k}.{m} = {value} end")

    def change_class(self):
        k, event = self.r.randint(1, CLASSES), self.r.choice(EVENTS[:2] * 6 + EVENTS)
        value = self.metamethod(event)
        if self.chance(40):
            n = self.r.randint(1, OBJECTS)
            target = self.r.choice([f"C{k}", f"C{k}", "nil", "{__index = C%d}" % k, "{__index = C%d, __newindex = %s}" % (k, self.metamethod("__newindex"))])
            self.line(f"if random({self.r.randint(1, 5)}) == 1 then setmetatable(obj{n}, {target}) end")
        else:
            self.line(f"if random({self.r.randint(1, 6)}) == 1 then C{k}.{event} = {value} end")

    def metamethod(self, event):
        k = self.r.randint(1, CLASSES)
        if event == "__index":
            return self.r.choice([f"C{k}", f"C{k}", "nil", "function(t, k) tick() return k end", "function(t, k) return yv(k) end", f"function(t, k) return rawget(C{k}, k) end"])
        if event == "__newindex":
            return self.r.choice([f"LOG", "nil", "nil", "function(t, k, v) tick() rawset(t, k, v) end", "function(t, k, v) yv(k) rawset(LOG, k, v) end"])
        if event == "__tostring":
            return self.r.choice(["nil", "function() return 'an object' end"])
        if event == "__len":
            return self.r.choice(["nil", "function() return 3 end", "function() return yv(4.5) end"])
        if event in ("__eq", "__lt", "__le"):
            return self.r.choice(["nil", "function(a, b) return rawequal(a, b) end", "function(a, b) tick() return yv(1) end", "function() return nil end"])
        if event == "__close":
            return self.r.choice(["nil", "function(o, e) emit('closed', o, e) end"])
        return self.r.choice(["nil", f"function(a, b) tick() return {self.r.randint(1, 99)} end", "function(a, b) return type(a) .. type(b) end",
                              "function(a, b) return yv(b) end", f"C{k}" if event == "__call" else "nil", "function(...) return ... end"])

    def change_global(self):
        g = self.r.choice(GLOBALS)
        value = self.pick("nil", self.atom()) if g != "gfun" else self.pick("nil", "function(...) tick() return ... end", "type", "math.type", f"F[{self.r.randint(1, self.nfunctions)}]")
        self.line(self.pick(f"if random(4) == 1 then {g} = {value} end", f"{g} = {value}", f"_G['{g}'] = {value}", f"rawset(_G, '{g}', {value})"))

    def sequence(self):
        a = self.atom()
        self.line(self.r.choice([f"S[#S + 1] = ({a}) or 0", f"table.insert(S, 1, ({a}) or false)", "emit(table.remove(S))", "emit(table.remove(S, 1))",
                                 "if #S > 20 then for i = #S, 1, -1 do S[i] = nil end end", "emit(table.unpack(S, 1, 5))", "emit(#S, digest(S))",
                                 f"emit(table.unpack({{{self.atom()}, nil, {self.atom()}}}, 1, 3))", "table.move(S, 1, #S, #S + 1)" if self.chance(30) else "emit(#S)",
                                 "emit(select('#', table.unpack(S)))", "emit(table.pack(table.unpack(S)).n)"]))

    def table_churn(self):
        n = self.r.choice([3, 9, 17, 40])
        self.line(self.r.choice([f"for i = 1, {n} do S2[i] = i * 1.5 end", f"for i = {n}, 1, -1 do S2[i] = i end", f"for i = 1, {n}, 2 do S2[i] = nil end",
                                 f"for i = 1, {n} do S2['k' .. i] = i end", f"for i = 1, {n} do S2['k' .. i] = nil end", f"S2[random({n})] = {self.atom()}",
                                 f"S2 = {{}}", "emit(digest(S2))", "collectgarbage('step')", f"S2[random({n}) * 1.0] = SS", f"for i = 1, {n} do S2[i << 20] = i end",
                                 "S2 = {table.unpack(S, 1, 3)}", "S2 = {n = 1, x = 2, [1] = 3}", "emit(S2[1], S2[2], S2.x, S2[1.0], S2.k1, S2[1 << 20])",
                                 f"S2[{self.operand()}] = 1", "collectgarbage()" if self.chance(20) else "emit(S2.k3)"]))

    # --- nested ---
    def if_(self, budget):
        self.line(f"if {self.value()} then")
        self.block(budget)
        if self.chance(50):
            self.line("else")
            self.block(budget)
        self.line("end")

    def numeric(self, budget):
        i, n = self.name("i_"), self.r.randint(1, 12)
        head = self.pick(f"1, {n}", f"{n}, 1, -1", f"1, {n}, 2", f"1.0, {n}", f"{n} / 2, {n}", f"0, 1, 0.25", f"1, random({n})", '1, 3, "1"' if self.chance(10) else "1, 3")
        self.line(f"for {i} = {head} do")
        self.block(budget, ["tick()"], [i])
        self.line("end")

    def numeric_edge(self, budget):
        i, n = self.name("i_"), self.name("c")
        self.line(f"local {n} = 0")
        bound = lambda: self.literal() if self.chance(10) else self.r.choice(INTEGERS + FLOATS)
        self.line(f"for {i} = {bound()}, {bound()}, {bound()} do")
        self.block(min(budget, 1), ["tick()", f"{n} = {n} + 1", f"emit({i})", f"if {n} > 4 then break end"], [i])
        self.line("end")

    def generic(self, budget):
        k, v = self.name("i"), self.name("x")
        source = self.pick("ipairs(S)", "ipairs({1, 2, 3})", 'string.gmatch("a1b2", "(%a)(%d)")', f"ipairs({self.receiver()})")
        self.line(f"for {k}, {v} in {source} do")
        self.block(budget, ["tick()", "if #S > 40 then S = {} break end"], [k, v])
        self.line("end")

    def iterator(self, budget):
        k, v = self.name("i"), self.name("x")
        stop = self.pick("nil", f"closer({self.r.randint(1, 99)}, {self.r.randint(0, 2)})")
        step = self.pick(f"function(s, i) tick() if i < s then return i + 1, i * 2 end end", "function(s, i) if i < s then yv(i) return i + 1, 'y' end end")
        self.line(f"for {k}, {v} in {step}, {self.r.randint(0, 6)}, 0, {stop} do")
        self.block(budget, ["tick()"], [k, v])
        if self.chance(30):
            self.line(f"    if {k} == 3 then {self.pick('break', 'return ' + k + ', ' + v)} end")
        self.line("end")

    def while_(self, budget):
        n = self.name("n")
        self.line(f"local {n} = 0")
        self.line(f"while {n} < {self.r.randint(1, 9)} and {self.value()} do")
        self.block(budget, ["tick()", f"{n} = {n} + 1"], [])
        self.line("end")

    def repeat(self, budget):
        n, u = self.name("n"), self.name("u")
        self.line(f"local {n} = 0")
        self.line("repeat")
        self.block(budget, ["tick()", f"{n} = {n} + 1"], [])
        self.line(f"    local {u} = function() return {n} end")
        self.line(f"until {u}() >= {self.r.randint(1, 6)} or {self.atom()}")

    def protected(self, budget):
        self.line("emit(pcall(function(...)")
        self.function_body(budget, True)
        self.line(f"end, {self.atom()}, {self.atom()}))")

    def error_through(self, budget):
        self.line("emit(xpcall(function(...)")
        self.function_body(budget, True)
        self.line("end, " + self.pick("function(e) return 'handled', type(e) == 'string' and e end", "show", "function(e) emit('handler', e) return e end",
                                      "function(e) return (debug.traceback('tb', 1):match('^tb')) end") + f", {self.atom()}))")

    def function_body(self, budget, vararg, params=()):
        outer, self.f = self.f, Function(self.f, vararg)
        self.block(budget, ["tick()"], list(params))
        if self.chance(70):
            self.line("    return " + self.pick(self.value(), f"{self.value()}, {self.atom()}", *(["..."] if vararg else []),
                                                  f"F[{self.r.randint(1, self.nfunctions)}]({self.atom()})"))
        self.f = outer

    def scoped(self, budget):
        self.line("do")
        quiet = self.r.choice([0, 0, 1, 2])
        name = self.name("c")
        self.block(budget, [f"local {name} <close> = " + self.pick(f"closer({self.r.randint(1, 99)}, {quiet})", f"closer({self.r.randint(1, 99)}, {quiet})", "nil", "false",
                                                                    self.receiver() if self.chance(20) else "nil")])
        if self.chance(20):
            self.line("    do return " + self.pick(self.atom(), "", f"F[1]({self.atom()})") + " end")
        self.line("end")

    def continue_(self, budget):
        i, label = self.name("i_"), self.name("next")
        self.line(f"for {i} = 1, {self.r.randint(2, 8)} do")
        self.block(budget, ["tick()", f"if {i} % {self.r.randint(2, 3)} == 0 then goto {label} end", "do"], [i])
        self.line("    end")
        self.line(f"    ::{label}::")
        self.line("end")

    def captured_loop(self, budget):
        fs, i, u, again = self.name("fs"), self.name("i"), self.name("u"), self.name("again")
        self.line(f"local {fs} = {{}}")
        self.line("do")
        self.line(f"    local {i} = 0")
        self.line(f"    ::{again}::")
        self.line(f"    local {u} = {i} * 10")
        self.line(f"    {fs}[#{fs} + 1] = function(d) {u} = {u} + (d or 1) {i} = {i} + 0 return {u}, {i} end")
        self.block(min(budget, 1), ["tick()", "do"], [u])
        self.line("    end")
        self.line(f"    {i} = {i} + 1")
        self.line(f"    if {i} < {self.r.randint(1, 5)} then goto {again} end")
        self.line("end")
        self.line(f"for _, f in ipairs({fs}) do emit(f(), f(2)) end")

    def traverse(self, budget):
        k, v = self.name("k"), self.name("x")
        t = self.pick("S2", self.receiver())
        self.line(f"for {k}, {v} in next, {t} do")
        self.line("    " + self.pick(f"{t}[{k}] = nil", f"if type({v}) == 'number' then {t}[{k}] = {v} + 1 end", f"rawset({t}, {k}, nil)", f"if math.type({k}) then rawset({t}, {k}, 'n') end", "collectgarbage('step')")
                  if not t.startswith("C") and "random" not in t else "    local _ = 1")
        self.line("end")
        self.line(f"emit(digest({t}))")

    def coroutine(self, budget):
        co, n = self.name("co"), self.name("n")
        self.line(f"local {co} = coroutine.{self.pick('create', 'create', 'wrap')}(function(...)")
        wrapped = "wrap" in self.lines[-1]
        self.function_body(budget, True)
        self.line("end)")
        if wrapped:
            self.line(f"for {n} = 1, {self.r.randint(1, 5)} do emit({self.r.randint(1, 99)}, {co}({n}, {self.atom()})) end")
            return
        self.line(f"for {n} = 1, {self.r.randint(1, 8)} do")
        self.line(f"    emit(coroutine.status({co}), coroutine.resume({co}, {n}, {self.atom()}))")
        self.line(f"    if coroutine.status({co}) == 'dead' then break end")
        self.line("end")
        self.line(self.pick(f"emit(coroutine.close({co}))", f"emit(coroutine.status({co}))", f"{co} = nil"))

    # -------------------------------------------------------------------------------------------- program
    def classes(self):
        for k in range(1, CLASSES + 1):
            self.line(f"local C{k} = named('C{k}', {{m1 = function(self, a) tick() return self.x end, m2 = function(self, ...) return ... end}})")
            parent = self.pick(f"C{self.r.randint(1, k - 1)}", None) if k > 1 else None
            self.line(f"C{k}.__index = {self.pick(f'C{k}', f'C{k}', parent or f'C{k}')}")
            if parent:
                self.line(f"setmetatable(C{k}, {self.pick(parent, '{__index = ' + parent + '}')})")
            for event in self.r.sample(EVENTS[2:], 5):
                self.line(f"C{k}.{event} = {self.metamethod(event)}")
            self.line(f"function C{k}:get() return self.val, {k} end")
            self.line(f"function C{k}:add(n) self.count = (tonumber(self.count) or 0) + (tonumber(n) or 1) return self end")

    def objects(self):
        for n in range(1, OBJECTS + 1):
            fields = self.r.sample(["x = 1", "y = 2.5", "val = 'v'", "count = 0", "z = {}", "'a', 'b'", "10"], self.r.randint(0, 4))
            self.line(f"local obj{n} = named('obj{n}', setmetatable({{{', '.join(fields)}}}, {self.pick('C1', 'C2', 'C3', 'C4', 'nil', '{__index = C1}')}))")
        self.line("local O = {" + ", ".join(f"obj{n}" for n in range(1, OBJECTS + 1)) + "}")

    def function(self, n):
        params = self.r.sample(["a", "b", "c"], self.r.randint(0, 3))
        vararg = self.chance(40)
        self.line(f"F[{n}] = function({', '.join(params + (['...'] if vararg else []))})")
        self.function_body(self.r.randint(3, 5), vararg, params)
        self.line("end")

    def driver(self):
        pool = ", ".join(self.literal() if self.chance(70) else self.pick("obj1", "obj2", "C1", "S2", "SS") for _ in range(9))
        self.line(f"local function argument() return (select(random(9), {pool})) end")
        self.line(f"for round = 1, {self.r.choice([6, 10, 25])} do")
        self.line(f"    for n = 1, {self.nfunctions} do")
        self.line("        if #S > 60 then S = {} end")
        self.line("        refuel(150)")
        self.line("        emit('call', round, n, pcall(F[n], argument(), argument(), argument()))")
        self.line("        refuel(100)")
        self.line("        local co = coroutine.create(F[n])")
        self.line("        for step = 1, 12 do")
        self.line("            local passed = argument()")
        self.line("            emit('resume', step, coroutine.resume(co, passed))")
        self.line("            if coroutine.status(co) == 'dead' then break end")
        self.line("        end")
        self.line("        emit(coroutine.close(co))")
        self.line("    end")
        self.line("end")
        for n in range(1, OBJECTS + 1):
            self.line(f"emit(digest(obj{n}))")
        self.line("emit(digest(S2), digest(S), digest(LOG), G1, G2, G3, gcount)")
        self.line("emit_sum()")

    def program(self):
        self.line("local S, S2, SS, LOG, F = {}, {}, 'some text 12', named('LOG', {}), {}")
        self.line(self.pick("", 'collectgarbage("generational")', 'collectgarbage("incremental", 50, 1000, 4)', 'collectgarbage("incremental", 100, 50, 1)'))
        self.line(f"collect_every, collect_step = {self.pick('1 << 30', '1', '2', '7')}, {self.pick('0', '1', '2')}")
        self.line("G1, G2, G3, gcount = 1, 2.5, 'g', 0")
        self.line("gfun = function(...) tick() return ... end")
        self.classes()
        self.objects()
        for n in range(1, self.nfunctions + 1):
            self.function(n)
        self.driver()
        return PRELUDE.read_text() + "\n" + "\n".join(self.lines) + "\n"


def main():
    sys.stdout.write(Generator(int(sys.argv[1])).program())


if __name__ == "__main__":
    main()
