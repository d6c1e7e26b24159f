-- Metamethods of operators in hot code: arithmetic, comparisons, mixed operands, frames, errors, yields, metatables that change.
local V = {}
V.__index = V
local function vec(x, y) return setmetatable({x = x, y = y}, V) end
V.__add = function(a, b) return vec(a.x + b.x, a.y + b.y) end
V.__sub = function(a, b) return vec(a.x - b.x, a.y - b.y) end
V.__mul = function(a, k) if type(a) == "number" then a, k = k, a end return vec(a.x * k, a.y * k) end
V.__unm = function(a) return vec(-a.x, -a.y) end
V.__eq = function(a, b) return a.x == b.x and a.y == b.y end
V.__lt = function(a, b) return a.x < b.x end
V.__le = function(a, b) return a.x <= b.x end
V.__idiv = function(a, k) return vec(a.x // k, a.y // k) end
V.__band = function(a, b) return a.x & b.x end
V.__concat = function(a, b) return "joined" end
V.__len = function(a) return 2 end
local function run(n)
  local a, b, same, less, le, bits = vec(0, 0), vec(1, 2), 0, 0, 0, 0
  for i = 1, n do
    local c = a + b * 3
    if c - b * 2 == a + b then same = same + 1 end
    if c ~= a then same = same + 1 end
    if a < c then less = less + 1 end
    if not (c < a) then less = less + 1 end
    if a <= c then le = le + 1 end
    if c > b then le = le + 1 end
    bits = bits + (a & b) + #c
    a = a + b - -b * 2 // 3
    a = 1 * a
  end
  return same, less, le, bits, a.x, a.y
end
print(run(2000))

-- numbers and objects at one instruction, strings, objects of two classes
local W = {__add = function(a, b) return "W" end, __eq = function() return true end, __lt = function() return nil end}
local function add(a, b) return a + b end
local function eq(a, b) if a == b then return 1 end return 0 end
local w, s = setmetatable({}, W), 0
for i = 1, 2000 do
  local r = i % 3 == 0 and add(i, 1) or i % 3 == 1 and add(vec(i, 1), vec(1, 1)).x or #add(w, i)
  s = s + r + eq(vec(i, 1), vec(1, 1)) + eq(w, setmetatable({}, W)) + eq(i, i) + eq("a", "a")
end
print(s, pcall(add, {}, 1), pcall(add, w, {}), pcall(add, 1, w), pcall(add, nil, w), add("10", 1))
print(eq(w, w), eq(w, {}), eq({}, w), eq(w, 1))

-- frames in them
local mode
local P = {}
local function event(a, b)
  if mode == "where" then
    local out = {}
    for level = 1, 4 do
      local d = debug.getinfo(level, "nSlt")
      if d and d.what ~= "main" and d.what ~= "C" then out[#out + 1] = ("%s %s:%d"):format(d.namewhat, tostring(d.name), d.currentline) end
    end
    return table.concat(out, ", ")
  end
  if mode == "error" then error("in the operator") end
  if mode == "yield" then return (coroutine.yield("paused")) end
  return 7
end
for _, name in ipairs {"add", "sub", "unm", "shl", "lt", "le", "eq", "mod", "pow"} do P["__" .. name] = load("local event = ... return function(a, b) local r = event(a, b) return r end", "=" .. name)(event) end
local p, q = setmetatable({}, P), setmetatable({}, P)
local function arith(a, b) local x = a + b local y = a - 1 local z = -a local v = 1 << b return x, y, z, v, a % 2, 2 ^ a end
local function compare(a, b) local r = 0 if a < b then r = r + 1 end if a <= b then r = r + 2 end if a == b then r = r + 4 end if a ~= b then r = r + 8 end return r end
for i = 1, 2000 do arith(p, q) compare(p, q) end
print(arith(p, q)) print(compare(p, q))
mode = "where"
print(arith(p, q)) print(compare(p, q))
mode = "error"
print(select(2, xpcall(arith, debug.traceback, p, q)))
print(select(2, xpcall(compare, debug.traceback, p, q)))
mode = "yield"
local co = coroutine.wrap(function() return compare(p, q), (arith(p, q)) end)
print(co()) for i = 1, 9 do local r = co(i % 2 == 0 or nil) if r ~= "paused" then print(i, r) break end end
mode = nil

-- metatables that change while the loop runs
local M = {__add = function(a, b) return 1 end}
local o, t = setmetatable({}, M), 0
for i = 1, 4000 do
  if i == 1000 then M.__add = function(a, b) return 10 end end
  if i == 2000 then M.__mul = 1 end
  if i == 2500 then rawset(M, "__add", function(a, b) return 100 end) end
  if i == 3000 then setmetatable(o, {__add = function(a, b) return 1000 end}) end
  if i == 3500 then M = getmetatable(o) M.__add = nil M.__add = math.max end
  if i == 3600 then M.__add = function(...) return select("#", ...) end end
  local ok, r = pcall(add, o, i)
  t = t + (ok and r or 0)
  if i < 3500 or i > 3600 then t = t + (o + 1) end
end
print(t)
