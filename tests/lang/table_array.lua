-- Arrays grown at the end, filled backward, at random, sparse; element kinds mixed.
local t = {}
for i = 1000, 1, -1 do t[i] = i end
print(#t, t[1], t[1000])
local r, x = {}, 12345
local order = {}
for i = 1, 500 do order[i] = i end
for i = 500, 2, -1 do
  x = (x * 1103515245 + 12345) % 2147483648
  local j = x % i + 1
  order[i], order[j] = order[j], order[i]
end
for _, i in ipairs(order) do r[i] = i * 2 end
print(#r, r[1], r[250], r[500])
local m = {}
for i = 1, 400 do
  m[i] = i % 4 == 0 and i or i % 4 == 1 and i + 0.5 or i % 4 == 2 and "s" .. i or (i % 8 == 3)
end
local n, s, b = 0, 0, 0
for i = 1, #m do
  local ty = math.type(m[i]) or type(m[i])
  if ty == "integer" then
    n = n + m[i]
  elseif ty == "float" then
    s = s + m[i]
  elseif ty == "boolean" then
    b = b + 1
  end
end
print(n, s, b)
local f = {}
for i = 1, 1000 do f[i] = 0 end
for i = 1, 1000 do f[i] = f[i] + i * 0.5 end
s = 0
for i = 1, 1000 do s = s + f[i] end
print(s, math.type(f[2]))
f[500] = "string in the middle"
f[501] = nil
f[502] = {}
print(f[499], f[500], f[501], type(f[502]), f[503])
local z = {}
for i = 0, 9 do z[i] = i end
print(#z, z[0])
z[-1] = "neg"
print(z[-1], z[10])
local sparse = {}
sparse[1] = 1
sparse[1000000] = 2
sparse[2 ^ 40] = 3
print(sparse[1], sparse[1000000], sparse[1099511627776], sparse[2])
local c = 0
for _ in pairs(sparse) do c = c + 1 end
print(c)
local grid = {}
for y = 1, 40 do
  grid[y] = {}
  for x = 1, 40 do grid[y][x] = x * y end
end
s = 0
for y = 1, 40 do
  for x = 1, 40 do s = s + grid[y][x] - grid[x][y] + 1 end
end
print(s)
local mx, mn = math.maxinteger, math.mininteger
local e = {[mx] = "max", [mn] = "min"}
print(e[mx], e[mn], e[mx + 1], e[mn - 1], #e)
local hole = {1, 2, 3, 4, 5, 6, 7, 8}
hole[3] = nil
hole[6] = nil
s = 0
for k, v in pairs(hole) do s = s + k * v end
print(s)
hole[3] = 3
hole[6] = 6
print(#hole)
local bools = {}
for i = 1, 100 do bools[i] = i % 2 == 0 end
n = 0
for i = 1, 100 do if bools[i] then n = n + 1 end end
print(n)
local ints = {}
for i = 1, 2000 do ints[i] = i end
for i = 1, 2000 do ints[i] = ints[i] << 40 end
print(ints[2000], ints[1])
for i = 1, 10 do ints[i] = ints[i] / 2 end
print(ints[1], math.type(ints[11]))
