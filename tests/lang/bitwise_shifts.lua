-- Shift counts of 64 and more, negative counts, counts held in variables.
local function both(x, n) return x << n, x >> n end
for _, n in ipairs{0, 1, 31, 32, 63, 64, 65, 1000, -1, -63, -64, -65, math.maxinteger,
    math.mininteger} do
      print(n, both(1, n))
      print(n, both(-1, n))
      print(n, both(0x123456789abcdef0, n))
    end
print(1 << 64, 1 << 63, 1 >> 64, -1 >> 63, -1 >> 64, 1 << -1, 2 >> -1, 1 >> -64,
    1 << math.mininteger)
local s = 0
for i = -70, 70 do
  for k = 1, 30 do s = s ~ (k << i) ~ (k >> i) end
end
print(s)
local v = 1
for i = 1, 3000 do v = (v << 1) | (v >> 63) end
print(v)
