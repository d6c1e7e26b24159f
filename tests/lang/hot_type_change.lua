-- Operands change their type after the code has seen thousands of one type.
local function poly(a, b) return a * b + a - b end
local r = {}
for i = 1, 8000 do
  local v
  if i <= 2000 then
    v = poly(i, 2)
  elseif i <= 4000 then
    v = poly(i + 0.5, 2)
  elseif i <= 6000 then
    v = poly(tostring(i), 2)
  else
    v = poly(i, "3")
  end
  r[i] = v
end
print(r[2000], r[4000], r[6000], r[8000])
local function cmp(a, b)
  if a < b then
    return 1
  elseif a == b then
    return 0
  else
    return -1
  end
end
local s = 0
for i = 1, 6000 do
  if i <= 2000 then
    s = s + cmp(i, 1000)
  elseif i <= 4000 then
    s = s + cmp(i, 3000.5)
  else
    s = s + cmp(tostring(i), "5000")
  end
end
print(s)
print(pcall(cmp, 1, "1"))
local x = 0
for i = 1, 4000 do
  if i == 1000 then
    x = x + 0.25
  elseif i == 2000 then
    x = "100"
  elseif i == 3000 then
    x = tostring(x)
  end
  x = x + 1
end
print(x)
local v = nil
for i = 1, 3000 do
  if v == nil then
    v = i
  elseif i % 2 == 0 then
    v = tostring(v)
  elseif type(v) == "string" then
    v = false
  else
    v = nil
  end
end
print(v)
local function len(o) return #o end
s = 0
for i = 1, 3000 do
  s = s + len(i % 3 == 0 and "abc" or i % 3 == 1 and {1, 2} or setmetatable({}, {__len = function()
    return 7
  end}))
end
print(s)
local function idx(o, k) return o[k] end
s = 0
local str = setmetatable({}, {__index = function(_, k) return #tostring(k) end})
for i = 1, 6000 do
  local o, k
  if i <= 2000 then
    o, k = {i}, 1
  elseif i <= 4000 then
    o, k = {f = i}, "f"
  else
    o, k = str, i
  end
  s = s + idx(o, k)
end
print(s)
