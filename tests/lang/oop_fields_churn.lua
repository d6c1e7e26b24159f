-- Fields deleted and added again, in changing order; many shapes at one site.
local t, s = {a = 1, b = 2, c = 3}, 0
for i = 1, 4000 do
  t.b = nil
  s = s + (t.b or 10)
  t.b = i
  s = s + t.b + t.a
  t.a = nil
  t.a = 1
end
print(s)
local function sum(o) return (o.x or 0) + (o.y or 0) * 10 + (o.z or 0) * 100 end
local objs = {}
for i = 0, 7 do
  local o = {}
  if i & 1 ~= 0 then o.x = 1 end
  if i & 2 ~= 0 then o.y = 2 end
  if i & 4 ~= 0 then o.z = 3 end
  objs[i] = o
end
for i = 0, 7 do
  local o = {}
  if i & 4 ~= 0 then o.z = 3 end
  if i & 2 ~= 0 then o.y = 2 end
  if i & 1 ~= 0 then o.x = 1 end
  objs[i + 8] = o
end
s = 0
for i = 1, 8000 do s = s + sum(objs[i & 15]) end
print(s)
local dict = {}
for i = 1, 3000 do dict["k" .. i] = i end
for i = 1, 3000, 2 do dict["k" .. i] = nil end
s = 0
for _, v in pairs(dict) do s = s + v end
print(s)
for i = 1, 3000, 2 do dict["k" .. i] = -i end
s = 0
for _, v in pairs(dict) do s = s + v end
print(s)
local o = {}
for r = 1, 50 do
  for i = 1, 20 do o["f" .. i] = r * i end
  for i = 20, 1, -1 do if i % 2 == r % 2 then o["f" .. i] = nil end end
end
local ks = {}
for k, v in pairs(o) do ks[#ks + 1] = k .. "=" .. v end
table.sort(ks)
print(table.concat(ks, " "))
local function init(o, n)
  o.n = n
  o.next = nil
  o.tag = n % 2 == 0 and "even" or nil
  return o
end
s = 0
for i = 1, 3000 do
  local q = init({}, i)
  if q.tag then s = s + q.n end
  q.n = "now a string"
  q.n = 1.5
  s = s + q.n
end
print(s)
local cache = {}
for i = 1, 5000 do
  local k = "key" .. i % 37
  cache[k] = not cache[k] and i or nil
end
local c = 0
for _ in pairs(cache) do c = c + 1 end
print(c)
local big = {}
for i = 1, 200 do big["name" .. i] = i end
local n = 0
for k in pairs(big) do big[k] = nil n = n + 1 end
print(n, next(big))
big.again = 1
print(next(big))
