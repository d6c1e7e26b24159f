-- Any value can be an error; levels choose the position.
for _, v in ipairs{1, 1.5, true, "s", false} do print(pcall(error, v)) end
print(pcall(error))
print(pcall(error, nil))
local t = {}
print(select(2, pcall(error, t)) == t)
print(pcall(error, "msg", 0))
print(pcall(error, "msg", 1))
print(pcall(error, "msg", 2))
print(pcall(error, "msg", 100))
local function f(level) error("here", level) end
local function g(level) f(level) end
for l = 0, 4 do print(l, pcall(g, l)) end
local function h() error("tail", 2) end
local function i() return h() end
print(pcall(i))
print(pcall(function()
  error(setmetatable({}, {__tostring = function() return "obj" end}))
end))
print(pcall(error, {code = 2}, 2) == false)
print(select("#", pcall(error)))
print(pcall(pcall))
print(pcall(pcall, error))
print(pcall(5))
print(pcall(nil))
