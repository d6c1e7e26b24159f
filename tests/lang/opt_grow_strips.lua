-- Counted loops that make arrays longer: in strips, with the growth taken aside.
local function sum(t) local s = 0 for i = 1, #t do s = s + t[i] end return s end
local makers = {
    ints = function(n) local t = {} for i = 1, n do t[i] = i end return t end,
    floats = function(n) local t = {} for i = 1, n do t[i] = i * 0.5 end return t end,
    map = function(n) local t, u = {}, {} for i = 1, n do t[i] = i end for i = 1, n do u[i] = t[i] * 2 end return u end,
    two = function(n) local t, u = {}, {} for i = 1, n do t[i] = i; u[i] = i + 0.25 end return u end,
    same = function(n) local t = {} local u = t for i = 1, n do t[i] = i; u[i] = t[i] + 1 end return t end,
    before = function(n) local t = {1} for i = 2, n do t[i] = t[i - 1] + 1 end return t end,
    ahead = function(n) local t = {} for i = 1, n do t[i] = t[i + 1] and 1000 or i end return t end,
    far = function(n) local t = {} for i = 1, n do t[i] = t[n] and 1000 or i end return t end,
    changes = function(n) local t = {} for i = 1, n do t[i] = i == n - 5 and 0.5 or i end return t end,
    given = function(n, t) t = t or {} for i = 1, n do t[i] = i end return t end,
    steps = function(n) local t = {} for i = 1, n, 1 do t[i - 0] = i // 3 end return t end,
    length = function(n) local t = {} for i = 1, n do t[i] = #t end return t end,
    other = function(n) local t, s = {}, 0 for i = 1, n do t[i] = i if t[i + 1] then s = s + 1 end end t[1] = s return t end,
    some = function(n) local t = {} for i = 1, n do if i % 7 ~= 0 then t[i] = i else t[i] = -i end end return t end,
}
local names = {}
for name in pairs(makers) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do
    local f = makers[name]
    for _ = 1, 300 do f(40) end
    local line = {}
    for _, n in ipairs { 0, 1, 31, 32, 33, 1023, 1024, 1025, 2047, 2049, 5000 } do
        local t = f(n)
        line[#line + 1] = #t .. ":" .. sum(t)
    end
    print(name, table.concat(line, " "))
end

-- values of any type
local function flags(n) local t = {} for i = 1, n do t[i] = false end for i = 3, n, 3 do t[i] = true end return t end
local function objects(n) local t = {} for i = 1, n do t[i] = { i } end return t end
for _ = 1, 200 do flags(50) objects(20) end
for _, n in ipairs { 1, 100, 1500, 4000 } do
    local t, yes = flags(n), 0
    for i = 1, #t do if t[i] then yes = yes + 1 end end
    local o, s = objects(n), 0
    for i = 1, #o do s = s + o[i][1] end
    print(n, #t, yes, #o, s)
end

-- metatables, other things than tables, integers that wrap
local given = makers.given
print(sum(given(3000, setmetatable({}, { __newindex = function(t, k, v) rawset(t, k, v + 1) end }))))
print(sum(given(3000, setmetatable({}, { __newindex = function() end }))))
print(sum(given(10, { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 })), sum(given(3000, { 0.5, 1 })))
print(pcall(given, 3000, 5), (select(2, pcall(given, 3000, "x"))))
local function wrap(t, from, to) local n = 0 for i = from, to do t[i] = n; n = n + 1 end return n end
for _ = 1, 200 do wrap({}, 1, 40) end
print(wrap({}, math.maxinteger - 50, math.maxinteger), wrap({}, math.mininteger, math.mininteger + 50), wrap({}, -20, 2000))
