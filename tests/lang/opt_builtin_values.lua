-- Library functions of any values in hot code: type, raw access, conversions, select, unpack, next; and what is left to the real ones.
local function kind(x)
  if type(x) == "number" then return 1 elseif type(x) == "string" then return 2 elseif type(x) == "table" then return 3
  elseif type(x) == "nil" then return 4 elseif type(x) == "boolean" then return 5 elseif type(x) == "function" then return 6
  elseif type(x) == "thread" then return 7 end
  return type(x)
end
local values = {1, 2.5, "s", ("long"):rep(30), {}, true, false, print, kind, coroutine.create(print), io.stdout}
local n = 0
for i = 1, 3000 do n = n + kind(values[i % 10 + 1]) end
print(n, kind(nil), kind(io.stdout))
local names = {}
for i = 1, 600 do names[i % 12 + 1] = type(values[i % 11 + 1]) end
print(table.concat(names, " "))
print(pcall(function() for i = 1, 300 do local t = i < 300 and type(i) or type() end end))

local function mt(x) return math.type(x) end
local c = {integer = 0, float = 0, [false] = 0}
for i = 1, 900 do local k = mt(i % 3 == 0 and i or i % 3 == 1 and i + 0.5 or "1") c[k or false] = c[k or false] + 1 end
print(c.integer, c.float, c[false], pcall(mt))

-- raw access
local log = 0
local t = setmetatable({}, {__index = function() log = log + 1 return 7 end, __newindex = function() log = log + 100 end})
local sum = 0
for i = 1, 500 do
  rawset(t, "k" .. i % 5, i)
  rawset(t, i, i * 2)
  sum = sum + rawget(t, "k" .. i % 5) + rawget(t, i) + (rawget(t, "absent") or 1) + (rawget(t, i + 1000) or 1) + rawlen(t)
end
print(sum, log, t.absent, log)
local function set(t, k, v) return rawset(t, k, v) end
for i = 1, 400 do set(t, i % 3 == 0 and 1.0 or i % 3 == 1 and true or "x", i) end
print(t[1], t[true], t.x, pcall(set, t, nil, 1), pcall(set, t, 0 / 0, 1))
print(pcall(set, 1, 2, 3), select("#", pcall(set, t, "a", nil)))
local get = function(t, k) return rawget(t, k) end
for i = 1, 300 do get(t, i) end
print(get(t, 1), get(t, 1.0), get(t, "x"), get(t, nil), pcall(get, 5, 1))
-- methods set by rawset while calls of them run
local C = {} C.__index = C
function C.m() return 1 end
local o, total = setmetatable({}, C), 0
for i = 1, 1000 do
  if i == 700 then rawset(C, "m", function() return 1000 end) end
  if i == 900 then rawset(o, "m", function() return 1000000 end) end
  total = total + o:m()
end
print(total)

-- metatables
local function of(x) return getmetatable(x) end
local hits = 0
local locked = setmetatable({}, {__metatable = "locked"})
for i = 1, 600 do
  if of(t) == getmetatable(t) then hits = hits + 1 end
  if of({}) == nil then hits = hits + 1 end
  if of("x").__index == string then hits = hits + 1 end
  if of(locked) == "locked" then hits = hits + 1 end
  if of(i) == nil then hits = hits + 1 end
end
print(hits, pcall(of))

-- conversions
local parts = {}
for i = 1, 500 do parts[i % 7 + 1] = tostring(i) .. tostring(i + 0.5) .. tostring(-0.0) .. tostring(1e100) end
print(table.concat(parts, ","))
local function str(x) return tostring(x) end
for i = 1, 300 do str(i) end
print(str(true), str(nil), str("s"), str(setmetatable({}, {__tostring = function() return "mine" end})), pcall(str, setmetatable({}, {__tostring = function() return 1 end})))
local back = 0
for i = 1, 500 do back = back + tonumber(tostring(i)) + tonumber(i) + (tonumber("x" .. i) or 0) + tonumber(" 0x10 ") + tonumber("1e1") + (tonumber({}) or 1) end
print(back, pcall(function() for i = 1, 200 do local x = i < 200 and tonumber(i) or tonumber() end end))
debug.setmetatable(1, {__tostring = function(n) return "num" end})
print(str(5), tostring(6))
debug.setmetatable(1, nil)
print(str(5))

-- extra arguments
local function count(...) return (select("#", ...)) end
local function nth(n, ...) return (select(n, ...)) end
local function add(...) local s = 0 for i = 1, select("#", ...) do s = s + (select(i, ...)) end return s end
local cs = 0
for i = 1, 600 do cs = cs + count() + count(nil, nil) + count(i, 2, 3) + add(i, 2, 3, 4) + add(0.5) + add() + nth(2, 1, i) end
print(cs, nth(1), nth(-1, 1, 2, 3), nth("2", 1, 2, 3), nth(2.0, 1, 2, 3), nth("#", 4, 5))
print(pcall(nth, 0, 1), pcall(nth, -5, 1), pcall(nth, {}, 1), pcall(nth, nil))
local function first(...) local a, b, c = ... return a, c, b end
for i = 1, 400 do first(i, 2) first(i, 2, 3, 4) first() end
print(first(1), first(1, 2), first(1, 2, 3))
print(first(1, 2, 3, 4, 5, 6))
local orig = select
for i = 1, 300 do
  if i == 200 then select = function(n) return "mine" .. tostring(n) end end
  if i % 100 == 0 then print(count(1, 2, 3), (select("#"))) end
end
select = orig

-- unpack, next
local function three(t) local a, b, c = table.unpack(t) return c, b, a end
for i = 1, 400 do three({i, i + 1, i + 2}) three({i}) three({}) three({i, nil, i}) end
print(three({1, 2, 3}), three({1, 2}), three({}))
print(three(setmetatable({}, {__index = function(_, i) return i * 10 end, __len = function() return 3 end})), pcall(three, 1))
print(three({1, 2, 3, 4, 5}))
local function empty(t) return next(t) == nil end
local function after(t, k) local k2, v = next(t, k) return k2, v end
local e = 0
for i = 1, 500 do if empty({}) then e = e + 1 end if empty({i}) then e = e + 1000 end if empty({a = i}) then e = e + 1000 end end
print(e, after({10, 20, 30}, 2), after({10}, 1), pcall(after, {}, "none"), pcall(empty))
local walked, k, v = 0, next(t)
while k ~= nil do walked = walked + 1 k, v = next(t, k) end
local again = 0
for _ in pairs(t) do again = again + 1 end
print(walked == again)

-- fmod
local f = 0
for i = -300, 300 do f = f + math.fmod(i, 7) + math.fmod(i + 0.5, 7) + math.fmod(i, -3) end
print(f, math.fmod(-6, 2), pcall(function() for i = 3, 0, -1 do math.fmod(5, i) end end))
local function fm(a, b) return math.fmod(a, b) end
for i = 1, 300 do fm(i, 5) end
print(fm(math.mininteger, -1), fm(7, -1), fm(-7, 3), fm(-7, 3.0), pcall(fm, 1, 0))

-- strings of one byte
local text, got = "hello, world \0\255", {}
for r = 1, 50 do for i = -3, #text + 3 do got[i + 4] = text:sub(i, i) end end
print(#table.concat(got), (table.concat(got):gsub("[^%g ]", "?")))
for r = 1, 20 do for i = 0, 255 do assert(string.char(i):byte() == i and #string.char(i) == 1) end collectgarbage("step") end
print(("x"):sub(1, 1) == "x", ("xy"):sub(2) == "y", pcall(string.char, 256), pcall(string.sub))
