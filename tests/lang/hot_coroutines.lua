-- Coroutines whose bodies become hot, resumed from hot loops, with state across yields.
local function body(n)
  local s, f = 0, 0.5
  for i = 1, n do
    s = s + i
    f = f * 1.01
    if i % 3 == 0 then local r = coroutine.yield(s) s = s - r end
  end
  return -1
end
local co = coroutine.wrap(body)
local v, total = co(6000), 0
while v ~= -1 do total = (total + v) % 1000003 v = co(v % 10) end
print(total)
local function counter()
  local i = 0
  while true do i = i + 1 coroutine.yield(i) end
end
local cs = {}
for i = 1, 20 do cs[i] = coroutine.wrap(counter) end
local s = 0
for r = 1, 300 do for i = 1, 20 do s = s + cs[i]() * i end end
print(s)
local function inner(n)
  for i = 1, n do coroutine.yield(i) end
  return n
end
local function outer(n)
  local t = 0
  for i = 1, n do t = t + inner(i % 5) end
  return "total " .. t
end
co = coroutine.create(outer)
local yields, last = 0, nil
local ok, r = coroutine.resume(co, 1500)
while coroutine.status(co) == "suspended" do
  yields = yields + r
  ok, r = coroutine.resume(co)
end
print(yields, r)
local mt = {__index = function(t, k) return coroutine.yield(k) end, __add = function(a, b)
  return coroutine.yield(b)
end}
co = coroutine.wrap(function()
  local o, sum = setmetatable({}, mt), 0
  for i = 1, 2000 do sum = sum + o.field + (o + i) end
  return "sum", sum
end)
r = co()
local n = 0
while true do
  n = n + 1
  local a, b = co(type(r) == "string" and #r or r)
  if a == "sum" then print(b, n) break end
  r = a
end
co = coroutine.wrap(function()
  for i = 1, 3000 do
    local good, e = pcall(function()
      local x = coroutine.yield(i)
      if x then error(x, 0) end
      return i
    end)
    s = s + (good and e or 1)
  end
  return "end"
end)
local step = co()
while step ~= "end" do step = co(step % 4 == 0 and "err" or nil) end
print(s)
local t = {}
for i = 1, 100 do t[i] = i * 7 % 101 end
local function sorted(x)
  return coroutine.wrap(function()
    local c = {table.unpack(x)}
    table.sort(c)
    for i = 1, #c do coroutine.yield(c[i]) end
  end)
end
s = 0
for r2 = 1, 20 do
  local k = 0
  for e in sorted(t) do k = k + 1 s = s + k * e end
end
print(s)
local wrapped = 0
for i = 1, 3000 do
  local g = coroutine.wrap(function(a)
    local b = coroutine.yield(a + 1)
    return a + b
  end)
  wrapped = wrapped + g(i) + g(1)
end
print(wrapped)
