-- next and pairs: clearing and changing while traversing; every key once.
local t = {}
for i = 1, 100 do
  t[i] = i
  t["k" .. i] = i
  t[i + 0.5] = i
end
local n, s = 0, 0
for k, v in pairs(t) do
  n = n + 1
  s = s + v
  t[k] = nil
end
print(n, s, next(t))
for i = 1, 50 do t[i] = i t["x" .. i] = i end
for k, v in pairs(t) do t[k] = v * 2 end
s = 0
for _, v in pairs(t) do s = s + v end
print(s)
for k in pairs(t) do if type(k) == "string" then t[k] = nil end end
n = 0
for k in pairs(t) do n = n + 1 end
print(n)
local seen = {}
for k in pairs{10, 20, 30, a = 1, b = 2, [1.5] = 3, [true] = 4} do seen[#seen + 1] = tostring(k) end
table.sort(seen)
print(table.concat(seen, " "))
local u = {a = 1, b = 2, c = 3}
for k in pairs(u) do
  u.a = nil
  u.b = nil
  u.c = nil
end
print(next(u))
print(pcall(next, {a = 1}, "b"))
print(pcall(next, {1, 2}, 3))
print(next({1, 2}, 2))
print(next({}), next({}, nil), rawequal(next, pairs({})))
local order = {}
for i, v in pairs{5, 6, 7} do order[#order + 1] = i .. "=" .. v end
print(table.concat(order, " "))
local w = {}
for i = 1, 10 do w[i] = i end
for k in pairs(w) do w[k] = nil collectgarbage("step") end
print(next(w))
n = 0
for r = 1, 200 do
  local q = {x = 1, y = 2, z = 3, 1, 2, 3}
  for k, v in pairs(q) do n = n + v q[k] = nil end
  if next(q) == nil then n = n + 100 end
end
print(n)
local k, c = nil, 0
repeat k = next({1, 2, 3, a = 1}, nil) c = c + 1 until k ~= nil
print(c, k)
