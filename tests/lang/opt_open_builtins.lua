-- Calls of library functions whose results go on as arguments: f(g(x)).
local floor, sqrt, max, min, abs, type, tostring = math.floor, math.sqrt, math.max, math.min, math.abs, type, tostring
local function root(x) return floor(sqrt(x)) end
local function clamp(x, lo, hi) return max(lo, min(x, hi)) end
local function chain(x) return floor(abs(max(-x, min(x, 3)))) end
local function describe(x) return tostring(type(x)) end
local function given(x) return select("#", floor(x)) end
local function pass(x) return x, "end" end
local function lua_takes(x) return pass(floor(x / 2)) end
local function lua_gives(x) return floor(pass(x)) end
local function upper(s, i) return string.char(s:byte(i) - 32) end
local function letter(s, i) return string.upper(string.sub(s, i, i)) end
local function print_to(t, x) t[#t + 1] = floor(x); table.insert(t, floor(x + 0.5)) return #t end
local function later(x) local a, b = pass(abs(x)) return a, b end
for i = 1, 300 do
    root(i) clamp(i, 3, 100) chain(i / 7) describe(i) given(i / 2) lua_takes(i) lua_gives(i / 2) upper("abc", 2) letter("abc", 3)
    print_to({}, i / 4) later(-i)
end
print(root(17), root(17.5), clamp(5, 1, 3), clamp(-5, 1, 3), clamp(2, 1, 3))
print(chain(5), chain(-5), chain(0.5), describe(1), describe("x"), describe(nil))
print(given(2.5), lua_takes(9), lua_gives(9.75))
print(upper("hello", 1), letter("hello", 5), print_to({}, 2.75), later(-4.5))
-- what was assumed does not hold any more
print(pcall(root, "x"), pcall(root, nil))
print(root("16"), pcall(clamp, "2", 1, 3))
local keep = math.floor
local function through(x) return keep(sqrt(x)) end
for i = 1, 300 do through(i) end
keep = function(...) return select("#", ...), ... end
print(through(9))
sqrt = function(x) return x, x + 1, x + 2 end
print(through(9), root(4))
sqrt = function() end
print(through(9), pcall(root, 4))
-- tracebacks and coroutines
local co = coroutine.wrap(function(n) local s = 0 for i = 1, n do s = s + floor(math.sqrt(i)) coroutine.yield(floor(abs(-i))) end return s end)
for _ = 1, 50 do co(50) end

-- those that give one value where any number would be taken
local function id(...) return select("#", ...), ... end
local function one(x) return x end
local meta = { __metatable = "locked" }
local function ones(s, i, t)
    local a = one(s:byte(i))
    local b = one(tonumber(s))
    local c = one(rawget(t, i))
    local d = one(getmetatable(t))
    local e = one(math.type(i))
    local f = one(setmetatable({}, meta))
    local g = one(rawset(t, i, i + 1))
    return a, b, c, d, e, getmetatable(f), g == t, { s:byte(i) }, #{ s:byte(i), s:byte(i) }
end
local function passed(s, i) return id(s:byte(i)) end
local function listed(s, i) return { s:byte(i) } end
local t = {}
for i = 1, 400 do
    ones("12345", i % 5 + 1, t)
    passed("abc", i % 3 + 1)
    listed("abc", i % 3 + 1)
end
print((function(...) local l = { ... } l[8] = #l[8] return table.unpack(l, 1, 9) end)(ones("12345", 3, t)))
print(passed("abc", 3))
print(passed("abc", 4))
print(#listed("abc", 4), #listed("abc", 1))
print(passed("abc", -1))
print(passed("", 1))
print(passed("abc", 2))
print(pcall(passed, 12, "x"))
print(select("#", ones("text", 4, setmetatable({}, { __metatable = false }))))
print((select(2, ones("text", 4, {}))))
print(pcall(ones, "1", 1, 7))
for i = 1, 50 do passed("abc", 9) end
print(passed("abc", 9))
