-- deopt: metatable changed, count 0 to 0
-- (classes made, extended and changed elsewhere disturb no code that does not rely on them)
local Point = {}
Point.__index = Point
function Point.new(x, y) return setmetatable({x = x, y = y}, Point) end
function Point:norm() return self.x * self.x + self.y * self.y end
local function hot(p, n) local s = 0 for i = 1, n do s = s + p:norm() end return s end
local p = Point.new(1, 2)
for round = 1, 200 do
  assert(hot(p, 100) == 500)
  local C = {}
  C.__index = C
  function C:f() return round end
  local D = setmetatable({}, {__index = C})
  assert(D:f() == round)
  function C:g() return -round end
  assert(D:g() == -round)
  C.f = nil
  assert(D.f == nil)
  pcall(setmetatable, C, {__index = function() return "far" end})
  assert(D.f == "far")
end
print("ok")
