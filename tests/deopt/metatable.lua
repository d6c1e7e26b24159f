-- deopt: metatable changed, count 1 to 200
-- (a class gets an __index that it did not have, a method is found elsewhere)
local Base = {name = function() return "base" end}
Base.__index = Base
local Class = setmetatable({}, Base)
Class.__index = Class
local function call(o) return o.name() end
local o = setmetatable({}, Class)
for i = 1, 2000 do local _, n = pcall(call, o) assert(n == "base") end
Class.name = function() return "class" end
for i = 1, 60 do local _, n = pcall(call, o) assert(n == "class") end
Class.name = nil
for i = 1, 60 do local _, n = pcall(call, o) assert(n == "base") end
setmetatable(Class, nil)
for i = 1, 60 do assert(not pcall(call, o)) end
print("ok")
