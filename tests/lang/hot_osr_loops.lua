-- One long loop in the main chunk and in a function called once: entered hot from inside.
local s, f, t = 0, 0.0, {}
for i = 1, 30000 do
  s = s + i % 7
  f = f + i * 0.5
  if i % 1000 == 0 then t[#t + 1] = s end
end
print(s, f, #t, t[30])
local function once(n)
  local a, b, c = 0, 1, {}
  for i = 1, n do
    for j = 1, 3 do a = a + i * j end
    b = (b * 31 + a) % 1000003
    if i % 500 == 0 then c[#c + 1] = function() return a + b end end
  end
  return a, b, #c, c[1]() == c[#c]()
end
print(once(12000))
local i, n = 0, 0
while i < 20000 do
  i = i + 1
  if i % 3 == 0 then goto continue end
  n = n + i
  ::continue::
end
print(i, n)
local k = 20000
repeat
  k = k - 1
  local odd = k % 2 == 1
  n = n - (odd and k or 0)
until k == 0
print(n)
local outer = 0
for a = 1, 100 do
  for b = 1, 100 do
    if b > a then break end
    outer = outer + (a ~ b)
  end
end
print(outer)
local up = 0
local function inc() up = up + 1 end
for j = 1, 15000 do
  inc()
  if up % 5000 == 0 then up = up + 1 end
end
print(up)
local v = 1.5
for j = 1, 20000 do
  v = v * 1.0001
  if v > 3 then v = v / 2 end
end
print(("%.10f"):format(v))
local str = {}
for w = 1, 5000 do str[w] = w % 2 == 0 and "e" or "o" end
print(#table.concat(str), table.concat(str):sub(-4))
