-- Classes made by copying fields in a loop (mixins, "class" libraries).
local function class(base)
  local c = {}
  if base then for k, v in pairs(base) do c[k] = v end end
  c.__index = c
  c.base = base
  c.new = function(...)
    local o = setmetatable({}, c)
    if c.init then c.init(o, ...) end
    return o
  end
  return c
end
local Shape = class()
function Shape:init(n) self.n = n end
function Shape:area() return 0 end
function Shape:describe() return self.n .. "=" .. self:area() end
local Square = class(Shape)
function Square:init(s) Shape.init(self, "square") self.s = s end
function Square:area() return self.s * self.s end
local Rect = class(Square)
function Rect:init(a, b)
  Square.init(self, a)
  self.n = "rect"
  self.b = b
end
function Rect:area() return self.s * self.b end
print(Shape.new("none"):describe(), Square.new(3):describe(), Rect.new(2, 5):describe(),
    Rect.base == Square)
local t = 0
for i = 1, 3000 do
  local o = (i % 3 == 0 and Shape or i % 3 == 1 and Square or Rect).new(i % 10, 2)
  t = t + o:area()
end
print(t)
local Comparable = {lessThan = function(a, b) return a:area() < b:area() end}
local Named = {setName = function(self, n)
  self.n = n
  return self
end}
local function mixin(c, ...)
  for _, m in ipairs{...} do for k, v in pairs(m) do c[k] = v end end
  return c
end
mixin(Square, Comparable, Named)
print(Square.new(1):lessThan(Square.new(2)), Square.new(4):setName("renamed"):describe(),
    Rect.lessThan)
function Shape:area() return -1 end
print(Shape.new("s"):area(), Square.new(2):area(), class(Shape).new("late"):area())
local wide = class()
for i = 1, 60 do
  wide["m" .. i] = function(self, x) return self.v + x + i end
end
function wide:init(v) self.v = v end
local Sub = class(wide)
local o, s = Sub.new(5), 0
for r = 1, 30 do for i = 1, 60 do s = s + o["m" .. i](o, r) end end
print(s, o:m1(1), o:m60(1))
local inst = {v = 1}
for k, f in pairs(wide) do
  if type(f) == "function" then inst[k] = f end
end
print(inst:m7(0), inst:m33(0))
