-- __index: functions, tables, chains, raw access.
local base = {x = 1, y = 2}
local t = setmetatable({y = 20}, {__index = base})
print(t.x, t.y, t.z, rawget(t, "x"))
local f = setmetatable({}, {__index = function(self, k) return tostring(k) .. "!", "dropped" end})
print(f.a, f[1], f[1.5], f[true], rawget(f, "a"))
local chain = {v = "deep"}
for i = 1, 50 do chain = setmetatable({["l" .. i] = i}, {__index = chain}) end
print(chain.v, chain.l1, chain.l50, chain.none)
local mixed = setmetatable({}, {__index = setmetatable({a = 1}, {__index = function(_, k)
  return "fn:" .. k
end})})
print(mixed.a, mixed.b)
print(pcall(function()
  local l = setmetatable({}, {})
  getmetatable(l).__index = l
  return l.x
end))
print(pcall(function() return setmetatable({}, {__index = 5}).x end))
print(setmetatable({}, {__index = "abc"}).len == string.len)
local calls = 0
local memo = setmetatable({}, {__index = function(self, k)
  calls = calls + 1
  local v = k * k
  self[k] = v
  return v
end})
local s = 0
for r = 1, 10 do for i = 1, 300 do s = s + memo[i] end end
print(s, calls)
local d = setmetatable({}, {__index = function() return 0 end})
for i = 1, 3000 do local k = "k" .. i % 10 d[k] = d[k] + 1 end
print(d.k0, d.k9)
print(setmetatable({}, {__index = function(_, k) return k end})[nil])
print(#setmetatable({}, {__index = {1, 2, 3}}))
print(rawlen(setmetatable({1}, {__len = function() return 9 end})))
local called = setmetatable({}, {__index = setmetatable({}, {__call = function(_, obj, k)
  return "called for " .. k
end})})
print(called.foo)
t = setmetatable({}, {__index = base})
local n = 0
for i = 1, 4000 do
  n = n + t.x
  if i == 2000 then base.x = 5 end
  if i == 3000 then t.x = 7 end
end
print(n)
t.x = nil
print(t.x)
base.x = nil
print(t.x)
print(("x").y, pcall(function() return (5).x end), pcall(function() return nil_global.x end))
local false_value = setmetatable({f = false}, {__index = function() return "not asked" end})
print(false_value.f)
