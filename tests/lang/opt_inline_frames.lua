-- Frames made of inlined calls: exits two and three levels deep with live values, coroutines, hooks,
-- collections, deep recursion, methods of classes.
local Point = {}
Point.__index = Point
function Point.new(x, y) return setmetatable({x = x, y = y}, Point) end
function Point:get() return self.x, self.y end
function Point:set(x, y) self.x = x self.y = y return self end
function Point:dot(o) local x, y = self:get() local ox, oy = o:get() return x * ox + y * oy end
function Point:norm() return self:dot(self) end
local Point3 = setmetatable({}, {__index = Point})
Point3.__index = Point3
function Point3.new(x, y, z) local p = setmetatable(Point.new(x, y), Point3) p.z = z return p end
function Point3:norm() return Point.norm(self) + self.z * self.z end
local function methods(n)
  local p, q, s = Point.new(1, 2), Point3.new(1.5, 2, 3), 0
  for i = 1, n do
    p:set(i, p.y + 1)
    s = s + p:norm() + q:norm()
    if i % 100 == 0 then q:set(i, 0.5) end
  end
  return s, p.x, p.y
end
for _ = 1, 3 do print(methods(250)) end

-- live values across exits at several levels: overflowing kinds, new types, absent fields
local function third(t, i, v) t[i] = v return t[i] end
local function second(t, i, v) local before = i * 2 local r = third(t, i, v) return r, before end
local function first(t, i, v) local keep, also = v, {i} local r, b = second(t, i, v) return r, b, keep, also[1] end
local function writes(n, at, what)
  local t, s, text = {}, 0, {}
  for i = 1, n do
    local v = i
    if i == at then v = what end
    local r, b, k, a = first(t, i, v)
    s = s + b + a
    if i == at then text[#text + 1] = tostring(r) .. tostring(k) .. b end
  end
  return s, #t, table.concat(text)
end
for _ = 1, 10 do writes(60) end
print(writes(60))
print(writes(60, 31, 1.5))
print(writes(60, 31, "string"))
print(writes(60, 60, true))
print(writes(60, 12, 2^53))

-- a coroutine yields from below inlined code
local function give(x) coroutine.yield(x) return x end
local function half(x) return x % 2 == 0 and give(x) or x end
local function both(a, b) return half(a) + half(b) end
local function producer(n) local s = 0 for i = 1, n do s = s + both(i, i + 1) end return s end
local function run(n)
  local co = coroutine.wrap(producer)
  local seen, count = 0, 0
  local v = co(n)
  while count < n do
    seen = seen + v
    count = count + 1
    v = co()
  end
  return seen, count, v
end
for _ = 1, 6 do print(run(40)) end

-- inlined code in coroutines with small stacks
local function wide(a) local b, c, d, e, f, g, h = a, a, a, a, a, a, a return b + c + d + e + f + g + h end
local function wider(a) local b, c, d, e, f, g = wide(a), wide(a), wide(a), wide(a), wide(a), wide(a) return b + c + d + e + f + g end
local function body(n) local s = 0 for i = 1, n do s = s + wider(i) end return s end
for _ = 1, 12 do
  local r = 0
  for k = 1, 5 do r = r + coroutine.wrap(body)(20 + k) end
  if _ % 4 == 0 then print(r) end
end
local function deep(n) if n == 0 then return body(3) end return 1 + deep(n - 1) end
for _ = 1, 5 do deep(10) end
print(deep(5000), coroutine.wrap(deep)(3000))

-- hooks installed while inlined code runs
local lines = 0
local function small(x) return x + 1 end
local function hooked(n)
  local s = 0
  for i = 1, n do
    s = s + small(i)
    if i == n // 2 then debug.sethook(function(what) lines = lines + 1 end, "crl") end
  end
  debug.sethook()
  return s
end
for _ = 1, 3 do
  lines = 0
  print(hooked(200), lines)
end

-- collections find what frames of inlined functions hold
local function make(i) local t = {i} return t end
local function pass(t) local u = t return u end
local function holds(i) local a = pass(make(i)) local b = {a} local c = pass(b) return c[1][1] + #a end
local function collects(n) local s = 0 for i = 1, n do s = s + holds(i) end return s end
for _ = 1, 4 do print(collects(300)) end
local function slot(t, k, v) t[k] = v return pass(t)[k] end
local function strings(n)
  local t, s = {}, 0
  for i = 1, n do s = s + #slot(t, "k" .. i % 7, "v" .. i) end
  return s
end
for _ = 1, 4 do print(strings(300)) end

-- the debug library changes variables of frames that wait for inlined calls, and upvalues taken as constant
local limit = 5
local function below(x) return x < limit end
local function counts(n) local c = 0 for i = 1, n do if below(i % 10) then c = c + 1 end end return c end
for _ = 1, 4 do print(counts(100)) end
for i = 1, 5 do if debug.getupvalue(below, i) == "limit" then debug.setupvalue(below, i, 8) break end end
print(counts(100), limit)
