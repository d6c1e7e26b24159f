-- Objects, lists and strings made in hot code by library functions: metatables of every kind, sub, char, insert.
local Point = {}
Point.__index = Point
Point.__add = function(a, b) return Point.new(a.x + b.x, a.y + b.y) end
function Point.new(x, y) return setmetatable({x = x, y = y}, Point) end
function Point:sum() return self.x + self.y end
local p = Point.new(0, 0)
for i = 1, 1000 do p = p + Point.new(i, 1) end
print(p.x, p.y, p:sum(), getmetatable(p) == Point)

-- a fresh metatable each time
local function counter(step)
  return setmetatable({value = 0, step = step}, {__index = {tick = function(self) self.value = self.value + self.step end}})
end
local sum = 0
for i = 1, 400 do
  local c = counter(i)
  c:tick() c:tick()
  sum = sum + c.value
end
print(sum)

-- what the inlined function leaves to the real one
local function set(t, mt) local r = setmetatable(t, mt) return r end
for i = 1, 300 do set({}, Point) end
print(getmetatable(set({}, nil)), pcall(set, 1, {}), pcall(set, {}, 1))
print(pcall(set, setmetatable({}, {__metatable = "locked"}), {}))
print(getmetatable(set({}, {__metatable = "mine"})))
print(getmetatable(set(set({}, {}), Point)) == Point)
local ended = 0
for i = 1, 50 do set({}, {__gc = function() ended = ended + 1 end}) end
collectgarbage() collectgarbage()
print(ended)
local weak = set({}, {__mode = "k"})
weak[{}] = 1
collectgarbage()
print(next(weak))
local proxied = set({}, {__index = function(_, k) return k .. "!" end, __len = function() return 42 end, __call = function(_, x) return x end})
print(proxied.a, #proxied, proxied(7))
local class = {}
local obj = set({}, class)
print(obj.later)
class.__index = {later = "now"}
print(obj.later)
local self = {}
self.__index = self
self.own = 5
print(set(self, self).own, self.own, rawget(self, "other"))

-- lists
local function pair(a, b) return {a, b} end
local function triple(a, b, c) return {a, b, c, n = 3} end
local t = 0
for i = 1, 600 do local q = pair(i, i + 1) t = t + q[1] * q[2] + #q end
print(t)
for i = 1, 100 do pair(1.5, 2.5) pair("a", i) triple(nil, nil, i) end
print(#pair(nil, nil), #pair(1, nil), #pair(nil, 1), #triple(1, 2, 3), triple(1, nil, 3)[3], triple("x", 2.5, 3)[2], math.type(pair(1.0, 2)[1]))
local function nested(d) if d == 0 then return {} end return {nested(d - 1), nested(d - 1)} end
local function count(n) if n[1] then return 1 + count(n[1]) + count(n[2]) end return 1 end
for d = 1, 10 do io.write(count(nested(d)), " ") end
print()
local function append_later(n) local l = {n, n} for i = 1, n do l[#l + 1] = i end return #l, l[#l] end
for i = 1, 50 do append_later(i) end
print(append_later(100))

-- table.insert
local function fill(n, x) local l = {} for i = 1, n do table.insert(l, x or i) end return l end
for i = 1, 40 do fill(20) end
print(#fill(100), fill(100)[100], #fill(10, "s"), fill(10, 2.5)[10], #fill(3, false))
local function insert(l, x) table.insert(l, x) return #l end
for i = 1, 100 do insert({}, i) end
print(insert({1, 2}, 3), insert({}, nil), pcall(insert, 5, 1), pcall(insert, nil, 1))
print(insert({1, 2, nil, 4}, 5))
local logged = setmetatable({}, {__newindex = function(l, k, v) rawset(l, k, v * 2) end})
insert(logged, 5) insert(logged, 6)
print(logged[1], logged[2])
local mixed = {}
for i = 1, 60 do insert(mixed, i % 3 == 0 and i + 0.5 or i % 5 == 0 and "s" or i) end
print(#mixed, mixed[3], mixed[5], mixed[7])

-- strings
local function rot(s)
  local out = {}
  for i = 1, #s do
    local c = s:byte(i)
    if c >= 97 and c <= 122 then c = (c - 97 + 13) % 26 + 97 end
    out[i] = string.char(c)
  end
  return table.concat(out)
end
for i = 1, 30 do rot("the quick brown fox") end
print(rot("the quick brown fox"), rot(rot(("hello "):rep(20))) == ("hello "):rep(20))
local function char(c) local s = string.char(c) return s end
for i = 1, 200 do char(i % 256) end
print(char(65), #char(0), #char(255), char("66"), char(67.0), pcall(char, 256)) print(pcall(char, -1)) print(pcall(char)) print(pcall(char, "x"))
local function sub(s, i, j) local r = s:sub(i, j) return r end
local function tail(s, i) local r = s:sub(i) return r end
for i = 1, 200 do sub("hello world", 2, 4) tail("hello", 3) end
for _, i in ipairs {0, 1, 3, 5, 6, 100, -1, -3, -5, -6, -100, math.maxinteger, math.mininteger} do
  io.write("[", tail("hello", i), "]")
  for _, j in ipairs {0, 1, 4, 5, 99, -1, -2, -9, math.maxinteger, math.mininteger} do io.write(sub("hello", i, j), ",") end
end
print()
print(sub("hello", "2", "3"), sub("hello", 2.0, 3), pcall(sub, 12345, 2, 3), pcall(sub, "x", 1.5, 2)) print(pcall(sub, {}, 1, 2)) print(pcall(sub, "x", {}, 2))
local long = ("0123456789"):rep(100)
local n = 0
for i = 1, 500 do n = n + #sub(long, i, i + i % 90) end
print(n, sub(long, 1, -1) == long, sub(long, 995, 2000), tail(long, 998))

-- concatenation
local function join(a, b, c) return a .. "-" .. b .. "/" .. c end
local function two(a, b) local s = a .. b return s end
for i = 1, 200 do join(i, "x", i + 0.5) two("a", i) end
print(join(1, 2, 3), join("a", "b", "c"), join(1.5, -0.0, 2^63), two("", ""), two(1, 2), two("x", ""), #two(long, long))
print(pcall(two, "a", nil)) print(pcall(two, {}, "b")) print(pcall(join, "a", {}, "c")) print(pcall(join, true, 1, 2))
local joined = setmetatable({}, {__concat = function(l, r) return (type(l) == "table" and "T" or l) .. "+" .. (type(r) == "table" and "T" or r) end})
print(two(joined, "b"), two("a", joined), join("a", joined, "c"), two(joined, joined))
local text = ""
for i = 1, 300 do text = text .. i .. "," if i % 100 == 0 then io.write(#text, " ") end end
print(text:sub(-12))
local parts = {}
for i = 1, 200 do local s = "item " .. i parts[#parts + 1] = s .. ";" end
print(#parts, parts[1], parts[200])

-- table.remove
local function pop(l) local x = table.remove(l) return x, #l end
for i = 1, 100 do pop {1, 2, i} end
print(pop {1, 2, 3}) print(pop {}) print(pop {"a", nil, "c"}) print(pop {1.5, 2.5}) print(pop {false}) print(pop {[0] = 7})
print(pop(setmetatable({1, 2}, {}))) print(pcall(pop, 5)) print(pop(setmetatable({}, {__len = function() return 3 end, __index = function(_, k) return k end})))
local function drain(n)
  local l, s = {}, 0
  for i = 1, n do l[i] = i % 2 == 0 and i or i .. "" end
  while #l > 0 do s = s + pop(l) end
  return s
end
for i = 1, 30 do drain(10) end
print(drain(100))

-- a result that nobody uses
local function unused(a, b) local s = a .. b return 1 end
local function unused2(s, i) local t = {} local c = string.sub(s, i, i) local d = string.char(i) t.x = c return #s end
for i = 1, 200 do unused("a", i) unused2("abc", 1) end
print(unused(1, 2), pcall(unused, {}, 1)) print(pcall(unused, nil, 1)) print(pcall(unused2, "abc", 300)) print(pcall(unused2, "abc", {}))
