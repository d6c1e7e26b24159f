-- Functions with extra arguments called in hot code: forwarded, counted, selected, kept in tables; frames and errors in them.
local function sum3(a, b, c) return a + b + c end
local function forward(...) return sum3(...) end
local function second(...) local _, b = ... return b end
local function add(...) local s = 0 for i = 1, select("#", ...) do s = s + (select(i, ...)) end return s end
local function pack2(a, ...) local t = {...} return #t + a, t[1], select("#", ...) end
local function fixed(a, b, ...) return a, b, ... end
local function run(n)
  local s = 0
  for i = 1, n do
    s = s + forward(i, 1, 2) + (second(i, 2, 3) or 0) + add(i, 2, 3) + add() + add(1)
    local len, first, count = pack2(i, 7, 8)
    s = s + len + first + count
    len, first, count = pack2(i)
    s = s + len + (first or 0) + count
    local x, y, z, w = fixed(i)
    s = s + x + (y or 1) + (z or 2)
    x, y, z, w = fixed(1, 2, 3, 4, 5)
    s = s + x + y + z + w
  end
  return s
end
print(run(2000))

-- wrappers
local C = {}
C.__index = C
function C:add(a, b) self.v = self.v + a + b return self.v end
local function call(o, name, ...) return o[name](o, ...) end
local function traced(f)
  local calls = 0
  return function(...) calls = calls + 1 return f(...) end, function() return calls end
end
local wrapped, calls = traced(call)
local o, last = setmetatable({v = 0}, C), 0
for i = 1, 3000 do last = wrapped(o, "add", i, 1) end
print(last, calls(), o.v)
print(pcall(wrapped, o, "none"), pcall(wrapped, o, "add", {}, 1))
print(wrapped(o, "add", 1, 2, 3, 4))

-- types that change, missing and superfluous arguments
local function mixed(...) local a, b, c = ... return a, c, b end
local out = {}
for i = 1, 900 do
  local x = i < 600 and i or i < 700 and i + 0.5 or i < 800 and "s" or nil
  local a, b, c = mixed(x, i)
  out[i % 5 + 1] = tostring(a) .. tostring(b) .. tostring(c)
end
print(table.concat(out, " "))

-- frames: tracebacks, locals and extra arguments of them
local function inner(x, ...)
  if x == 0 then
    local info = {}
    for level = 1, 3 do
      local d = debug.getinfo(level, "nSlut")
      local locals = {}
      for i = 1, 8 do local n, v = debug.getlocal(level, i) if n and n:sub(1, 1) ~= "(" then locals[#locals + 1] = n .. "=" .. tostring(v):gsub("0x%x+", "") end end
      for i = -1, -4, -1 do local n, v = debug.getlocal(level, i) if n then locals[#locals + 1] = n .. "=" .. tostring(v) end end
      info[#info + 1] = ("%s:%d vararg=%s np=%d tail=%s {%s}"):format(tostring(d.name), d.currentline, tostring(d.isvararg), d.nparams, tostring(d.istailcall), table.concat(locals, ","):gsub("function: builtin: %x+", "f"))
    end
    return table.concat(info, "\n")
  end
  if x < 0 then error("negative") end
  return x + select("#", ...)
end
local function middle(a, ...) local r = inner(a, ..., a) return r end
local function outer(i, k) local r = middle(k, i, "e") return r end
local s = 0
for i = 1, 2000 do s = s + outer(i, i) end
print(s)
print((outer(5, 0):gsub("function: 0x%x+", "f"):gsub("table: 0x%x+", "t")))
print(pcall(outer, 5, -1))
print(select(2, xpcall(outer, debug.traceback, 5, -1)))
local function tail(...) return inner(...) end
local function rt(x) local r = tail(x, 1, 2, 3) return r end
for i = 1, 2000 do rt(i) end
print(rt(3), (select(2, xpcall(rt, debug.traceback, -1))))
print((rt(0):gsub("function: 0x%x+", "f")))

-- yields below them
local co = coroutine.wrap(function()
  local function y(...) if (...) == 0 then coroutine.yield("y", select("#", ...)) end return ... end
  local function w(a, ...) local r = y(a, ...) return r, ... end
  local s = 0
  for i = 1, 1500 do
    local r, e = w(i % 500 == 499 and 0 or i, i, 2)
    s = s + r + e
  end
  return s
end)
print(co()) print(co()) print(co()) print(co())

-- a call that suddenly passes more, another function in its place
local f = forward
for i = 1, 1000 do
  if i == 900 then f = function(...) return select("#", ...) * 1000 end end
  s = f(i, 2, 3)
end
print(s)
local function zero(...) return ... end
local function user(...) local a, b = zero(...) return a, b end
for i = 1, 500 do user() user(1) user(1, 2) user(1, 2, 3) end
print(user(), user(1), (user(1, 2, 3)))
local function ten(...) local t = {...} local n = 0 for i = 1, #t do n = n + t[i] end return n, #t end
for i = 1, 600 do ten(i, 2, 3, 4, 5, 6, 7, 8, 9, 10) end
print(ten(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), (ten()))
collectgarbage()
local function keep(...) local t = {...} if #t > 2 then collectgarbage("step") end return t end
local kept
for i = 1, 300 do kept = keep({i}, {i}, {i}, i) end
print(kept[1][1], kept[4], #kept)
