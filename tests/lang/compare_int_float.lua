-- Comparisons between integers and floats are exact, beyond 2^53 too.
local big = 1 << 53
print(big == 2 ^ 53, big + 1 == 2 ^ 53, big + 1 > 2 ^ 53, big + 1 >= 2 ^ 53, big + 1 < 2 ^ 53 + 2,
    big + 1 <= 2 ^ 53)
print(2 ^ 53 < big + 1, 2 ^ 53 == big, 2 ^ 53 + 2 == big + 2, -2 ^ 53 > -big - 1, -2 ^ 53 >= -big)
local max, min = math.maxinteger, math.mininteger
print(max < 2 ^ 63, max <= 2 ^ 63, max == 2 ^ 63, max > 2 ^ 63, max >= 2 ^ 63, max + 0.0 == 2 ^ 63)
print(min < -2 ^ 63, min <= -2 ^ 63, min == -2 ^ 63, min > -2 ^ 63, min >= -2 ^ 63,
    min > -2 ^ 63 - 1025)
print(2 ^ 63 > max, 2 ^ 63 <= max, -2 ^ 63 <= min, -2 ^ 63 < min, -2 ^ 64 < min, 2 ^ 64 > max)
local inf, nan = math.huge, 0 / 0
print(max < inf, min > -inf, inf < max, -inf < min, max == inf, inf >= max, -inf <= min)
print(1 < nan, 1 > nan, 1 == nan, 1 ~= nan, nan <= 1, nan >= 1, max < nan, nan > min)
print(1 == 1.0, 1 < 1.5, 1 <= 0.5, 2 > 1.5, -1 < -0.5, -1 <= -1.5, 0 == -0.0, 0 < 1e-300,
    0 > -1e-300)
print("1" == 1, 0 == false, nil == false, "" == false)
local function cmp(a, b)
  return (a < b and 1 or 0) + (a <= b and 2 or 0) + (a > b and 4 or 0) + (a >= b and 8 or 0) +
      (a == b and 16 or 0) + (a ~= b and 32 or 0)
end
local values = {min, min + 1, -big - 1, -big, -1, 0, 1, big, big + 1, max - 1, max, -2 ^ 63,
    -2 ^ 53, -1.5, -0.0, 0.5, 2 ^ 53, 2 ^ 53 + 2, 2 ^ 63, inf, -inf, nan, 2 ^ 62, max // 2 + 1}
local h = 0
for round = 1, 5 do
  for i = 1, #values do
    local row = {}
    for j = 1, #values do
      local c = cmp(values[i], values[j])
      row[j] = c
      h = (h * 31 + c) & 0xffffffff
    end
    if round == 1 then print(table.concat(row, " ")) end
  end
end
print(h)
