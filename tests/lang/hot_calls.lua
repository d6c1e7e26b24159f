-- Hot calls: changing callees, argument counts, result counts, recursion, builtins.
local function a0() return 1 end
local function a1(x) return x end
local function a2(x, y) return x, y end
local function av(...) return ... end
local fs = {a0, a1, a2, av, math.abs, select, function(x) return x and x + 1 or 0 end, setmetatable(
    {}, {__call = function(_, x) return x * 2 end})}
local s = 0
for i = 1, 8000 do
  local f = fs[i // 1000 % 8 + 1]
  local r = f(i % 9 + 1, 2, 3)
  s = s + (r or 0)
end
print(s)
local function count(...) return select("#", ...) end
for i = 1, 3000 do
  s = s + count() + count(i) + count(i, nil) + count(a2(i)) + count(av()) + count(av(1, nil, nil)) +
      count((av(1, 2)))
end
print(s)
local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end
print(fib(18))
local function tak(x, y, z)
  if y >= x then return z end
  return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))
end
print(tak(9, 5, 2))
local function multi(i)
  if i % 3 == 0 then return elseif i % 3 == 1 then return i end
  return i, i, i
end
local n = 0
for i = 1, 6000 do
  local p, q, r = multi(i)
  n = n + (p or 0) + (q or 1) + (r or 2) + select("#", multi(i))
end
print(n)
local function default(a, b)
  a = a or 10
  b = b == nil and 20 or b
  return a, b
end
n = 0
for i = 1, 3000 do
  local p, q = default()
  n = n + p + q
  p, q = default(i)
  n = n + p + q
  p, q = default(nil, false)
  n = n + p + (q and 1 or 2)
end
print(n)
local function even(k, f, g)
  if k == 0 then return true end
  return g(k - 1, g, f)
end
local function odd(k, f, g)
  if k == 0 then return false end
  return g(k - 1, g, f)
end
print(even(5000, even, odd))
local o = {n = 0}
function o:inc(k) self.n = self.n + (k or 1) return self end
for i = 1, 3000 do o:inc():inc(2):inc(nil) end
print(o.n)
n = 0
for i = 1, 3000 do
  n = n + #tostring(i) + math.max(i, 5, 7) + (tonumber("12") or 0) + ("x"):byte() + (rawequal(i,
      i) and 1 or 0) + (type(i) == "number" and 1 or 0)
end
print(n)
