-- Closures that only hot code itself calls are not made, and nobody can tell: exits, the debug library, errors, yields and the
-- collector find them, and the variables that they share, as the source has them.
local function heat(f, ...) for _ = 1, 60 do f(...) end end

-- constants of the frame and of the loop
local function constants(n)
    local sum = 0
    for i = 1, n do
        local f = function(x) return x + i + n end
        sum = sum + f(1) % 7
    end
    return sum
end
heat(constants, 30)
print(constants(100), constants(3))

-- variables assigned by the closure, by the frame, and by both
local function assigned(n)
    local count, s = 0, 0
    local function step(k) count = count + k return count end
    for i = 1, n do
        s = s + step(i)
        if i % 3 == 0 then count = i end
        s = s + step(1) * 2
    end
    return s, count
end
heat(assigned, 30)
print(assigned(50))

-- made by an inlined function whose variables are closed at its return
local function counter(start)
    local calls = 0
    return function(k)
        calls = calls + 1
        start = start + k
        return start * 10 + calls
    end
end
local function closed(n)
    local s = 0
    for i = 1, n do
        local c = counter(i)
        s = s + c(1) + c(2) + c(i)
    end
    return s
end
heat(closed, 30)
print(closed(100))

-- passed to inlined functions that call them
local function map(t, f) local r = {} for i = 1, #t do r[i] = f(t[i]) end return r end
local function fold(t, f, x) for i = 1, #t do x = f(x, t[i]) end return x end
local function higher(t, n)
    local s = 0
    for i = 1, n do
        s = s + fold(t, function(a, b) return a + b * i end, 0)
        s = s + #map(t, function(x) return x + s end)
    end
    return s
end
heat(higher, {1, 2, 3, 4}, 10)
print(higher({1, 2, 3, 4}, 20), higher({1, 2.5, 3, 4}, 20))
print(pcall(higher, {1, 2, "x", 4}, 20))

-- an exit in the life of closures: what they share is shared
local kept = {}
local function pair(x, shared)
    local own = x
    return function() own = own + 1 shared = shared + 1 return own + shared end,
           function() shared = shared + 10 return shared, x end
end
local function shared(n, at)
    local s = 0
    for i = 1, n do
        local f, g = pair(i, 100)
        s = s + f() + g()
        if i == at then kept.f, kept.g = f, g end
        s = s + f()
    end
    return s
end
heat(shared, 20, 0)
print(shared(20, 7))
print(debug.getupvalue(kept.f, 1), debug.getupvalue(kept.f, 2))
print(select(2, debug.getupvalue(kept.f, 1)), select(2, debug.getupvalue(kept.f, 2)), select(2, debug.getupvalue(kept.g, 1)))
print(debug.upvalueid(kept.f, 2) == debug.upvalueid(kept.g, 1), debug.upvalueid(kept.f, 1) == debug.upvalueid(kept.g, 2))
print(kept.f(), kept.g(), kept.f())

-- ... while their variables are registers still
local function open(n, at)
    local total = 0
    for i = 1, n do
        local v, w = i, 2 * i
        local function add(k) v = v + k return v end
        local function get() return v + w end
        total = total + add(1) + get()
        if i == at then
            kept.add, kept.get = add, get
            v = v + 1000
            total = total + kept.get() - kept.add(5)
        end
        total = total + add(1)
    end
    return total
end
heat(open, 20, 0)
print(open(20, 9), open(20, 20))
print(kept.get(), kept.add(1), kept.get())
print(debug.upvalueid(kept.add, 1) == debug.upvalueid(kept.get, 1))

-- the debug library looks on from what is called
local trouble, seen
local function look()
    local f = debug.getinfo(2, "f").func
    local name, value = debug.getupvalue(f, 1)
    seen = name .. "=" .. tostring(value) .. " " .. debug.getinfo(2, "l").currentline
    debug.setupvalue(f, 1, value + 500)
end
local function watched(n)
    local s = 0
    for i = 1, n do
        local v = i
        local function f()
            v = v + 1
            if trouble then look() end
            return v
        end
        s = s + f()
        s = s + v
    end
    return s
