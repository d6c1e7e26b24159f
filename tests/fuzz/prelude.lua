-- What every generated program starts with: a trace that does not depend on addresses, bounded work, a pool of values.
local TRACE_LINES = 4000
local trace_lines, trace_sum = 0, 0
local names = setmetatable({}, {__mode = "k"})

local function show(v)
    local kind = math.type(v) or type(v)
    if v ~= v then return "nan" end
    if kind == "string" then return #v > 300 and string.format("%d:%q", #v, v:sub(1, 300)) or string.format("%q", v) end
    if kind == "integer" or kind == "float" or kind == "boolean" or kind == "nil" then return tostring(v) end
    return rawequal(names[v], nil) and kind or names[v]
end

local function emit(...)
    local line = {}
    for i = 1, select("#", ...) do line[i] = show((select(i, ...))) end
    line = table.concat(line, " ")
    for i = 1, #line do trace_sum = (trace_sum * 31 + line:byte(i)) & 0xffffffffffff end
    trace_lines = trace_lines + 1
    if trace_lines <= TRACE_LINES then print(line) end
end

local function emit_sum() print("lines", trace_lines, "sum", trace_sum) end

-- Every function pays at its entry, so that all programs end.
-- They also drive the collector, so that its phases meet all that the programs do.
local fuel, collect_every, collect_step = 0, 1 << 30, 0
local function tick()
    fuel = fuel - 1
    if fuel % collect_every == 0 then collectgarbage("step", collect_step) end
    if fuel < 0 then error("out of fuel", 0) end
end
local function refuel(n) fuel = n end

local function clip(v)
    if type(v) == "string" and #v > 120 then return v:sub(1, 40) end
    return v
end

-- A length that is the same for every right answer.
local function len(t)
    if type(t) ~= "table" or (getmetatable(t) or {}).__len then return #t end
    local n = #t
    assert(n == 0 or t[n] ~= nil)
    assert(rawget(t, n + 1) == nil)
    return "border"
end

-- Order of traversal does not show: a sum over what is met.
local function digest(t)
    local sum, count = 0, 0
    for k, v in next, t do
        local h = 7
        local text = show(k) .. "=" .. show(v)
        for i = 1, #text do h = (h * 33 + text:byte(i)) & 0xffffffff end
        sum, count = sum + h, count + 1
    end
    return sum * 1000 + count
end

local function yv(...)
    if coroutine.isyieldable() then return coroutine.yield(...) end
    return ...
end

local function closer(n, quiet)
    return setmetatable({n = n}, {__close = function(o, e)
        if quiet == 1 then yv("closing", n) end
        emit("close", n, e)
        if quiet == 2 then error("close" .. tostring(n), 0) end
    end})
end

local seed = 12345
local function random(n)
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return (seed >> 8) % n + 1
end

local function named(name, t)
    names[t] = name
    return t
end

local function try(f, ...)
    local ok, v = pcall(f, ...)
    if ok then return v end
    if v == "out of fuel" then error(v, 0) end
    emit("caught", v)
end

local function int(x) return math.tointeger(x) or (x ~= x and 7) or (x > 5 and 64) or 3 end
local function div(x, y)
    if y == 0 and math.type(x) == "integer" and math.type(y) == "integer" then return x / y end
    return x // y - x % y
end

local maxint, mint, huge, nan = math.maxinteger, math.mininteger, math.huge, 0/0
