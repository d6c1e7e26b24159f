-- Arbitrary-precision numbers with metamethods: factorials, powers, Fibonacci, decimal strings.
local BASE, WIDTH = 10000000, 7
local Big = {}
Big.__index = Big
local function trim(d)
  while #d > 1 and d[#d] == 0 do d[#d] = nil end
  return setmetatable(d, Big)
end
local function big(v)
  if getmetatable(v) == Big then return v end
  local d, s = {}, tostring(v)
  while #s > WIDTH do
    d[#d + 1] = tonumber(s:sub(-WIDTH))
    s = s:sub(1, -WIDTH - 1)
  end
  d[#d + 1] = tonumber(s)
  return trim(d)
end
Big.__add = function(a, b)
  a, b = big(a), big(b)
  local r, carry = {}, 0
  for i = 1, math.max(#a, #b) do
    local s = (a[i] or 0) + (b[i] or 0) + carry
    r[i] = s % BASE
    carry = s // BASE
  end
  if carry > 0 then r[#r + 1] = carry end
  return trim(r)
end
Big.__mul = function(a, b)
  a, b = big(a), big(b)
  local r = {}
  for i = 1, #a + #b do r[i] = 0 end
  for i = 1, #a do
    local carry = 0
    for j = 1, #b do
      local cur = r[i + j - 1] + a[i] * b[j] + carry
      r[i + j - 1] = cur % BASE
      carry = cur // BASE
    end
    r[i + #b] = r[i + #b] + carry
  end
  return trim(r)
end
Big.__eq = function(a, b)
  if #a ~= #b then return false end
  for i = 1, #a do if a[i] ~= b[i] then return false end end
  return true
end
Big.__lt = function(a, b)
  a, b = big(a), big(b)
  if #a ~= #b then return #a < #b end
  for i = #a, 1, -1 do if a[i] ~= b[i] then return a[i] < b[i] end end
  return false
end
Big.__tostring = function(a)
  local p = {("%d"):format(a[#a])}
  for i = #a - 1, 1, -1 do p[#p + 1] = ("%07d"):format(a[i]) end
  return table.concat(p)
end
Big.__pow = function(a, n)
  local r = big(1)
  while n > 0 do
    if n & 1 == 1 then r = r * a end
    a = a * a
    n = n >> 1
  end
  return r
end
Big.__concat = function(a, b) return tostring(a) .. tostring(b) end
local f = big(1)
for i = 2, 60 do f = f * i end
print(f)
print(big(2) ^ 200)
local a, b = big(0), big(1)
for i = 1, 300 do a, b = b, a + b end
print(a)
print(big("123456789012345678901234567890") + 1, big(10) ^ 30 == big("1" .. ("0"):rep(30)),
    big(5) < big(6), big(6) < 5, big("99999999999999") < big("100000000000000"))
print("n=" .. big(7) .. "!")
local s = 0
for i = 1, 100 do s = s + #tostring(big(i) ^ 12) end
print(s)
print(rawlen(f), tostring(f):sub(1, 5))
