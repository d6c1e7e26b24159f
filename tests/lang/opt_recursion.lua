-- skip-with: move-stack
-- Functions that call themselves stay in their code: other closures of the function, errors, yields, hooks, new code, deep stacks.

local function ack(m, n)
    if m == 0 then return n + 1 end
    if n == 0 then return ack(m - 1, 1) end
    return ack(m - 1, ack(m, n - 1))
end
for n = 1, 5 do io.write(ack(2, n * 3), " ", ack(3, 3), " ") end
print(ack(2, 3.0), ack(2.0, 3), pcall(ack, 1, {}))

local function fib(n)
    if n < 2 then return n end
    return fib(n - 1) + fib(n - 2)
end
for n = 10, 20, 2 do io.write(fib(n), " ") end
print(fib(12.0), pcall(fib, "x"))

-- two closures of one function that call each other and themselves
local function pair(step)
    local other, self
    function self(n, d)
        if n <= 0 then return step end
        if d then return self(n - 1, d) + 1 end
        return other(n - 1, n % 3 == 0) + self(n - 2, true)
    end
    return self, function(f) other = f end
end
local a, set_a = pair(100)
local b, set_b = pair(1000)
set_a(a)
set_b(b)
for n = 5, 12 do io.write(a(n), " ", b(n), " ") end
print()
set_a(b)
set_b(a)
for n = 5, 12 do io.write(a(n), " ", b(n), " ") end
print()

-- results: none, many, open ones, extra arguments
local function many(n)
    if n == 0 then return 1, 2, 3 end
    local x, y, z, w = many(n - 1)
    return x + 1, y, z, w
end
local function open(n)
    if n == 0 then return 7, 8 end
    return open(n - 1)
end
local function wrap(n)
    if n == 0 then return 1 end
    return (select("#", wrap(n - 1)))
end
local function none(t, n)
    t[#t + 1] = n
    if n > 0 then none(t, n - 1) end
end
local function extra(n, ...)
    if n == 0 then return select("#", ...) end
    return extra(n - 1, n, ...) + 1
end
for n = 1, 60 do
    many(n % 20)
    open(n % 20)
    wrap(n % 20)
    extra(n % 20)
    none({}, n % 20)
end
print(many(15))
print(open(15))
print(wrap(15))
print(extra(15))
local t = {}
none(t, 9)
print(table.concat(t, " "))

-- an error at the bottom, its trace
local function sink(n, what)
    if n == 0 then return 1 + what end
    return 1 + sink(n - 1, what)
end
for _ = 1, 200 do sink(20, 1) end
print(pcall(sink, 10, nil))
print(sink(10, 0.5))
local function trace(n)
    if n == 0 then return debug.traceback("bottom", 1) end
    local s = trace(n - 1)
    return s
end
for _ = 1, 200 do trace(3) end
print((trace(5):gsub("\n%s*%[C%].*", "")))
local function lines(n, f)
    if n == 0 then return f() end
    local x = lines(n - 1, f)
    return x + 1
end
for _ = 1, 200 do lines(10, function() return 0 end) end
print(lines(10, function()
    local i, names = debug.getinfo(4, "nlS"), {}
    for l = 2, 5 do names[l - 1] = tostring(select(2, debug.getlocal(l, 1))) end
    print(i.name, i.what, table.concat(names, " "))
    return 1000
end))
print(lines(10, function()
    debug.setlocal(5, 1, 1)
    debug.setlocal(6, 1, "n")
    return 2000
end))

-- yields from the bottom, other work meanwhile
local function yielding(n, s)
    if n == 0 then return coroutine.yield(s) end
    local r = yielding(n - 1, s + n)
    return r + n
end
local function yields(depth)
    local co = coroutine.wrap(yielding)
    local s = co(depth, 0)
    fib(10)
    return s, co(1000)
end
for _ = 1, 100 do yields(12) end
print(yields(30))

-- hooks set at the bottom
local count
local function hooking(n, on)
    if n == 0 then
        count = 0
        if on then debug.sethook(function() count = count + 1 end, "r") end
        return 0
    end
    local r = hooking(n - 1, on)
    return r + 1
end
for _ = 1, 200 do hooking(10) end
print(hooking(10, true))
debug.sethook()
print(count)

-- what it is called by changes at the bottom
global_step = function(n) return n end
function global_sum(n)
    if n == 0 then return global_step(1) end
    return global_sum(n - 1) + global_step(n)
end
for _ = 1, 200 do global_sum(10) end
print(global_sum(10))
local sum = global_sum
function global_step(n)
    if n == 1 then global_sum = function() return 5000 end end
    return n * 2
end
print(sum(10), sum(10))

-- tables, collected on the way
local function tree(d)
    if d == 0 then return { 1 } end
    return { tree(d - 1), tree(d - 1), d }
end
local function size(x)
    if not x[2] then return x[1] end
    return size(x[1]) + size(x[2]) + x[3]
end
for _ = 1, 10 do size(tree(7)) end
print(size(tree(9)))

-- as deep as it goes
local function deep(n)
    if n == 0 then return 0 end
    return 1 + deep(n - 1)
end
for _ = 1, 200 do deep(20) end
print(deep(1000), deep(20000), deep(100))
local function bottomless(n) return 1 + bottomless(n + 1) end
for _ = 1, 3 do
    local ok, e = pcall(bottomless, 1)
    print(ok, (e:gsub("%(.*", "")))
end
