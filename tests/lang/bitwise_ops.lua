-- Bitwise operators on integers and on floats that stand for integers; strings are not converted.
print(5 & 3, 5 | 3, 5 ~ 3, ~5, 5 << 1, 5 >> 1, -1 >> 60, -1 << 60, -1 >> 1)
print(5.0 & 3, 5 & 3.0, 0x1F | 0.0, 2.0 << 3.0, 8 >> 1.0)
print(0xF0F0 & 0x0FF0, 0xFFFFFFFFFFFFFFFF ~ 0xF, math.mininteger >> 63, math.mininteger | 1)
for _, e in ipairs{"1.5 & 1", "1 | 2^63", "1 ~ '1.5'", "{} & 1", "1 << nil", "'a' | 1", "1 & 'x'",
    "'5' & 3", "5 ~ '3.0'", "~'3'", "1e100 >> 1", "~(0/0)", "1 & (1/0)", "true ~ 1"} do
      print(e, pcall(load("return " .. e)))
    end
local function crc(s)
  local c = 0xffffffff
  for i = 1, #s do
    c = c ~ s:byte(i)
    for _ = 1, 8 do c = (c >> 1) ~ (0xedb88320 & -(c & 1)) end
  end
  return c ~ 0xffffffff
end
print(string.format("%08x", crc("The moon is fastest at perigee." )))
local x = 88172645463325252
for i = 1, 5000 do
  x = x ~ (x << 13)
  x = x ~ (x >> 7)
  x = x ~ (x << 17)
end
print(x)
local pop = 0
for i = 0, 1023 do
  local v = i
  while v ~= 0 do v = v & (v - 1) pop = pop + 1 end
end
print(pop)
