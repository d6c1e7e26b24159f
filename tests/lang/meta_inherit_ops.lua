-- Operators defined in a base class's metatable are not inherited through __index; copies are.
local Base = {}
Base.__index = Base
Base.__add = function(a, b) return "base add" end
Base.__tostring = function(s) return "Base:" .. s.n end
Base.__eq = function() return true end
local Derived = setmetatable({}, {__index = Base})
Derived.__index = Derived
local b, d = setmetatable({n = 1}, Base), setmetatable({n = 2}, Derived)
print(b + b, pcall(function() return d + d end))
print(tostring(b), (tostring(d):match("^table")))
print(b == setmetatable({n = 3}, Base), d == setmetatable({}, Derived), b == d)
for k, v in pairs(Base) do
  if k:sub(1, 2) == "__" and rawget(Derived, k) == nil then Derived[k] = v end
end
print(d + d, tostring(d), d == setmetatable({}, Derived))
Derived.__add = function() return "derived add" end
print(d + d, b + d, d + b, b + b)
local n = 0
for i = 1, 2000 do
  local x = i % 2 == 0 and b or d
  if x + x == "base add" then n = n + 1 end
end
print(n)
Base.__add = nil
print(pcall(function() return b + b end))
print(b + d)
Base.__lt = function(p, q) return p.n < q.n end
print(b < b, pcall(function() return d < d end))
print(b < d, d < b)