end
heat(watched, 20)
print(watched(20))
trouble = true
print(watched(3), seen)
trouble = false

-- closures that hold each other, tables that hold closures, closures that hold tables
local function nested(n, at)
    local s = 0
    for i = 1, n do
        local o = { v = i }
        local function get() return o.v end
        local function twice() return get() + get() end
        local methods = { get = get, twice = twice }
        s = s + methods.twice() + methods.get()
        if i == at then kept.o = methods o.v = -1 s = s + kept.o.twice() end
        o.v = o.v + 1
        s = s + methods.get()
    end
    return s
end
heat(nested, 20, 0)
print(nested(20, 5), kept.o.get(), kept.o.twice(), (debug.getupvalue(kept.o.twice, 1)))
print(select(2, debug.getupvalue(kept.o.twice, 1)) == kept.o.get)

-- local functions that know themselves
local function recursive(n, at)
    local s = 0
    for i = 1, n do
        local function down(k) if k == 0 then return i end return down(k - 1) end
        s = s + down(2)
        if i == at then kept.down = down end
    end
    return s
end
heat(recursive, 20, 0)
print(recursive(20, 4), kept.down(5), select(2, debug.getupvalue(kept.down, 1)) == kept.down or select(2, debug.getupvalue(kept.down, 2)) == kept.down)

-- captured on some ways, made in branches, compared
local function branches(n)
    local s, last = 0, nil
    for i = 1, n do
        local x = i
        local f
        if i % 2 == 0 then f = function() return x end
        else f = function() x = x + 1 return -x end end
        s = s + f() + x
        local g = function() return x end
        if f == g or rawequal(g, last) then s = s + 1000000 end
        if g == g and type(g) == "function" and g then s = s + g() end
    end
    return s
end
heat(branches, 20)
print(branches(31))

-- parameters assigned later; the call is made after all
local many = 0
local function account(balance, ...)
    local log = 0
    local function deposit(v) balance = balance + v log = log + 1 return balance end
    deposit(1)
    if balance > many then return select("#", ...) + deposit(2) end
    return deposit(3) + log
end
local function accounts(n)
    local s = 0
    for i = 1, n do s = s + account(i) + account(-i, 1, 2) end
    return s
end
many = 1000
heat(accounts, 20)
print(accounts(30))
many = 5
print(accounts(30))

-- errors in closures, with their variables in the traceback's frames
local function failing(n, bad)
    local s = 0
    for i = 1, n do
        local f = function(x) return x + i end
        s = s + f(i == bad and {} or 1)
    end
    return s
end
heat(failing, 20, 0)
print(pcall(failing, 20, 5))
print((select(2, xpcall(failing, debug.traceback, 20, 5)):gsub("\n.*", "")))

-- yields while they live
local function yielding(n, at)
    return coroutine.wrap(function()
        local s = 0
        for i = 1, n do
            local v = i
            local f = function() v = v + 1 return v end
            s = s + f()
            if i == at then coroutine.yield(f) end
            s = s + v
        end
        return s
    end)
end
for _ = 1, 60 do yielding(20, 0)() end
local co = yielding(20, 11)
local f = co()
print(f(), f(), co())

-- the collector
local function collects(n)
    local s = 0
    for i = 1, n do
        local name = "string " .. i
        local f = function() name = name .. "!" return #name end
        if i % 50 == 0 then collectgarbage() end
        s = s + f() + f()
    end
    return s
end
heat(collects, 10)
print(collects(200))
local weak = setmetatable({}, { __mode = "v" })
local function garbage(n)
    for i = 1, n do weak[i] = function() return i end end
    collectgarbage()
    return #weak
end
heat(garbage, 5)
print(garbage(50))

-- goto and break out of scopes
local function scopes(n)
    local s = 0
    for i = 1, n do
        local j = 0
        while true do
            local k = j
            local f = function() k = k + i return k end
            s = s + f()
            j = j + 1
            if j == 4 then break end
            if s % 3 == 0 then goto continue end
            s = s + f()
            ::continue::
        end
    end
    return s
end
heat(scopes, 20)
print(scopes(30))
