-- pcall built in place of its call: what it gives, and what is seen of it by errors, tracebacks, yields, hooks and debug.

local function add(a, b) return a + b end
local function sum(n)
    local s, good = 0, 0
    for i = 1, n do
        local ok, v = pcall(add, i, 1)
        if ok then s, good = s + v, good + 1 end
    end
    return s, good
end
for _ = 1, 5 do print(sum(400)) end

-- sums what f gives, with the last error; each has code and a profile of its own
local function summing(f, arguments)
    return load("local f = ... return function(n, at, what) local s, e = 0 for i = 1, n do local ok, v = pcall(f, " .. arguments ..
        ") if ok then s = s + v else e = v end end return s, e end")(f)
end

-- other types than the profile knew: the exit is inside the protected call
local function mixed(n, at, what)
    local s, fails, message = 0, 0
    for i = 1, n do
        local ok, v = pcall(add, i == at and what or i, 1)
        if ok then s = s + v else fails, message = fails + 1, v end
    end
    return s, fails, message
end
for _ = 1, 5 do print(mixed(400)) end
print(mixed(400, 300, 0.5))
print(mixed(400, 300, "7"))
print(mixed(400, 300, "x"))
print(mixed(400, 300, {}))
print(mixed(400, 400, print))

-- results: more, fewer, none
local function two(a) return a, a + 1 end
local function none() end
local function results(n)
    local x, y, z, ok = 0
    for i = 1, n do
        ok, x, y, z = pcall(two, i)
        pcall(two, i)
        local o1 = pcall(two, i)
        local o2, nothing = pcall(none)
        assert(ok and o1 and o2 and nothing == nil and z == nil)
    end
    return ok, x, y, z
end
for _ = 1, 5 do print(results(300)) end

-- methods, with effects before the error
local Task = {}
Task.__index = Task
function Task:step(i)
    if i % 50 == 0 then error("task failed") end
    self.done = self.done + 1
    return self.done
end
function Task:half(i)
    self.done = self.done + 1
    if i % 50 == 0 then error({ code = i }) end
    self.all = self.all + 1
    return self.done, self.all
end
local function tasks(n, name)
    local t, failed, last = setmetatable({ done = 0, all = 0 }, Task), 0
    for i = 1, n do
        local ok, e = pcall(t[name], t, i)
        if not ok then failed, last = failed + 1, type(e) == "table" and e.code or e end
    end
    return t.done, t.all, failed, last
end
for _ = 1, 4 do print(tasks(300, "step")) end
local function halves(n)
    local t, failed, last = setmetatable({ done = 0, all = 0 }, Task), 0
    for i = 1, n do
        local ok, e = pcall(Task.half, t, i)
        if not ok then failed, last = failed + 1, e.code end
    end
    return t.done, t.all, failed, last
end
for _ = 1, 4 do print(halves(300)) end

-- one in the other; what is behind the inner one still runs protected
local function inner(a, b)
    local ok, v = pcall(add, a, b)
    if ok then return v * 2 end
    return -1
end
local function nested(n, at, what)
    local s, bad = 0, 0
    for i = 1, n do
        local ok, v = pcall(inner, i == at and what or i, 2)
        if ok then s = s + v else bad = bad + 1 end
    end
    return s, bad
end
for _ = 1, 4 do print(nested(300)) end
print(nested(300, 200, 1.5))
print(nested(300, 200, {}))
print(nested(300, 200, setmetatable({}, { __add = function() return {} end }))) -- inner succeeds, then `v * 2` fails

-- deeper calls inside
local function mul(a, b) return a * b end
local function poly(x, y) return mul(x, y) + mul(y, y) end
local deep = summing(poly, "i, i == at and what or 3")
for _ = 1, 4 do print(deep(300)) end
print(deep(300, 250, 2.5))
print(deep(300, 250, false))

-- a loop inside, left in the middle
local function count(t, n)
    local s = 0
    for i = 1, n do s = s + t[i] end
    return s
end
local function loops(n, t, m)
    local s, e = 0
    for _ = 1, n do
        local ok, v = pcall(count, t, m)
        if ok then s = s + v else e = v end
    end
    return s, e
end
local t = {}
for i = 1, 20 do t[i] = i end
for _ = 1, 4 do print(loops(100, t, 20)) end
print(loops(100, t, 21))
t[20] = 1.5
print(loops(3, t, 20))
t[10] = "z"
print(loops(3, t, 20))

-- tables made outside and seen by nobody until something goes wrong inside
local function field(o, k) return o.x + o.y + k end
local function objects(n, at, what)
    local s, e = 0
    for i = 1, n do
        local o = { x = i, y = 2 }
        local ok, v = pcall(field, o, i == at and what or 1)
        if ok then s = s + v + o.x else e = v .. " " .. o.x end
    end
    return s, e
