-- An operation on an integer and a float is done in floats; loops change type half-way.
print(1 + 1.0, 2 - 0.5, 3 * 2.0, 7 // 2.0, 7.0 // 2, 7 % 2.5, -7 % 2.5, 2 ^ 3, 10 / 4)
print(math.maxinteger + 1.0, math.maxinteger + 0.0 == 2 ^ 63, math.mininteger + 0.0 == -2 ^ 63)
print(math.maxinteger * 1.0, 9007199254740993 + 0.0, 9007199254740993 * 1.0)
local x = 0
for i = 1, 4000 do
  if i == 2000 then x = x + 0.5 end
  x = x + 1
end
print(x, math.type(x))
local function add(a, b) return a + b end
local r = {}
for i = 1, 3000 do
  r[1] = add(i, 1) r[2] = add(i, 1.5) r[3] = add(i + 0.0, 1) r[4] = add("7", i)
end
print(r[1], r[2], r[3], r[4])
local t = {}
for i = 1, 300 do t[i] = i % 3 == 0 and i or i % 3 == 1 and i + 0.5 or tostring(i) end
local s = 0
for k = 1, 20 do for i = 1, 300 do s = s + t[i] end end
print(s)
local acc = 1
for i = 1, 100 do acc = acc * i % 1000007 end
print(acc)
acc = 1.0
for i = 1, 100 do acc = acc * i % 1000007 end
print(acc)
print(-2 ^ 63 == math.mininteger, 2 ^ 53 == 2 ^ 53 + 1, (1 << 53) == (1 << 53) + 1)
