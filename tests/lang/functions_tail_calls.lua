-- Tail calls keep the stack flat; what looks like one but is not, does not.
local function loop(n, acc)
  if n == 0 then return acc end
  return loop(n - 1, acc + n)
end
print(loop(300000, 0))
local even, odd
function even(n)
  if n == 0 then return true end
  return odd(n - 1)
end
function odd(n)
  if n == 0 then return false end
  return even(n - 1)
end
print(even(200000), even(200001))
local obj = {n = 0}
function obj:step(k)
  if k == 0 then return self.n end
  self.n = self.n + 1
  return self:step(k - 1)
end
print(obj:step(100000))
local function va(n, ...)
  if n == 0 then return ... end
  return va(n - 1, ...)
end
print(va(50000, "a", nil, "c"))
local callable = setmetatable({}, {__call = function(self, n)
  if n == 0 then return "called" end
  return self(n - 1)
end})
print(callable(50000))
local function nontail(n)
  if n == 0 then return 0 end
  return (nontail(n - 1))
end
print(nontail(10000))
local function plus(n)
  if n == 0 then return 0 end
  return 1 + plus(n - 1)
end
print(plus(10000))
print((function() return select("#", table.unpack({}, 1, 100)) end)())
local function toC(...) return string.format("%s-%s", ...) end
print(toC("x", "y"))
local states = {}
function states.a(n)
  if n <= 0 then return "end a" end
  return states.b(n - 1)
end
function states.b(n) return states.c(n - 1) end
function states.c(n) return states.a(n - 1) end
print(states.a(30000))
print(pcall(function() return error("through a tail call", 0) end))
