-- Self tail calls, which the optimizing tier makes loops of.
local function sum_to(n, acc)
    if n == 0 then return acc end
    return sum_to(n - 1, acc + n)
end
for _ = 1, 300 do assert(sum_to(100, 0) == 5050) end
print(sum_to(10, 0), sum_to(10, 0.5), sum_to(3.0, 0), pcall(sum_to, 3, {}) and "?" or "error")

-- fewer and more arguments than parameters; parameters exchanged
local function turn(n, a, b, c)
    if n == 0 then return tostring(a) .. tostring(b) .. tostring(c) end
    if n % 3 == 0 then return turn(n - 1, b, a) end
    return turn(n - 1, b, c, a, "more")
end
for _ = 1, 300 do turn(7, 1, 2, 3) end
for n = 0, 7 do io.write(turn(n, "x", "y", "z"), " ") end
print()

-- other closures of the same prototype
local function make(step)
    local function down(n, seen, other)
        seen = seen + step
        if n == 0 then return seen end
        return other(n - 1, seen, down)
    end
    return down
end
local one, ten = make(1), make(10)
for _ = 1, 200 do one(20, 0, one) end
print(one(3, 0, one), one(3, 0, ten), ten(4, 0, one))

-- the function itself changes under way
local counts = {}
local function which(n)
    counts[#counts + 1] = "a"
    if n == 0 then return #counts end
    return which(n - 1)
end
for _ = 1, 200 do which(3) end
local old = which
which = function(n) return "changed", n end
print(old(5))

-- tracebacks tell of tail calls, as they do in the other tiers
local function deep(n)
    if n == 0 then return (debug.traceback("here"):gsub("%s+", " "):match("here.-tail calls")) end
    return deep(n - 1)
end
for _ = 1, 300 do deep(4) end
print(deep(0), deep(3))

-- errors, locals, yields and loops inside
local function gives(n, t)
    for i = 1, 3 do t[#t + 1] = n * i end
    if n == 2 then coroutine.yield(#t) end
    if n == 0 then return table.concat(t, ",") end
    return gives(n - 1, t)
end
for _ = 1, 200 do coroutine.wrap(gives)(1, {}) end
local co = coroutine.wrap(gives)
print(co(4, {}), co())
local function fails(n, x)
    local y = x + 1
    if n == 0 then return debug.getlocal(1, 3) end
    return fails(n - 1, n == 2 and "no" or y)
end
for _ = 1, 200 do fails(1, 1) end
print(fails(1, 1), pcall(fails, 3, 1))

-- endless ones can be stopped
local function forever(n) return forever(n + 1) end
local stopped = coroutine.create(forever)
local ticks = 0
debug.sethook(stopped, function() ticks = ticks + 1; error("stopped", 0) end, "", 10000)
print(coroutine.resume(stopped, 1))

-- types at the first call other than later ones
local function default(n, acc) if n == 0 then return acc end return default(n - 1, (acc or 0) + n) end
local function mixed(n, acc) if n == 0 then return acc end return mixed(n - 1, n % 2 == 0 and acc + 1 or acc + 0.5) end
local function table_first(t, n) if n == 0 then return #t end t[#t + 1] = n return table_first(t, n - 1) end
for _ = 1, 300 do default(50) mixed(20, 0) table_first({}, 10) end
print(default(100), default(100, 1), default(100, 0.5), default(0), mixed(9, 0), mixed(9, 1.0), table_first({}, 40))
print(pcall(default, "3"), pcall(default, {}) and "?" or "error", default("4", "5"))
