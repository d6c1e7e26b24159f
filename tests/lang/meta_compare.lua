-- __eq, __lt, __le: when they are called and how results become booleans.
local log = {}
local function mk(v, mt) return setmetatable({v = v}, mt) end
local mt = {}
mt.__eq = function(a, b) log[#log + 1] = "eq" return a.v == b.v end
mt.__lt = function(a, b)
  log[#log + 1] = "lt"
  return (type(a) == "table" and a.v or a) < (type(b) == "table" and b.v or b)
end
mt.__le = function(a, b)
  log[#log + 1] = "le"
  return (type(a) == "table" and a.v or a) <= (type(b) == "table" and b.v or b)
end
local function flush(...)
  print(table.concat(log, " "), ...)
  log = {}
end
local a, b, c = mk(1, mt), mk(1, mt), mk(2, mt)
flush(a == b, a ~= b, a == c, a == a, rawequal(a, b))
flush(a < c, a > c, a <= c, a >= c)
flush(a < 5, 5 < a, a <= 1, 1 >= a, 0.5 > a)
flush(a == 1, a == nil, a == "x", 1 == a)
flush(a == mk(1, {}), mk(1, {}) == a, mk(1, {__eq = function()
  log[#log + 1] = "other"
  return 1
end}) == a, a == mk(1, {__eq = function() return nil end}))
mt.__lt = function() return 1 end
mt.__le = function() return nil end
flush(a < b, a <= b, not (a < b), not (a <= b))
local only = {__lt = function() return true end}
flush(pcall(function() return mk(1, only) <= mk(2, only) end))
flush(pcall(function() return mk(1, {}) < mk(1, {}) end))
flush(pcall(function() return mk(1, {}) < 1 end))
flush(pcall(function() return "x" < mk(1, {}) end))
flush("a" < mk(1, only), mk(1, only) < "b", nil == mk(1, only), pcall(function()
  return nil < mk(1, only)
end))
local N = {}
N.__lt = function(p, q) return p.v < q.v end
N.__le = function(p, q) return p.v <= q.v end
N.__eq = function(p, q) return p.v == q.v end
local n, objs = 0, {}
for i = 1, 60 do objs[i] = mk(i % 7, N) end
for i = 1, 60 do
  for j = 1, 60 do
    if objs[i] < objs[j] then n = n + 1 end
    if objs[i] <= objs[j] then n = n + 100 end
    if objs[i] == objs[j] then n = n + 10000 end
  end
end
print(n)
table.sort(objs, function(p, q) return p < q end)
local vs = {}
for i, o in ipairs(objs) do vs[i] = o.v end
print(table.concat(vs))
table.sort(objs)
print(objs[1].v, objs[60].v)
print(math.max(3, 1), (pcall(math.max, a, b)))
