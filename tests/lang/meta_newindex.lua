-- __newindex: functions, tables, chains, only for absent keys.
local log = {}
local t = setmetatable({present = 1}, {__newindex = function(self, k, v)
  log[#log + 1] = k .. "=" .. tostring(v)
  rawset(self, k, v)
end})
t.a = 1
t.a = 2
t.present = 3
t.present = nil
t.present = 4
t.b = nil
t.b = nil
print(table.concat(log, " "), t.a, t.present)
local store = {}
local p = setmetatable({}, {__newindex = store, __index = store})
p.x = 1
p.x = 2
print(rawget(p, "x"), store.x, p.x)
local deep = {}
local c = deep
for i = 1, 20 do c = setmetatable({}, {__newindex = c}) end
c.v = 1
print(deep.v, rawget(c, "v"))
print(pcall(function() setmetatable({}, {__newindex = 5}).x = 1 end))
print(pcall(function() setmetatable({}, {__newindex = false}).x = 1 end))
print(pcall(function()
  local l = setmetatable({}, {})
  getmetatable(l).__newindex = l
  l.x = 1
end))
local ro = setmetatable({}, {__index = {k = 1}, __newindex = function(_, k)
  error("read-only: " .. k, 2)
end})
print(pcall(function() ro.k = 2 end), ro.k)
local n = 0
local counted = setmetatable({}, {__newindex = function(s, k, v)
  n = n + 1
  rawset(s, k, v)
end})
for r = 1, 10 do for i = 1, 200 do counted[i] = r end end
print(n, #counted)
for i = 1, 200 do counted[i] = nil end
for i = 1, 200 do counted[i] = 0 end
print(n)
local typed = setmetatable({}, {__newindex = function(s, k, v)
  if type(v) ~= "number" then
    error("number expected for '" .. tostring(k) .. "', got " .. type(v))
  end
  rawset(s, k, v)
end})
typed.a = 1
print(pcall(function() typed.b = "x" end))
typed.a = "free now"
print(typed.a)
setmetatable(_G, {__newindex = function(_, k) error("undeclared '" .. k .. "'", 2) end, __index = function(
    _, k) error("undefined '" .. k .. "'", 2) end})
print(pcall(function() undeclared = 1 end))
print(pcall(function() return undefinedvar end))
rawset(_G, "declared", 1)
declared = 2
print(declared)
setmetatable(_G, nil)
undeclared = 1
print(undeclared)
local q = setmetatable({}, {__newindex = function(_, k, v) log = {k, v} end})
q[nil] = 1
print(log[1], log[2])
print(pcall(function()
  local r = setmetatable({}, {})
  r[nil] = 1
end))
q[0 / 0] = 2
print(log[1] ~= log[1], log[2])
local arr = setmetatable({1, 2, 3}, {__newindex = function(s, k, v) rawset(s, k, v * 10) end})
arr[2] = 5
arr[4] = 4
arr[#arr + 1] = 5
print(table.concat(arr, " "))
table.insert(arr, 6)
print(arr[6])
