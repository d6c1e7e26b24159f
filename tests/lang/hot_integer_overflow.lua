-- Integer arithmetic that overflows only after it is hot, and stays an integer.
local function add(a, b) return a + b end
local function mul(a, b) return a * b end
local function sub(a, b) return a - b end
local x = math.maxinteger - 2500
for i = 1, 5000 do x = add(x, 1) end
print(x, math.type(x))
x = math.mininteger + 2500
for i = 1, 5000 do x = sub(x, 1) end
print(x)
x = 3
for i = 1, 3000 do x = mul(x, 3) end
print(x)
local s = 0
for i = 1, 5000 do s = s + i * i * i * i * i end
print(s)
local n = 1
for i = 1, 3000 do
  n = n * 2
  if n == 0 then n = 1 end
end
print(n)
local neg = math.mininteger
for i = 1, 2001 do neg = -neg end
print(neg)
local acc = 0
for i = math.maxinteger - 3000, math.maxinteger do acc = acc ~ i end
print(acc)
for i = math.mininteger + 3000, math.mininteger, -1 do acc = acc + (i & 7) end
print(acc)
