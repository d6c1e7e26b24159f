-- Hot arithmetic that meets NaN, infinities, signed zeros and extreme integers late.
local function zero(x) return 1 / x < 0 and "-0" or "0" end
local function fdiv(a, b) return a / b end
local function fmod(a, b) return a % b end
local function idiv(a, b) return a // b end
for i = 1, 4000 do
  fdiv(i, 3)
  fmod(i, 3)
  idiv(i, 3)
end
print(fdiv(1, 0), fdiv(-1, 0), fdiv(0, 0) ~= fdiv(0, 0), zero(fdiv(0, -1)))
print(fmod(-1, 3), fmod(1, -3), fmod(5.5, -2), fmod(-0.0, 1) == 0, fmod(1, math.huge), fmod(-1,
    math.huge), pcall(fmod, 1, 0))
print(idiv(-7, 2), idiv(7, -2), idiv(math.mininteger, -1), fmod(math.mininteger, -1), idiv(1, 0.0),
    idiv(-1.5, 1), pcall(idiv, 1, 0))
local function less(a, b) return a < b, a <= b, a > b, a >= b, a == b end
for i = 1, 4000 do less(i, 2000) less(i + 0.5, 7.5) end
local nan = 0 / 0
print(less(nan, 1))
print(less(1, nan))
print(less(math.maxinteger, 2 ^ 63))
print(less(math.mininteger, -2 ^ 63))
print(less(2 ^ 53, (1 << 53) + 1))
print(less(0, -0.0))
print(less("a", "b"))
local function shift(a, b) return a << b, a >> b end
for i = 1, 3000 do shift(i, i % 64) end
print(shift(-1, 63))
print(shift(1, 64))
print(shift(-1, -1))
print(shift(1, math.mininteger))
print(shift(3.0, 1.0))
print(pcall(shift, 1.5, 1))
local function floor(x) return math.floor(x) end
for i = 1, 3000 do floor(i / 2) end
print(floor(-0.5), floor(2 ^ 70), floor(-2 ^ 63), floor(7), pcall(floor, "x"))
print(floor(math.huge), floor(nan) ~= floor(nan))
local function pow(a, b) return a ^ b end
for i = 1, 3000 do pow(i, 2) end
print(pow(2, 0.5), pow(-8, 1 / 3) ~= pow(-8, 1 / 3), pow(0, 0), pow(2, -1), pow("2", 3))
local function neg(x) return -x end
for i = 1, 3000 do neg(i) end
print(neg(0), zero(neg(0.0)), neg(math.mininteger), neg("3"), neg(1.5))
local s = 0
for i = 1, 3000 do
  local v = i == 2999 and math.huge or i == 3000 and -math.huge or i
  s = s + v
end
print(s ~= s)
local m = math.huge
for i = 1, 3000 do m = math.min(m, 3000 - i) end
print(m)
local function loop(a, b, c)
  local n = 0
  for i = a, b, c do
    n = n + 1
    if n > 50 then break end
  end
  return n
end
for i = 1, 2000 do loop(1, 3, 1) end
print(loop(math.maxinteger - 2, math.maxinteger, 1), loop(1, 0, 1), loop(1, 2, 0.25), loop(3, 1,
    -1), loop(math.mininteger + 1, math.mininteger, -1), loop(1, math.huge, 1), loop(1.0, 3, 1),
    pcall(loop, 1, 2, 0))
