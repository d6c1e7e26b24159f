-- Multiple assignment: all right sides first, then the stores.
local i, a = 3, {}
i, a[i] = i + 1, 20
print(i, a[3], a[4])
local x, y = 1, 2
x, y = y, x
print(x, y)
local t = {1, 2, 3}
t[1], t[2], t[3] = t[3], t[1], t[2]
print(t[1], t[2], t[3])
local p, q, r = 1
print(p, q, r)
p, q = 1, 2, 3
print(p, q)
local u = {}
do
  local v = u
  v, v.field = nil, "stored in the old table"
  print(v, u.field)
end
local calls = {}
local function f(n) calls[#calls + 1] = n return n end
local holder = {}
holder[f(1)], holder[f(2)] = f(3), f(4)
print(table.concat(calls, " "), holder[1], holder[2])
local m = setmetatable({}, {__newindex = function(_, k, w)
  calls[#calls + 1] = k .. "=" .. tostring(w)
end})
calls = {}
m.a, m.b, m.c = 1, 2
table.sort(calls)
print(table.concat(calls, " "))
local fib, nxt = 0, 1
for _ = 1, 60 do fib, nxt = nxt, fib + nxt end
print(fib)
for _ = 1, 3000 do x, y = y, x end
print(x, y)
a = {n = 0}
for k = 1, 2000 do a.n, a[a.n + 1] = a.n + 1, k end
print(a.n, a[1], a[2000], #a)
