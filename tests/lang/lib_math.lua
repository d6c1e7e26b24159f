-- math: every function at ordinary and extreme arguments.
print(math.floor(3.7), math.floor(-3.7), math.floor(5), math.ceil(3.2), math.ceil(-3.2),
    math.floor(1e100), math.floor(2 ^ 62), math.ceil(-2 ^ 63), math.floor(-0.5), math.ceil(-0.5))
print(math.abs(-5), math.abs(-5.5), math.abs(math.mininteger), math.abs(-0.0), math.max(1, 2.5, -1),
    math.min(1, 2.5, -1), math.max(1), math.max(2, 2.0), math.max(2.0, 2))
print(math.fmod(7, 3), math.fmod(-7, 3), math.fmod(7, -3), math.fmod(7.5, 2), math.fmod(-7.5, 2),
    math.fmod(math.mininteger, -1), math.fmod(5, math.huge))
print(math.modf(3.7), math.modf(-3.7), math.modf(5), math.modf(math.huge), math.modf(-math.huge))
print(math.sqrt(16), math.sqrt(2), math.exp(0), math.log(1), math.log(8, 2), math.log(1000, 10),
    math.log(27, 3), math.log(0), math.sin(0), math.cos(0), math.tan(0), math.asin(1), math.acos(1),
    math.atan(1), math.atan(1, -1), math.atan(-1, -1), math.atan(0, -1))
print(string.format("%.12f %.12f %.12f", math.sin(1), math.cos(2), math.tan(0.5)), math.pi,
    math.huge, math.maxinteger, math.mininteger)
print(math.tointeger(5.0), math.tointeger(5.5), math.tointeger("5"), math.tointeger({}),
    math.type(1), math.type(1.0), math.type("1"), math.type(nil), math.ult(1, -1), math.ult(-1, 1),
    math.ult(5, 5))
print(pcall(math.type))
print(pcall(math.floor, "x"))
print(pcall(math.floor))
print(math.floor("3.7"), pcall(math.max))
print(pcall(math.fmod, 1, 0))
print(math.fmod(1, 0.0) ~= math.fmod(1, 0.0))
print(pcall(math.random, 0) ~= nil, pcall(math.random, 2, 1))
print(pcall(math.random, 1, 2, 3))
print(pcall(math.random, 0.5))
print(pcall(math.ult, 1.5, 2))
print(pcall(math.abs, nil))
print(pcall(math.sqrt, {}))
local s = 0
for i = 1, 4000 do
  s = s + math.floor(i / 3) + math.max(i, 2000) + math.abs(-i) + math.min(i, 5.5) +
      math.sqrt(i * i) + (math.tointeger(i / 2) or 0)
end
print(s)
if math.pow then
  print(math.pow(2, 10), math.cosh(0), math.sinh(0), math.tanh(0), math.log10(100), math.ldexp(1,
      4), math.frexp(8))
end
