-- Arithmetic and bitwise metamethods: every event, operand order, which operand's handler is taken.
local function handler(name)
  return function(a, b)
    local function s(v) return type(v) == "table" and (v.name or "{}") or tostring(v) end
    return name .. "(" .. s(a) .. "," .. s(b) .. ")"
  end
end
local mt = {}
for e in ("add sub mul div mod pow unm idiv band bor bxor shl shr bnot"):gmatch("%a+") do
  mt["__" .. e] = handler(e)
end
local x, y = setmetatable({name = "x"}, mt), setmetatable({name = "y"}, mt)
print(x + 1, 1 + x, x + y, x + 1.5, "s" + x, x + "s")
print(x - 1, 1 - x, x * 2, 2 * x, x / 2, 2 / x, x % 3, 3 % x, x ^ 2, 2 ^ x, x // 2, 2 // x)
print(-x, ~x, x & 1, 1 & x, x | 1, 1 | x, x ~ 1, 1 ~ x, x << 1, 1 << x, x >> 1, 1 >> x)
print(x + nil, nil + x, x + {}, {} + x, x & 1.5, 1.5 & x, "a" & x, x | "a", true + x)
local other = setmetatable({name = "o"}, {__add = handler("other.add")})
print(x + other, other + x, pcall(function() return other - other end))
print(pcall(function() return other - 1 end))
print(pcall(function() return other & 1 end))
print(pcall(function() return -other end))
local V = {}
V.__index = V
V.__add = function(a, b) return setmetatable({v = a.v + b.v}, V) end
V.__unm = function(a) return setmetatable({v = -a.v}, V) end
V.__mul = function(a, b)
  if type(a) == "number" then return setmetatable({v = a * b.v}, V) end
  return setmetatable({v = a.v * (type(b) == "number" and b or b.v)}, V)
end
local acc, one = setmetatable({v = 0}, V), setmetatable({v = 1}, V)
for i = 1, 5000 do
  acc = acc + one * 2
  if i % 100 == 0 then acc = -acc end
  acc = acc + 3 * one
end
print(acc.v)
print(select("#", x + 1, -x), (function() return x + 1 end)())
mt.__add = function() return 1, 2, 3 end
print(x + 1)
mt.__add = function() end
print(x + 1)
mt.__add = setmetatable({}, {__call = function(self, a, b) return "callable", a == x, b end})
print(x + 1)
mt.__add = nil
print(pcall(function() return x + 1 end))
