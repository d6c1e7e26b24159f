-- setmetatable(o, {__index = C}) with a fresh metatable for every object.
local C = {}
function C:get() return self.v end
function C:inc(n) self.v = self.v + n return self end
C.default = 7
local function new(v) return setmetatable({v = v}, {__index = C}) end
local s = 0
for i = 1, 5000 do
  local o = new(i)
  s = s + o:inc(1):get() + o.default
end
print(s)
local objs = {}
for i = 1, 100 do objs[i] = new(i) end
for r = 1, 30 do for i = 1, 100 do objs[i]:inc(r) end end
s = 0
for i = 1, 100 do s = s + objs[i]:get() end
print(s)
print(getmetatable(objs[1]) == getmetatable(objs[2]),
    getmetatable(objs[1]).__index == getmetatable(objs[2]).__index)
getmetatable(objs[1]).__index = {get = function() return "changed" end}
print(objs[1]:get(), objs[2]:get())
C.get = function(self) return -self.v end
print(objs[1]:get(), objs[2]:get())
getmetatable(objs[3]).__add = function(a, b) return a.v + b end
print(objs[3] + 1, pcall(function() return objs[4] + 1 end))
local function closureClass(n)
  local cls = {}
  cls.__index = cls
  function cls.get() return n end
  return setmetatable({}, cls)
end
s = 0
for i = 1, 1000 do s = s + closureClass(i):get() end
print(s)
local D = setmetatable({}, {__index = C})
function D:twice() return self:get() * 2 end
local function newD(v) return setmetatable({v = v}, {__index = D}) end
s = 0
for i = 1, 3000 do s = s + newD(i):inc(1):twice() end
print(s)
