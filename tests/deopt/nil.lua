-- deopt: nil, expected a value, seen nil, at 5 GETFIELD, count 1 to 200
-- (a field that was there is gone, and its class has one)
local Class = {x = "from the class"}
Class.__index = Class
local function get(o) return o.x end
local o = setmetatable({x = 1}, Class)
for i = 1, 2000 do local _, x = pcall(get, o) assert(x == 1) end
o.x = nil
for i = 1, 60 do local _, x = pcall(get, o) assert(x == "from the class") end
print("ok")
