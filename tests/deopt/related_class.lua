-- deopt: metatable changed, count 1 to 60
-- (a method that appears in a subclass is found at once by the code that found it in the base class; other code stays)
local Base = {}
Base.__index = Base
function Base:name() return "base" end
local Derived = setmetatable({}, Base)
Derived.__index = Derived
local Other = setmetatable({}, Base)
Other.__index = Other
local function call(o, n) local s for i = 1, n do s = o:name() end return s end
local function other(o, n) local s for i = 1, n do s = o:name() end return s end
local d, o = setmetatable({}, Derived), setmetatable({}, Other)
for i = 1, 100 do assert(call(d, 20) == "base" and other(o, 20) == "base") end
function Derived:name() return "derived" end
for i = 1, 20 do assert(call(d, 20) == "derived" and other(o, 20) == "base") end
Derived.name = nil
for i = 1, 20 do assert(call(d, 20) == "base" and other(o, 20) == "base") end
getmetatable(d).__index = {name = function() return "elsewhere" end}
for i = 1, 20 do assert(call(d, 20) == "elsewhere" and other(o, 20) == "base") end
print("ok")
