-- Metamethods added, changed and removed after objects exist and code is warm.
local mt = {}
local o = setmetatable({}, mt)
local function probe() return o.x end
local r = {}
for i = 1, 6000 do
  if i == 1000 then
    mt.__index = function() return "f" end
  elseif i == 2000 then
    mt.__index = {x = "t"}
  elseif i == 3000 then
    o.x = "own"
  elseif i == 4000 then
    o.x = nil
  elseif i == 5000 then
    mt.__index = nil
  end
  local v = probe()
  if v ~= r[#r] then
    r[#r + 1] = v or false
    if v == nil and r[#r] == r[#r - 1] then r[#r] = nil end
  end
end
for i, v in ipairs(r) do io.write(tostring(v), " ") end
print()
local function add(a, b) return a + b end
local V = {__add = function() return "v1" end}
local v = setmetatable({}, V)
local seen = {}
for i = 1, 4000 do
  if i == 1500 then
    V.__add = function() return "v2" end
  elseif i == 3000 then
    setmetatable(v, {__add = function() return "v3" end})
  end
  seen[add(v, i)] = (seen[add(v, i)] or 0) + 1
end
print(seen.v1, seen.v2, seen.v3)
local function len(x) return #x end
local L = setmetatable({1, 2}, {})
local s = 0
for i = 1, 3000 do
  if i == 1001 then
    getmetatable(L).__len = function() return 100 end
  elseif i == 2001 then
    getmetatable(L).__len = nil
  end
  s = s + len(L)
end
print(s)
local function eq(a, b) return a == b end
local E = {}
local e1, e2 = setmetatable({}, E), setmetatable({}, E)
local n = 0
for i = 1, 3000 do
  if i == 1001 then
    E.__eq = function() return true end
  elseif i == 2001 then
    E.__eq = nil
  end
  if eq(e1, e2) then n = n + 1 end
end
print(n)
local function call(f, x) return f(x) end
local F = setmetatable({}, {__call = function(_, x) return x end})
s = 0
for i = 1, 3000 do
  if i == 1001 then
    getmetatable(F).__call = function(_, x) return -x end
  elseif i == 2001 then
    F = math.abs
  end
  s = s + call(F, i)
end
print(s)
local function set(t, k, val) t[k] = val end
local P, cnt = setmetatable({}, {}), 0
for i = 1, 3000 do
  if i == 1001 then
    getmetatable(P).__newindex = function(t, k, val) cnt = cnt + 1 end
  elseif i == 2001 then
    getmetatable(P).__newindex = nil
  end
  set(P, i, i)
end
local held = 0
for _ in pairs(P) do held = held + 1 end
print(cnt, held)
