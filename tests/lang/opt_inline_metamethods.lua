-- Metamethods written in Lua that hot code comes to: values, frames, errors, yields, metatables that change.
local counts = {reads = 0, writes = 0}
local function proxy(target)
  return setmetatable({}, {
    __index = function(_, k) counts.reads = counts.reads + 1 return target[k] end,
    __newindex = function(_, k, v) counts.writes = counts.writes + 1 target[k] = v end,
    __call = function(_, f, ...) return target[f](target, ...) end,
  })
end
local function run(n)
  local p = proxy {total = 0, add = function(self, v) self.total = self.total + v return self.total end}
  local last
  for i = 1, n do
    p.total = p.total + 1
    last = p("add", i)
  end
  return last + counts.reads + counts.writes
end
print(run(3000))

-- computed fields, defaults made on demand
local getters = {area = function(o) return o.w * o.h end, perimeter = function(o) return 2 * (o.w + o.h) end}
local Rect = {
  __index = function(o, k) local get = getters[k] return get and get(o) end,
  __newindex = function(o, k, v) rawset(o, k, v + 1) end,
}
local sum = 0
for i = 1, 2000 do
  local r = setmetatable({w = i % 10, h = 2}, Rect)
  r.extra = 1
  sum = sum + r.area + r.perimeter + r.extra + (r.missing or 0)
end
print(sum)

-- what the metamethod sees: its frame and that of the instruction
local function where()
  local out = {}
  for level = 2, 4 do
    local d = debug.getinfo(level, "nSlt")
    if not d then break end
    local locals = {}
    for i = 1, 5 do local n, v = debug.getlocal(level, i) if n and n:sub(1, 1) ~= "(" and type(v) ~= "table" and type(v) ~= "function" then locals[#locals + 1] = n .. "=" .. tostring(v) end end
    out[#out + 1] = ("%s %s:%d tail=%s {%s}"):format(tostring(d.namewhat), tostring(d.name), d.currentline, tostring(d.istailcall), table.concat(locals, ","))
  end
  return table.concat(out, "\n")
end
local mode = "plain"
local Odd = {}
local function reply(o, k)
  if mode == "where" then local w = where() return w end
  if mode == "error" then error("no " .. k) end
  if mode == "yield" then return coroutine.yield(k) end
  if mode == "many" then return 1, 2, 3 end
  if mode == "none" then return end
  return #k
end
Odd.__index = function(o, k) local r = reply(o, k) return r end
Odd.__newindex = function(o, k, v) if mode ~= "plain" then rawset(o, "last", reply(o, k)) return 1, 2 end o[1] = v end
local function use(o, i) local a = i local b = o.field return b, a end
local function put(o, i) local before = i o.field = i o.other = "k" return before, o[1] end
local o = setmetatable({0}, Odd)
local t = 0
for i = 1, 2500 do local x, y = use(o, i) t = t + x + y x, y = put(o, i) t = t + x end
print(t)
for _, m in ipairs {"where", "error", "many", "none", "plain"} do
  mode = m
  print(m, pcall(use, o, 5))
  print(m, pcall(put, setmetatable({0}, Odd), 6))
end
mode = "error"
print(select(2, xpcall(use, debug.traceback, o, 1)))
print(select(2, xpcall(put, debug.traceback, o, 1)))
mode = "yield"
local co = coroutine.wrap(function(...) local a, b = use(...) put(o, 3) return a, b end)
print(co(o, 7)) print(co("resumed")) print(co("x")) print(co("y")) 
mode = "plain"

-- metatables that change while the loop runs
local M = {__index = function(_, k) return 1 end}
local obj, total = setmetatable({}, M), 0
for i = 1, 4000 do
  if i == 1000 then M.__index = function(_, k) return 10 end end
  if i == 2000 then M.__index = {x = 100} end
  if i == 3000 then setmetatable(obj, {__index = function(s, k) return 1000 end}) end
  if i == 3500 then obj.x = 10000 end
  total = total + obj.x
end
print(total)
local W = {__newindex = function(s, k, v) rawset(s, k .. "!", v) end}
local w, seen = setmetatable({}, W), 0
for i = 1, 2000 do
  if i == 700 then W.__newindex = nil end
  if i == 1400 then w = setmetatable({}, {__newindex = function(s, k, v) seen = seen + v end}) end
  w.x = i
end
print(w.x, w["x!"], seen)

-- vararg metamethods, tail calls in them, and functions of the library
local V = setmetatable({}, {__index = function(...) return select("#", ...) end})
local T = setmetatable({}, {__index = function(s, k) return reply(s, k) end})
local R = setmetatable({}, {__index = rawlen})
local n = 0
for i = 1, 1500 do n = n + V.some + T.word + (pcall(function() return R.x end) and 1 or 0) end
print(n)
mode = "where"
local function tailed(i) local x = T.word return x end
print(tailed(1))
mode = "plain"
for i = 1, 600 do tailed(i) end
mode = "where"
print(tailed(2))

-- objects of several classes, each with its own function
local objs = {}
for c = 1, 6 do objs[c] = setmetatable({}, {__index = function(_, k) return c end}) end
local s6 = 0
for i = 1, 3000 do s6 = s6 + objs[i % (i < 1500 and 2 or 6) + 1].val end
print(s6)
