-- `...` in every position.
local function count(...) return select("#", ...) end
print(count(), count(nil), count(nil, nil), count(1, nil, 3, nil))
local function f(a, ...) local b, c = ... return a, b, c, (...) end
print(f())
print(f(1))
print(f(1, 2))
print(f(1, 2, 3, 4))
local function pack2(...) return {n = select("#", ...), ...} end
local p = pack2(1, nil, 3)
print(p.n, p[1], p[2], p[3])
local function tail(_, ...) return ... end
print(tail(1, 2, 3))
print((tail(1, 2, 3)))
local function sum(...)
  local s = 0
  for i = 1, select("#", ...) do s = s + (select(i, ...)) end
  return s
end
print(sum(), sum(1), sum(1, 2, 3))
local s = 0
for i = 1, 2000 do s = s + sum(i, 1, 2) + count(i, i) + select(2, tail(0, 1, i)) end
print(s)
local function rec(n, ...)
  if n == 0 then return ... end
  return rec(n - 1, n, ...)
end
print(rec(10))
print(count(rec(150)))
print(select(-1, 1, 2, 3), select(-2, "a", "b"), select(2, "a"), (select(2, "a", "b", "c")))
print(pcall(select, 0))
print(pcall(select, -3, 1))
print(pcall(select))
print(pcall(select, "x"))
local function first(...) local a = ... return a end
print(first(), first(7, 8))
local function iter(...)
  local r = {}
  for i, v in ipairs{...} do r[i] = v * 2 end
  return table.unpack(r)
end
print(iter(1, 2, 3))
local big = {}
for i = 1, 250 do big[i] = i end
print(sum(table.unpack(big)), count(table.unpack(big, 1, 200)), count(table.unpack({}, 1, 10)))
print((function(...)
  local function inner(...) return ... end
  return inner(..., "x")
end)(1, 2))
local va = function(...) return function() return 1 end, ... end
print(select("#", va(1, 2)), (va())())
print(... == nil, select("#", ...))
local function swap(a, b, ...) return b, a, ... end
print(swap(1, 2, 3, swap(4, 5)))
