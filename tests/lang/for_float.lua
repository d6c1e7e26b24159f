-- Numeric `for` over floats: one float among start and step makes all floats.
local function collect(a, b, c)
  local t = {}
  for i = a, b, c do
    t[#t + 1] = i == i and tostring(i) or "nan"
    if #t > 11 then break end
  end
  return #t .. ": " .. table.concat(t, " ")
end
print(collect(1.0, 3, 1))
print(collect(1, 3, 1.0))
print(collect(1, 3.5, 1))
print(collect(0, 1, 0.25))
print(collect(1, 0, -0.25))
print(collect(0.1, 1, 0.1))
print(collect(1.0, -math.huge, -1e300))
print(collect(1.5, math.huge, 1e308))
print(collect(3.0, 1, 1))
print(collect(2 ^ 53, 2 ^ 53 + 4, 1.0))
print(collect(0 / 0, 1, 1))
print(collect(1, 0 / 0, 1.0))
print(collect(-0.0, 0, 1))
print(collect(math.maxinteger, math.maxinteger + 1.0, 1.0))
print(collect(math.huge, math.huge, 1))
local s = 0.0
for x = 0, 1000, 0.125 do s = s + x end
for x = 100.5, -100.5, -0.5 do s = s + x * x end
print(s)
