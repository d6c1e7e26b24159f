-- Upvalues: shared between closures, over several levels, kept after the scope is gone.
local function counter()
  local c = 0
  return function()
    c = c + 1
    return c
  end, function()
    c = c - 1
    return c
  end, function() return c end
end
local inc, dec, get = counter()
inc()
inc()
dec()
print(get(), select(3, counter())())
local function level1()
  local a = 1
  return function()
    local b = a + 1
    return function()
      a = a + b
      b = b * 2
      return a, b
    end
  end
end
local l3 = level1()()
print(l3())
print(l3())
local function fib()
  local a, b = 0, 1
  return function() a, b = b, a + b return a end
end
local f = fib()
for _ = 1, 49 do f() end
print(f())
local function make(n)
  if n == 0 then return function() return 0 end end
  local inner = make(n - 1)
  return function() return inner() + n end
end
print(make(50)())
local x = 1
local function setx(v) x = v end
local before = x
setx(2)
print(before, x)
local acc = counter()
for i = 1, 5000 do acc() end
print(acc())
local function param(a)
  local function bump() a = a + 1 end
  bump()
  bump()
  return a
end
local s = 0
for i = 1, 3000 do s = s + param(i) end
print(s)
local rec
local function even(n)
  if n == 0 then return true end
  return rec(n - 1)
end
rec = function(n)
  if n == 0 then return false end
  return even(n - 1)
end
print(even(10001), even(10000))
local t = {}
for i = 1, 200 do
  local v = i
  t[i] = function() v = v + 1 return v end
end
s = 0
for r = 1, 20 do for i = 1, 200 do s = s + t[i]() end end
print(s)
local function many()
  local a1, a2, a3, a4, a5, a6, a7, a8 = 1, 2, 3, 4, 5, 6, 7, 8
  return function()
    a1, a2, a3, a4, a5, a6, a7, a8 = a2, a3, a4, a5, a6, a7, a8, a1
    return a1 .. a2 .. a3 .. a4 .. a5 .. a6 .. a7 .. a8
  end
end
local m = many()
m()
print(m())
