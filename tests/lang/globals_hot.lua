-- Global functions and variables redefined while code that uses them is hot.
function gf(x) return x + 1 end
gv = 1
local s = 0
for i = 1, 9000 do
  if i == 2000 then
    function gf(x) return x + 2 end
  elseif i == 4000 then
    gv = 2.5
  elseif i == 5000 then
    gv = "10"
  elseif i == 6000 then
    gf = math.floor
    gv = 3
  elseif i == 8000 then
    gf = setmetatable({}, {__call = function(_, x) return x * 2 end})
  end
  s = s + gf(i) * gv
end
print(s)
local function use() return gv + 1 end
for i = 1, 2000 do use() end
gv = nil
print(pcall(use))
gv = 41
print(use())
gf = nil
print(pcall(function() return gf(1) end))
local real = math.floor
local n = 0
math.floor = function(x) n = n + 1 return real(x) end
for i = 1, 1000 do local _ = math.floor(i / 2) end
math.floor = real
for i = 1, 1000 do local _ = math.floor(i / 2) end
print(n)
local oldprint, out = print, {}
function print(...) out[#out + 1] = select("#", ...) end
print(1, 2)
print()
print = oldprint
print(table.concat(out, " "))
_G.dynamic = 5
print(dynamic, _ENV["dynamic"])
for i = 1, 300 do _G["g" .. i] = i end
s = 0
for i = 1, 300 do s = s + _ENV["g" .. i] end
print(s, g1 + g300)
for i = 1, 300 do _G["g" .. i] = nil end
print(g1)
local function counter() count = (count or 0) + 1 return count end
for i = 1, 5000 do counter() end
print(count)
setmetatable(_G, {__index = function(_, k) return k .. "?" end})
print(nosuch, count)
for i = 1, 1000 do local _ = nosuch end
nosuch = 1
print(nosuch)
setmetatable(_G, nil)
do
  local _ENV = {n = 0, pairs = pairs}
  for i = 1, 2000 do n = n + i end
  _ENV.result = n
  s = _ENV
end
print(s.result)
local env = {}
local chunk = load("x = (x or 0) + 1 return x", "c", "t", env)
for i = 1, 2000 do chunk() end
print(env.x, x)
string.custom = function(str) return "custom " .. str end
print(("a"):custom())
string.custom = nil
tostring = function() return "mine" end
print(tostring(1), 1)
tostring = nil
print(pcall(function() return tostring(1) end))
