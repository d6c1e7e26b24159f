-- Method calls on strings, tables, chains of __index, and through varying receivers.
local Point = {}
Point.__index = Point
function Point.new(x, y) return setmetatable({x = x, y = y}, Point) end
function Point:add(o) return Point.new(self.x + o.x, self.y + o.y) end
function Point:len2() return self.x * self.x + self.y * self.y end
function Point:chain(n) self.x = self.x + n return self end
local p = Point.new(0, 0)
for i = 1, 3000 do p = p:add(Point.new(1, 2)) end
print(p.x, p.y, p:len2(), p:chain(1):chain(2):chain(3).x)
local obj = {v = 1, get = function(self) return self.v end}
local other = setmetatable({v = 2}, {__index = obj})
local third = setmetatable({v = 3}, {__index = function(_, k) return obj[k] end})
local s = 0
for i = 1, 3000 do s = s + obj:get() + other:get() * 10 + third:get() * 100 end
print(s)
local str, n = "hello world", 0
for i = 1, 3000 do
  n = n + #str:sub(1, i % 11) + str:byte(i % 11 + 1) + (str:find("o", i % 5 + 1, true))
end
print(n)
function string.shout(s) return s:upper() .. "!" end
print(("hey"):shout())
string.shout = nil
print(pcall(function() return ("hey"):shout() end))
local name = "get"
print(obj[name](obj))
obj.get = function(self) return -self.v end
print(obj:get(), other:get(), third:get())
print(pcall(function() local nothing = {} nothing:missing() end))
print(pcall(function() local nothing = {} nothing.a:missing() end))
