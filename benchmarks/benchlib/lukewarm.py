# SPDX-License-Identifier: MIT
"""The lukewarm program: 2,000 different functions, each called some three hundred times. None is hot, all are worth a
look: it shows what a compiler costs that compiles too eagerly. Generated from a fixed seed, so that runs compare."""

import os
import random

from . import suites

FUNCTIONS = 2000
CALLS = 300

HEAD = """-- Two thousand lukewarm functions; generated.
local H = dofile(%r)
local F, P = {}, {}
P.__index = P
function P:step(k) self.x = self.x + k return self.x end
local function point(x) return setmetatable({ x = x, y = 1 }, P) end
"""

TAIL = """
local function run(n)
    local sum = 0
    for call = 1, n do
        for i = 1, #F do
            sum = (sum + F[i](call, i)) %% 1000003
        end
    end
    return sum
end

H.main { size = %d, quick = %d, run = run, expect = { [%d] = %s, [%d] = %s } }
"""

# Bodies of functions of (a, b); K, L stand for numbers that differ from function to function.
BODIES = (
    "local x = a * K + b % L\n    if x > 1000 then x = x % 1000 end\n    return x",
    "local t = { a, b, K }\n    local s = 0\n    for i = 1, #t do s = s + t[i] end\n    return s % L",
    "local p = point(a)\n    p:step(K)\n    return p:step(b % L)",
    "local s = 'k' .. a % L\n    return #s + s:byte(1) + K",
    "local s = 0\n    for i = 1, K % 8 + 2 do s = s + i * b % L end\n    return s",
    "local function inner(x) return x + K end\n    return inner(a) + inner(b % L)",
    "local m = { x = a, y = b }\n    m.z = m.x > L and K or m.y\n    return m.z + m.x",
    "local x, y = math.floor(a / 3), math.max(b, K)\n    return x < y and y - x or x % L",
    "local f = F[(b + K) % 7 + 1]\n    return type(f) == 'function' and a % L or K",
)


def source(harness, functions=FUNCTIONS, calls=CALLS, expected=("nil", "nil"), quick=60):
    """The program's text. Results are checked where `expected` gives them."""
    rng = random.Random(2026)
    parts = [HEAD % harness]
    for i in range(1, functions + 1):
        body = BODIES[rng.randrange(len(BODIES))]
        body = body.replace("K", str(rng.randrange(2, 99))).replace("L", str(rng.randrange(3, 999)))
        parts.append("F[%d] = function(a, b)\n    %s\nend" % (i, body))
    parts.append(TAIL % (calls, quick, calls, expected[0], quick, expected[1]))
    return "\n".join(parts)


# Results at 300 and 60 calls, the same under PUC Lua 5.4.8, 5.4.4 and LuaJIT.
EXPECTED = ("275323", "248957")


def write(folder):
    """Writes the program and returns it as a Program."""
    path = os.path.join(folder, "lukewarm.lua")
    with open(path, "w") as f:
        f.write(source(os.path.join(suites.ROOT, "harness.lua"), expected=EXPECTED))
    return suites.Program("lukewarm_2000", "lukewarm", path, spec={"size": CALLS, "quick": 60},
                          idea="2,000 functions called 300 times each")
