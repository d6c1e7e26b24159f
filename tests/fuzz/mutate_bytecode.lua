-- SPDX-License-Identifier: MIT
-- Damages binary chunks and loads them: each must be refused with a message or run without harm (sanitizers tell).
--
--     perigee tests/fuzz/mutate_bytecode.lua SEED COUNT [SCRIPT ...]
--
-- Chunks come from the samples below and from the given scripts, which are only compiled. Three kinds of damage: random
-- bytes changed, an instruction's fields changed (so that most of the chunk stays well formed and reaches the
-- verifier), pieces cut or doubled. What loads is called, inside a coroutine with a count hook that ends endless loops.
-- The seed of each mutation is printed before it is tried when PERIGEE_FUZZ_TRACE is set; otherwise a summary at the end.

local seed, count = tonumber(arg[1] or 1), tonumber(arg[2] or 1000)
local trace = os.getenv("PERIGEE_FUZZ_TRACE")

local samples = {
    [[local a, b = ... local t = {x = a, y = b, 1, 2, 3, [a or 1] = b} t.x = t.y return t.x, t[1], #t, t]],
    [[local s = 0 for i = 1, 10 do s = s + i for j = 10, 1, -2 do s = s - j * i // 2 % 7 end end return s]],
    [[local n = 0 for k, v in pairs({1, 2, x = 3}) do if v == 2 then goto skip end n = n + v ::skip:: end return n]],
    [[local function f(...) local a, b = ... return select('#', ...), a, b, ... end return f(1, f(2, 3), ...)]],
    [[local up = 1 local function g(x) up = up + (x or 0) local h <const> = up return function() up = up + h return up end end return g(2)(), g(3)()]],
    [[do local c <close> = setmetatable({}, {__close = function() G = 1 end}) local d <close> = nil if ... then return c, ... end end return G]],
    [[local co = coroutine.wrap(function(a) for i = 1, 3 do a = coroutine.yield(a, i) end return a end) return co(1), co(2), co(3), co(4)]],
    [[local o = {v = 1} function o:m(a) self.v = self.v + a return self end return o:m(1):m(2).v .. "x" .. 1.5 .. "y"]],
    [[local a, b = 3, 2.5 return a + 1, a - b, a * 2, a / 2, a // 2, a % 2, a ^ 2, a & 1, a | 8, a ~ 3, a << 2, a >> 1, ~a, -b, not a, a < b, a <= 2, b > 1, a == 3]],
    [[local s = "" local i = 0 while true do i = i + 1 if i > 20 then break end s = s .. i repeat local z = i * 2 local f = function() return z end until f() > 3 or i > 2 end return s]],
    [[local t = setmetatable({}, {__index = function(t, k) return k end, __call = function(self, a) return a end, __lt = function() return true end}) return t.a, t[1], t(5), t < t, t > t]],
    [[return (function(a, ...) local x = a and ... or "none" local y = not a or (a ~= 1 and {...}) return x, y end)(1, 2, 3)]],
    [[x = 1 y = nil x, y = y, x return _ENV.y, x, math.floor(2.5), ("s"):rep(3), #"abc", ("x"):byte()]],
}

local function random_state(s)
    math.randomseed(s)
    return math.random
end

local chunks = {}
for _, text in ipairs(samples) do
    local f = assert(load(text))
    chunks[#chunks + 1] = string.dump(f)
    chunks[#chunks + 1] = string.dump(f, true)
end
for n = 3, #arg do
    local f = loadfile(arg[n])
    if f then chunks[#chunks + 1] = string.dump(f, true) end
end

local function replace(s, at, bytes) return s:sub(1, at - 1) .. bytes .. s:sub(at + #bytes) end

local header = 30
local function somewhere(random, s) return random(#s > header and random(20) > 1 and header or 1, #s) end

local function random_byte(random)
    local pick = random(4)
    return pick == 1 and random(0, 255) or pick == 2 and random(0, 4) or pick == 3 and 255 - random(0, 3) or random(0, 130)
end

local damage = {
    function(random, s) -- one byte
        return replace(s, somewhere(random, s), string.char(random_byte(random)))
    end,
    function(random, s) -- a byte a little up or down: neighbouring registers, opcodes, jumps
        local at = somewhere(random, s)
        return replace(s, at, string.char((s:byte(at) + random(-3, 3)) & 255))
    end,
    function(random, s) -- a jump or constant index
        local at = somewhere(random, s)
        return at + 3 > #s and s or replace(s, at, string.pack("<i4", random(-20, 20)))
    end,
    function(random, s) -- eight bytes copied elsewhere: an instruction moved
        local from, to = somewhere(random, s), somewhere(random, s)
        to = from + (to - from) // 8 * 8
        return (to < 1 or from + 7 > #s or to + 7 > #s) and s or replace(s, to, s:sub(from, from + 7))
    end,
    function(random, s) -- a piece left out or doubled
        local at, n = somewhere(random, s), random(12)
        return random(2) == 1 and s:sub(1, at - 1) .. s:sub(at + n) or s:sub(1, at + n) .. s:sub(at)
    end,
    function(random, s) return s:sub(1, random(0, #s)) end,
}
local weights = {1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4, 5, 6}

local function mutate(random)
    local s = chunks[random(#chunks)]
    for _ = 1, random(random(4) == 1 and 6 or 2) do
        if #s > 1 then s = damage[weights[random(#weights)]](random, s) end
    end
    return s
end

-- What runs finds a small world of its own and cannot get at files, processes or the debug library.
local function environment()
    local e = {setmetatable = setmetatable, select = select, pairs = pairs, next = next, type = type, pcall = pcall, error = error,
               math = {floor = math.floor}, string = {rep = function(s, n) return s end}, coroutine = coroutine, tostring = tostring}
    e._G = e
    return e
end

local function run(f)
    local co = coroutine.create(function(...)
        debug.sethook(function() error("too long", 0) end, "", 2000)
        return f(...)
    end)
    for _ = 1, 4 do
        local ok, result = coroutine.resume(co, 1, "two", 3.5)
        if not ok and math.random(2) == 1 then
            debug.traceback(co)
            debug.getinfo(co, 0)
        end
        if coroutine.status(co) == "dead" then return ok, result end
    end
    return coroutine.close(co)
end

local refused, failed, ran, reasons = 0, 0, 0, {}
for n = seed, seed + count - 1 do
    local random = random_state(n)
    local chunk = mutate(random)
    if trace then io.stderr:write(n, "\n") end
    local f, message = load(chunk, "=mutant", "b", environment())
    if not f then
        refused = refused + 1
        assert(type(message) == "string")
        local why = message:match("%((.*)%)") or message
        reasons[why] = (reasons[why] or 0) + 1
    else
        for _ = 1, 6 do -- warm, too
            if run(f) then ran = ran + 1 else failed = failed + 1 end
        end
        debug.getinfo(f, "SLlnutf")
        string.dump(f)
    end
    if n % 64 == 0 then collectgarbage() end
end

print(string.format("%d mutations from seed %d: %d refused, %d runs to the end, %d runs ended by an error", count, seed, refused, ran, failed))
if os.getenv("PERIGEE_FUZZ_REASONS") then
    for why, times in pairs(reasons) do print(times, why) end
end
