-- Numeric `for` over integers: bounds, steps, and loops that would overflow.
local function collect(a, b, c)
  local t = {}
  if c then
    for i = a, b, c do
      t[#t + 1] = i
      if #t > 8 then break end
    end
  else
    for i = a, b do
      t[#t + 1] = i
      if #t > 8 then break end
    end
  end
  return #t .. ": " .. table.concat(t, " ")
end
local max, min = math.maxinteger, math.mininteger
print(collect(1, 3))
print(collect(3, 1))
print(collect(1, 1))
print(collect(3, 1, -1))
print(collect(1, 10, 4))
print(collect(10, 1, -4))
print(collect(max - 2, max))
print(collect(min + 2, min, -1))
print(collect(max - 1, max, 2))
print(collect(min, max, max))
print(collect(max, min, min))
print(collect(min, max, min))
print(collect(0, max, max))
print(collect(0, min, min))
print(collect(1, 3.7))
print(collect(1, -3.7))
print(collect(3, 1.5, -1))
print(collect(1, math.huge))
print(collect(1, -math.huge))
print(collect(-1, -math.huge, -1))
print(collect(1, 0 / 0))
print(collect(max - 1, 1e100))
print(collect(min + 1, -1e100, -1))
print(collect(1, 2 ^ 63))
print(collect(1, -2 ^ 63, -1))
for i = 1, 3 do
  local j = i
  i = i * 10
  io.write(j, ":", i, " ")
end
print()
local n = 3
for i = 1, n do n = 10 io.write(i, " ") end
print(n)
local s = 0
for i = 1, 20000 do s = s + i end
for i = 20000, 1, -3 do s = s - i end
for i = -100, 100, 7 do for j = i, i + 10, 2 do s = s + j * i end end
print(s)
for i = 1, 2 do local i = "shadow" io.write(i, " ") end
print()
