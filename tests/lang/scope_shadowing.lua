-- Block scoping, shadowing, and the point at which a local starts to exist.
local x = 1
local x = x + 1
print(x)
do local x = x * 10 print(x) end
print(x)
local function f() return x end
local x = "new"
print(f(), x)
local function g() return g end
print(g() == g)
local h = function() return h end
print(h())
do local a, a = 1, 2 print(a) end
local function p(a, a) return a end
print(p(1, 2))
if true then local y = "then" print(y) else local y = "else" end
print(y)
for x = 1, 1 do print(x) end
for x, x in pairs{v = 7} do print(x) end
global = "g"
local global = global
global = "local now"
print(global, _G.global, _ENV.global)
local function env() local _ENV = {print = print} print(global, x) y = 5 return _ENV.y end
print(env(), y)
local function params(_ENV) return a end
print(params{a = "from parameter"})
do local _ENV <const> = {tostring = tostring} v = tostring(1) end
print(v)
print(pcall(load("local _ENV = nil; return x")))
print(pcall(load("local _ENV = 5; x = 1")))
