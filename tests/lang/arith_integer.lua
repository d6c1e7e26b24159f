-- Integers wrap; division floors; the extremes.
local min, max = math.mininteger, math.maxinteger
print(max + 1 == min, min - 1 == max, max * 2, min * 2, max * max, min * min, -min == min)
print(min // -1, min % -1, min // 1, min % 1, max // -1, max % -1)
print(7 // 2, -7 // 2, 7 // -2, -7 // -2, 0 // 5, 0 // -5)
print(7 % 3, -7 % 3, 7 % -3, -7 % -3, 6 % 3, -6 % 3, 6 % -3)
print(min // 2, min % 2, min // 3, min % 3, min // max, min % max, max // min, max % min)
print(1 // min, 1 % min, -1 // min, -1 % min, 1 // max, -1 // max, -1 % max)
print(pcall(function() return 1 // 0 end))
print(pcall(function() return 1 % 0 end))
print(pcall(function(a, b) return a // b end, min, 0))
print(pcall(function(a, b) return a % b end, 0, 0))
print(7 / 2, 6 / 2, min / -1, 1 / 0, -1 / 0, 0 / 0 ~= 0 / 0)
print(2 ^ 2, 2 ^ 63, 2 ^ 0.5, (-8) ^ (1 / 3) ~= (-8) ^ (1 / 3), 0 ^ 0, 10 ^ -1)
print(math.type(1 + 1), math.type(1 + 1.0), math.type(4 / 2), math.type(4 // 2),
    math.type(4.0 // 2), math.type(2 ^ 2), math.type(5 % 2.0))
local x = 1
for i = 1, 70 do x = x * 3 end
print(x)
local h = 14695981039346656037
h = 0xcbf29ce484222325
for i = 1, 4000 do h = (h ~ (i & 0xff)) * 0x100000001b3 end
print(h)
local acc = 0
for i = -3000, 3000 do
  local d = i == 0 and 7 or i
  acc = acc + 100003 // d + 100003 % d - (-100003 // d) * 3 + (-100003 % d)
end
print(acc)
local wrap = max - 1000
for i = 1, 3000 do wrap = wrap + 1 end
print(wrap)
