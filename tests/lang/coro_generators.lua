-- Generators: producers and consumers, permutations, trees, sieves.
local function gen(n)
  return coroutine.wrap(function()
    for i = 1, n do coroutine.yield(i) end
  end)
end
local function filter(p, g)
  return coroutine.wrap(function()
    for x in g do if p(x) then coroutine.yield(x) end end
  end)
end
local function map(f, g)
  return coroutine.wrap(function()
    for x in g do coroutine.yield(f(x)) end
  end)
end
local s = 0
for x in map(function(x)
  return x * x
end, filter(function(x)
  return x % 3 == 0
end, gen(1000))) do
  s = s + x
end
print(s)
local function permute(a, n)
  n = n or #a
  if n <= 1 then
    coroutine.yield(table.concat(a))
  else
    for i = 1, n do
      a[n], a[i] = a[i], a[n]
      permute(a, n - 1)
      a[n], a[i] = a[i], a[n]
    end
  end
end
local count, last = 0, ""
for p in coroutine.wrap(function()
  permute{"a", "b", "c", "d"}
end) do
  count = count + 1
  last = p
end
print(count, last)
local function sieve(limit)
  local x = coroutine.wrap(function()
    for i = 2, limit do coroutine.yield(i) end
  end)
  local primes = {}
  while true do
    local p = x()
    if not p then return primes end
    primes[#primes + 1] = p
    local prev = x
    x = coroutine.wrap(function()
      for v in prev do if v % p ~= 0 then coroutine.yield(v) end end
    end)
  end
end
print(table.concat(sieve(100), " "))
local function tree(n)
  if n == 0 then return nil end
  return {left = tree(n - 1), v = n, right = tree(n - 1)}
end
local function walk(t)
  if t then
    walk(t.left)
    coroutine.yield(t.v)
    walk(t.right)
  end
end
local out = {}
for v in coroutine.wrap(function()
  walk(tree(4))
end) do
  out[#out + 1] = v
end
print(table.concat(out))
local function producer()
  return coroutine.create(function()
    for i = 1, 4 do coroutine.yield("item" .. i) end
  end)
end
local p = producer()
while true do
  local ok, item = coroutine.resume(p)
  if not item then break end
  io.write(item, " ")
end
print()
local a, b = coroutine.wrap(function()
  for i = 1, 3 do coroutine.yield("a" .. i) end
end), coroutine.wrap(function()
  for i = 1, 3 do coroutine.yield("b" .. i) end
end)
for i = 1, 3 do io.write(a(), b(), " ") end
print()
local live = {}
for i = 1, 300 do
  live[i] = coroutine.wrap(function()
    local x = i
    while true do x = x + coroutine.yield(x) end
  end)
  live[i]()
end
s = 0
for r = 1, 10 do for i = 1, 300 do s = s + live[i](r) end end
print(s)
