-- An uncaught run-time error in a method, called through several levels.
local Class = {}
Class.__index = Class
function Class:run() return self.missing.field end
local function start(o) local r = o:run() return r end
local o = setmetatable({}, Class)
start(o)
