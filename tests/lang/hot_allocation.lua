-- Short-lived objects in hot loops: some escape, some do not, all have the right contents.
local function vec(x, y) return {x = x, y = y} end
local function add(a, b) return vec(a.x + b.x, a.y + b.y) end
local acc = vec(0, 0)
for i = 1, 5000 do acc = add(acc, vec(i, -i)) end
print(acc.x, acc.y)
local kept, s = {}, 0
for i = 1, 5000 do
  local p = {i, i * 2, n = i}
  if i % 1000 == 0 then kept[#kept + 1] = p end
  s = s + p[1] + p[2] + p.n
end
print(s, #kept, kept[3].n, kept[5][2])
local function minmax(a, b)
  local r = {min = a, max = b}
  if a > b then r.min, r.max = b, a end
  return r
end
s = 0
for i = 1, 4000 do
  local r = minmax(i % 17, i % 13)
  s = s + r.max * 100 + r.min
end
print(s)
local last
for i = 1, 3000 do
  local c = {v = i, prev = last and last.v}
  last = c
end
print(last.v, last.prev)
local function tree(d)
  if d == 0 then return {} end
  return {tree(d - 1), tree(d - 1)}
end
local function check(t)
  if t[1] then return 1 + check(t[1]) + check(t[2]) end
  return 1
end
s = 0
for i = 1, 10 do s = s + check(tree(7)) end
print(s)
local Complex = {}
Complex.__index = Complex
Complex.__add = function(a, b)
  return setmetatable({re = a.re + b.re, im = a.im + b.im}, Complex)
end
Complex.__mul = function(a, b)
  return setmetatable({re = a.re * b.re - a.im * b.im, im = a.re * b.im + a.im * b.re}, Complex)
end
local function new(re, im) return setmetatable({re = re, im = im}, Complex) end
local n = 0
for y = -10, 10 do
  for x = -20, 10 do
    local c, z, k = new(x / 10, y / 10), new(0, 0), 0
    while k < 25 and z.re * z.re + z.im * z.im < 4 do
      z = z * z + c
      k = k + 1
    end
    n = n + k
  end
end
print(n)
local list
for i = 1, 3000 do list = {v = i, next = i % 50 ~= 0 and list or nil} end
local c = 0
while list do c = c + list.v list = list.next end
print(c)
local w = setmetatable({}, {__mode = "k"})
for i = 1, 2000 do local o = {id = i} w[o] = i end
collectgarbage()
print(next(w))
local str = 0
for i = 1, 3000 do
  local o = setmetatable({n = i}, {__tostring = function(x) return "o" .. x.n end})
  str = str + #tostring(o)
end
print(str)
