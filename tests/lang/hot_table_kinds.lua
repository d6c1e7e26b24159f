-- Array loops whose element kind, length or metatable changes in the middle of the loop.
local t = {}
for i = 1, 3000 do t[i] = i end
local s = 0
for i = 1, #t do
  s = s + t[i]
  if i == 1000 then t[2000] = 0.5 end
  if i == 1500 then t[2500] = "7" end
end
print(s)
local ok, e = pcall(function()
  for i = 1, #t do
    if i == 1000 then t[2900] = nil end
    s = s + t[i]
  end
end)
print(ok, e)
t[2900] = 1
for i = 1, 4000 do
  local v = t[i]
  if v == nil then
    t[i] = i
    s = s + 1
  else
    s = s + v
  end
end
print(s, #t)
local grow, n = {}, 0
for i = 1, 5000 do
  grow[#grow + 1] = i
  if #grow % 7 == 0 then grow[#grow] = nil n = n + 1 end
  if n > 4000 then break end
end
print(#grow, n)
local f = {}
for i = 1, 1000 do f[i] = i + 0.0 end
for k = 1, 5 do for i = 1, 1000 do f[i] = f[i] * 0.5 + 1 end end
print(f[1], f[1000])
f[500] = 7
s = 0
for i = 1, 1000 do s = s + f[i] end
print(s, math.type(f[500]), math.type(f[501]))
local zeros = {}
for i = 1, 2000 do zeros[i] = 0 end
for i = 1, 2000 do zeros[i] = zeros[i] + 0.5 end
s = 0
for i = 1, 2000 do s = s + zeros[i] end
print(s)
local m = {}
for i = 1, 60 do
  m[i] = {}
  for j = 1, 60 do m[i][j] = (i + j) % 5 end
end
local r = {}
for i = 1, 60 do
  local row = {}
  for j = 1, 60 do
    local x = 0
    for k = 1, 60 do x = x + m[i][k] * m[k][j] end
    row[j] = x
  end
  r[i] = row
end
s = 0
for i = 1, 60 do s = s + r[i][i] * i end
print(s)
local obs, hits = setmetatable({}, {__index = function(_, i) return -i end}), 0
for i = 1, 3000 do
  if i % 2 == 0 then obs[i] = i end
  hits = hits + obs[i]
end
print(hits)
local shift = {}
for i = 1, 200 do shift[i] = i end
for r2 = 1, 20 do
  local first = shift[1]
  for i = 1, 199 do shift[i] = shift[i + 1] end
  shift[200] = first
end
print(shift[1], shift[200])
local neg = {}
for i = -1000, 1000 do neg[i] = i * 2 end
s = 0
for i = -1000, 1000 do s = s + neg[i] * i end
print(s)
local flags = {}
for i = 2, 5000 do flags[i] = true end
for i = 2, 70 do
  if flags[i] then for j = i * i, 5000, i do flags[j] = false end end
end
n = 0
for i = 2, 5000 do if flags[i] then n = n + 1 end end
print(n)