end
for _ = 1, 4 do print(objects(300)) end
print(objects(300, 299, 0.25))
print(objects(300, 299, true))

-- tracebacks and levels
local function where(f, x)
    if x == nil then return f end
    return debug.traceback("here", 1)
end
local function traced(n, at)
    local trace
    for i = 1, n do
        local ok, v = pcall(where, i, i == at and 1 or nil)
        if v ~= i then trace = v end
    end
    return trace
end
for _ = 1, 4 do print(traced(300)) end
print((traced(300, 300):gsub("\n[^\n]*%[C%]: in %?", "")))
local function levels(x)
    if x then
        local names = {}
        for l = 1, 4 do
            local i = debug.getinfo(l, "Sln")
            names[l] = i and (i.what .. ":" .. i.currentline .. ":" .. tostring(i.name)) or "none"
        end
        return table.concat(names, " ")
    end
    return x
end
local function seen(n, at)
    local r
    for i = 1, n do
        local ok, v = pcall(levels, i == at)
        if v then r = v end
    end
    return r
end
for _ = 1, 4 do print(seen(200)) end
print(seen(200, 100))
print(seen(200, 200))

-- yields out of it, in a coroutine
local function maybe(x)
    if x % 100 == 0 then return coroutine.yield(x) + x end
    return x
end
local yields = summing(maybe, "i")
for _ = 1, 3 do
    local co = coroutine.wrap(yields)
    local r = table.pack(co(350))
    while #r == 1 do
        io.write(tostring(r[1]), " ")
        r = table.pack(co(r[1] == 200 and {} or 1000))
    end
    print(r[1], r[2])
end
print(pcall(maybe, 100))

-- functions with extra arguments; tail calls inside; upvalues assigned inside
local function extra(a, ...)
    local b, c = ...
    return a + b + (c or 0)
end
local extras = summing(extra, "i, 1, i == at and what or 2")
for _ = 1, 4 do print(extras(300)) end
print(extras(300, 10, 0.5))
print(extras(300, 300, "q"))
local function tail(a, b) return add(a, b) end
local tails = summing(tail, "i, i == at and what or 2")
for _ = 1, 4 do print(tails(300)) end
print(tails(300, 10, 0.5))
print(tails(300, 300, {}))
local total = 0
local function account(x)
    total = total + x
    return total
end
local function accounts(n, at, what)
    local e
    for i = 1, n do
        local ok, v = pcall(account, i == at and what or 1)
        if not ok then e = v end
    end
    return total, e
end
for _ = 1, 4 do print(accounts(300)) end
print(accounts(300, 300, 0.5))
print(accounts(300, 30, {}))

-- appends to tables and new ones need the real call
local function push(list, x)
    list[#list + 1] = x
    return { x }
end
local function pushes(n)
    local list, last = {}
    for i = 1, n do
        local ok, v = pcall(push, list, i)
        last = ok and v[1]
    end
    return #list, last
end
for _ = 1, 4 do print(pushes(300)) end

-- variables to be closed in the function below; errors in them
local function closes(x)
    local r = 0
    do
        local c <close> = setmetatable({}, { __close = function() r = r + 1 end })
        if x % 40 == 0 then error("closing " .. x, 0) end
    end
    return r
end
local closing = summing(closes, "i")
for _ = 1, 3 do print(closing(200)) end

-- pcall is another function now; the function called is none
local real = pcall
local function with(p, f, n)
    local s, bad = 0, 0
    for i = 1, n do
        local ok, v = p(f, i, 1)
        if ok == true then s = s + v else bad = bad + 1 end
    end
    return s, bad
end
for _ = 1, 4 do print(with(real, add, 300)) end
print(with(function(f, ...) return true, 10 end, add, 300))
print(with(real, add, 300))
print(with(real, 7, 300))
print(with(real, math.max, 300))
print(with(real, two, 300))

-- recursion through pcall ends in the same way
local function down(n)
    local ok, v = pcall(function(m) return m == 0 and 0 or 1 + down(m - 1) end, n)
    return ok and v or error(v, 0)
end
for _ = 1, 3 do print(down(20)) end
local depth = 0
local function sink(x)
    depth = depth + 1
    local ok, e = pcall(sink, x)
    if not ok then return e end
    return e
end
for _ = 1, 3 do
    depth = 0
    print(sink(1), depth > 150, depth < 250)
end

-- hooks see the calls from when they are set
local function hooked(n, at)
    local calls, s = {}, 0
    local function note() calls[#calls + 1] = debug.getinfo(2, "n").name or "?" end
    for i = 1, n do
        if i == at then debug.sethook(note, "c") end
        local ok, v = pcall(add, i, 1)
        s = s + v
        if i == at then debug.sethook() end
    end
    return s, table.concat(calls, " ")
end
for _ = 1, 3 do print(hooked(300)) end
print(hooked(300, 200))
