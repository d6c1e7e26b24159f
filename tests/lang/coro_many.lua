-- Many coroutines alive at once, and many short ones; all are collected.
local list = {}
for i = 1, 3000 do
  list[i] = coroutine.create(function(a)
    local b = coroutine.yield(a + i)
    return a * b
  end)
end
local s = 0
for i = 1, 3000 do
  local _, v = coroutine.resume(list[i], i)
  s = s + v
end
for i = 1, 3000 do
  local _, v = coroutine.resume(list[i], 2)
  s = s + v
end
print(s, coroutine.status(list[1]))
list = nil
local weak = setmetatable({}, {__mode = "k"})
for i = 1, 100 do
  local co = coroutine.create(function() coroutine.yield() end)
  coroutine.resume(co)
  weak[co] = true
end
collectgarbage()
collectgarbage()
print(next(weak))
s = 0
for i = 1, 5000 do
  s = s + coroutine.wrap(function(x) return x + 1 end)(i)
end
print(s)
local function deep(n)
  if n == 0 then coroutine.yield("bottom") return 0 end
  return deep(n - 1) + 1
end
local co = coroutine.create(deep)
print(coroutine.resume(co, 5000))
collectgarbage()
print(coroutine.resume(co))
local up
co = coroutine.wrap(function()
  local v = 1
  up = function() v = v + 1 return v end
  coroutine.yield()
  coroutine.yield(v)
end)
co()
up()
up()
print(co(), up())
co = nil
collectgarbage()
print(up())
local ring = {}
for i = 1, 50 do
  ring[i] = coroutine.wrap(function()
    while true do
      local token = coroutine.yield()
      ring.last = i
      ring.sum = (ring.sum or 0) + token
    end
  end)
  ring[i]()
end
for r = 1, 40 do for i = 1, 50 do ring[i](r) end end
print(ring.sum, ring.last)
