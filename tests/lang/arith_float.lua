-- Floats: infinities, NaN, signed zero, floor division and modulo.
local inf, nan = math.huge, 0 / 0
local function zero(x) return 1 / x > 0 and "+0" or "-0" end
print(inf, -inf, inf + 1 == inf, inf - inf ~= inf - inf, -inf < inf)
print(0.0, -0.0, zero(0.0), zero(-0.0), 0.0 == -0.0, zero(0.0 * -1), zero(-0.0 + 0.0))
print(5.5 // 2, -5.5 // 2, 5.5 // -2, -5.5 // -2, 5.5 % 2, -5.5 % 2, 5.5 % -2, -5.5 % -2)
print(1.0 // 0, -1.0 // 0, 1 // 0.0, 0.0 // 0 ~= 0.0 // 0, 1.0 % 0 ~= 1.0 % 0)
print(5 % inf, -5 % inf, 5 % -inf, -5 % -inf, 5 // inf, -5 // inf, inf // 5, inf % 5 ~= inf % 5)
print(0.0 % 1, zero(0.0 % 1), -0.0 % 1, zero(-0.0 % 1), zero(-0.0 // 1), zero(0.0 // -1))
print(1e308 * 10, -1e308 * 10, 1e-308 / 1e10 > 0, 5e-324 / 2)
print(0.1 + 0.2, 0.1 + 0.2 == 0.3, 1 - 0.9, 3.0, 1e15, 1e16, 123456.789e3)
print(2 ^ 1023 * 2, 2 ^ -1074, 2 ^ -1075, (-2) ^ 3, (-2) ^ 0.5 ~= (-2) ^ 0.5)
print(nan == nan, nan ~= nan, nan < nan, nan <= nan, nan > 1, not (nan < 1))
print(-nan ~= -nan, inf // 1, -inf // 1, 7.0 // 1, -0.5 // 1, 0.5 // 1)
local sum = 0.0
for i = 1, 10000 do sum = sum + 1 / i end
print(string.format("%.10f", sum))
local lo, hi = 0.0, 2.0
for _ = 1, 200 do
  local mid = (lo + hi) / 2
  if mid * mid < 2 then lo = mid else hi = mid end
end
print(string.format("%.15f", lo))
local m = 0
for i = 1, 5000 do m = m + (i * 0.5) % 3 + (-i * 0.25) // 1 end
print(m)
