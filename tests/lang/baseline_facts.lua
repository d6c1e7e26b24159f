-- skip-with: move-stack
-- What code takes for known from one instruction to the next, and what changes it: other types later, assignments from
-- outside, ends of loops. (To be run with tier=baseline thresholds=1,3 as well, which makes code from a profile early.)
local function run(f, n, ...) local r for _ = 1, n do r = f(...) end return r end

-- types that change after the profile was made
local function sum(t, from, to, step) local s = t[1] for i = from, to, step do s = s + t[(i - 1) // 1 % #t + 1] * 2 end return s end
local ints, floats, mixed = { 1, 2, 3 }, { 0.5, 1.5 }, { 1, 2.5, 3 }
print(run(sum, 40, ints, 1, 10, 1), run(sum, 40, floats, 1, 10, 1), run(sum, 40, mixed, 1, 10, 1), run(sum, 20, ints, 1.0, 5.5, 0.5))
print(run(sum, 30, ints, 1, 7, 3), run(sum, 30, ints, 9, 1, -2), run(sum, 5, ints, 3, 2, 1), pcall(sum, ints, 1, 10, 0))
print(pcall(sum, { "10", "x" }, 1, 1, 1), pcall(sum, { "10", "x" }, 1, 2, 1), pcall(sum, {}, 1, 1, 1))
print(pcall(sum, setmetatable({ 1 }, { __len = function() return 1.0 end }), 1, 4, 1))
local function limits(n) local c = 0 for i = 1, n do c = c + i end for i = 1, n / 2 do c = c + i end for i = 1, 10, 3 do c = c + i end return c end
print(run(limits, 50, 7), limits(7.9), limits(0), limits(-5), pcall(limits, "7"), limits(math.mininteger))
local function huge() local n = 0 for i = math.maxinteger - 2, math.maxinteger do n = n + 1 end for i = math.mininteger, math.mininteger + 2, 2 do n = n + 1 end return n end
print(run(huge, 50))

-- variables that others assign
local function shared(n)
    local x, y = 1, 1.5
    local function set(a, b) x, y = a, b end
    local out = 0
    for i = 1, n do
        if i == n - 2 then set("7", 2) elseif i == n - 1 then set(0.25, "4") end
        out = out + x * 2 + y
    end
    return out
end
print(run(shared, 40, 6), shared(50))
local function pokes(depth, kind)
    local a, b, c = 10, { 1, 2, 3 }, 0
    for i = 1, 6 do
        if i == depth then
            (function() local k = 1 while true do local name = debug.getlocal(2, k) if name == kind then break end k = k + 1 end
                debug.setlocal(2, k, kind == "b" and { 5, 6.5, "9" } or kind == "a" and 0.5 or "100") end)()
        end
        c = c + a * 2 + b[i % 3 + 1]
    end
    return c
end
print(run(pokes, 40, 0, "a"), run(pokes, 10, 3, "a"), run(pokes, 10, 3, "b"), run(pokes, 10, 4, "c"))

-- a loop's control variables and copies of them
local function copies(n) local s = 0 for i = 1, n do local k = i i = i * 2.5 if i > 20 then i = "5" end s = s + i + k end return s end
print(run(copies, 40, 3), copies(12))

-- ends of ipairs and other iterations
local function each(t) local n, last = 0, nil for i, v, w in ipairs(t) do n = n + i last = v assert(w == nil) end return n, last end
local lists = { { 1, 2, 3 }, { 1.5, 2.5 }, { "a", true, {} }, {}, { 1, nil, 3 }, { false }, { 0, 0.5 },
    setmetatable({ 1, 2 }, { __index = function(_, i) if i < 5 then return i end end }), setmetatable({}, { __index = { 7, 8 } }) }
for round = 1, 30 do each(lists[1]) each(lists[2]) end
for _, t in ipairs(lists) do for _ = 1, 20 do each(t) end local n, last = each(t) print(n, type(last) == "table" or last) end
local function keys(t) local n = 0 for k, v in pairs(t) do n = n + (tonumber(k) or 1) + (tonumber(v) or 1) end return n end
for _ = 1, 30 do keys(lists[1]) end
for _, t in ipairs(lists) do print(keys(t)) end
local function grows() local t, n = { 1 }, 0 for i, v in ipairs(t) do n = n + v if i < 50 then t[i + 1] = i % 7 == 0 and 0.5 or v end end return n end
print(run(grows, 20))
local function clears(t) local n = 0 for i, v in ipairs(t) do n = n + v t[i + 2] = nil end return n end
print(run(function() return clears({ 1, 2, 3, 4, 5 }) end, 30))

-- arrays of other kinds than before
local function fill(t, n, x) for i = 1, n do t[i] = x end return #t end
local function total(t) local s = 0 for i = 1, #t do s = s + t[i] end return s end
local t = {}
for _ = 1, 20 do fill(t, 20, 1) total(t) end
for _, x in ipairs { 0.5, 2, 1e300, 3, math.maxinteger } do fill(t, 20, x) print(total(t)) end
t[5] = "12"
print(total(t), pcall(fill, t, 5, nil), #t > 0, pcall(total, { 1, {}, 3 }))
print(pcall(fill, setmetatable({}, { __newindex = function(_, k, v) if k > 3 then error("no more", 0) end end }), 5, 1))

-- fields that are nil in objects with a class
local class = {}
class.__index = class
local function link(n) local head for i = 1, n do head = setmetatable({ value = i, next = head }, class) end return head end
local function length(l) local n = 0 while l do n = n + l.value l = l.next end return n end
print(run(length, 30, link(10)), length(link(200)))
class.next = setmetatable({ value = 1000 }, {})
print(length(link(10)))
class.next = nil
print(length(link(10)))

-- calls: another function, missing and extra arguments, coroutines, deep recursion, errors
local function three(a, b, c) return (a or 0) + (b or 20) + (c or 300) end
local function calls(f, x) return f(x) + f(x, x) + f(x, x, x) + f(x, x, x, x) end
print(run(calls, 60, three, 1), calls(three, 1.5), calls(function(...) return select("#", ...) end, 1), calls(math.max, 3))
print(pcall(calls, nil, 1), pcall(calls, setmetatable({}, { __call = function(_, a) return a end }), 4))
local function yields(n) for i = 1, n do local x = i * 2 local y = coroutine.yield(x) x = x + y if x > 1e6 then return x, y end end return n end
for round = 1, 10 do
    local co, got = coroutine.wrap(yields), {}
    for i = 1, 8 do got[i] = tostring(co(i > 1 and (i % 2 == 0 and i or i + 0.5) or 9)) end
    if round == 10 then print(table.concat(got, " ")) end
end
local function deep(n) if n == 0 then return 0 end local r = deep(n - 1) return r + 1 end
print(run(deep, 20, 50), deep(15000), pcall(function() local function f(n) return 1 + f(n + 1) end return f(1) end))
local function fails(x) local a = x + 1 local ok, e = pcall(three, {}, a) a = a + 1 return a, ok end
for _ = 1, 50 do fails(1) end
print(fails(1), fails(0.5))
