-- 2, 4 and 8 classes at one call site, and one site that degrades from one class to many.
local classes = {}
for i = 1, 8 do
  local c = {}
  c.__index = c
  c.id = i
  c.name = "class" .. i
  c.get = function(self) return self.v * i end
  classes[i] = c
end
for i = 1, 8 do for j = 1, i do classes[i]["pad" .. j] = j end end
local function make(i, v)
  local o = {}
  if i % 2 == 0 then o.extra = true end
  o.v = v
  return setmetatable(o, classes[i])
end
local function drive(n, reps)
  local objs = {}
  for i = 1, n do objs[i] = make(i, i) end
  local s = 0
  for r = 1, reps do
    local o = objs[r % n + 1]
    s = s + o:get() + o.id + #o.name
    o.v = o.v % 5 + 1
  end
  return s
end
for _, n in ipairs{1, 2, 4, 8, 1, 8} do print(n, drive(n, 4000)) end
local function area(s) return s:area() end
local mk = {}
for i = 1, 6 do
  local C = {}
  C.__index = C
  function C:area() return self.r * i end
  mk[i] = function(r) return setmetatable({r = r}, C) end
end
local total = 0
for phase = 1, 6 do
  for i = 1, 1000 do total = total + area(mk[i % phase + 1](i % 10)) end
end
print(total)
local values = {1, 2.5, "3", setmetatable({}, {__add = function(a, b)
  return type(a) == "number" and a + 7 or b + 7
end})}
local s = 0
for i = 1, 4000 do s = s + values[i % 4 + 1] end
print(s)
local mixed = {{x = 1}, {y = 1, x = 2}, {x = "3"}, setmetatable({}, {__index = {x = 4}}),
    setmetatable({}, {__index = function() return 5 end})}
s = 0
for i = 1, 5000 do s = s + mixed[i % 5 + 1].x end
print(s)
local fs = {}
for i = 1, 8 do fs[i] = load("return function(x) return x * " .. i .. " + 1 end")() end
s = 0
for i = 1, 8000 do s = s + fs[(i >> 4) % 8 + 1](i) end
print(s)
