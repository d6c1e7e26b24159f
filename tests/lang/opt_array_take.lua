-- Elements taken away and put back in hot code: typed and mixed arrays, their ends and middles, holes, metatables, empty arrays.
local function set(t, i, x) t[i] = x end
local function take(t, i) local x = t[i] t[i] = nil return x end
local function clear(t, i) t[i] = nil end
local function count(t) local n = 0 for _ in pairs(t) do n = n + 1 end return n end

local Stack = {}
Stack.__index = Stack
function Stack.new() return setmetatable({ top = 0, items = {} }, Stack) end
function Stack:push(v) self.top = self.top + 1 self.items[self.top] = v end
function Stack:pop() local v = self.items[self.top] self.items[self.top] = nil self.top = self.top - 1 return v end
local operators = { ["+"] = function(a, b) return a + b end, ["-"] = function(a, b) return a - b end, two = function(a, b) return a, b end }
local function apply(s, op) local b, a = s:pop(), s:pop() s:push(operators[op](a, b)) end
local function calculate(n)
    local s, sum = Stack.new(), 0
    for i = 1, n do
        s:push(i) s:push(i / 2) s:push(2) apply(s, "+") apply(s, "-")
        sum = sum + s:pop()
    end
    return sum, s.top, #s.items
end

local makers = {
    function() return { 1, 2, 3, 4 } end,
    function() return { 1.5, 2.5, 3.5, 4.5 } end,
    function() return { "a", "b", "c", "d" } end,
    function() return { 1, "b", 3.5, false } end,
    function() return { 0, 0, 0, 0 } end,
    function() local t = { 0, 0, 0, 0 } t[2] = 1.5 return t end,
    function() return {} end,
    function() return { nil, nil, 3 } end,
    function() local t = {} for i = 10, 14 do t[i] = i end return t end,
    function() return setmetatable({ 1, 2, 3 }, { __newindex = function(t, k, v) rawset(t, k, v) rawset(t, "noted", (t.noted or 0) + 1) end }) end,
}
local function use(t)
    for round = 1, 3 do
        take(t, 4) take(t, 3) clear(t, 2) take(t, 9) take(t, 0) clear(t, -1) clear(t, 14)
        set(t, 2, "x") set(t, 3, 7) set(t, 4, 2.5) set(t, 4, nil) set(t, 1, nil) set(t, 1, round)
    end
    for i = 1, 9 do set(t, i, i) end
    for i = 9, 1, -1 do if i ~= 5 then clear(t, i) end end
    return t[5], count(t), t.noted
end
for round = 1, 3 do
    for i, make in ipairs(makers) do
        for _ = 1, 40 do use(make()) end
        print(i, use(make()))
    end
    print(calculate(400))
    local t = {}
    for i = 1, 300 do t[#t + 1] = i end
    while #t > 100 do t[#t] = nil end
    for i = 1, 50 do t[#t + 1] = i + 0.5 end
    local s = 0
    while #t > 0 do s = s + take(t, #t) end
    print(s, #t, next(t))
    local first, last, q = 1, 0, {}
    for i = 1, 500 do
        last = last + 1 q[last] = i
        if i % 3 ~= 0 then s = s + q[first] q[first] = nil first = first + 1 end
    end
    print(s, last - first, count(q))
    if round == 2 then operators["-"] = function(a, b) return b - a, 1 end end
end
local s = Stack.new()
s:push(1) s:push(2) apply(s, "two")
print(s.top, s.items[1], s.items[2])
