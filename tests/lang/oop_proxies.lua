-- Proxies: logging, read-only, default values, virtual fields, multiple targets.
local function logged(t, log)
  return setmetatable({}, {__index = function(_, k)
    log[#log + 1] = "get " .. tostring(k)
    return t[k]
  end, __newindex = function(_, k, v)
    log[#log + 1] = "set " .. tostring(k)
    t[k] = v
  end, __len = function() return #t end, __pairs = function() return next, t, nil end})
end
local log, data = {}, {a = 1, 10, 20}
local p = logged(data, log)
p.b = p.a + 1
p[3] = p[1] + p[2]
print(table.concat(log, "; "), #p, data.b, data[3])
local ks = {}
for k in pairs(p) do ks[#ks + 1] = tostring(k) end
table.sort(ks)
print(table.concat(ks, " "))
local function readonly(t)
  return setmetatable({}, {__index = t, __newindex = function(_, k)
    error("cannot set " .. k, 2)
  end})
end
local ro = readonly{x = 1}
print(ro.x, pcall(function() ro.x = 2 end))
local s = 0
for i = 1, 3000 do s = s + ro.x end
print(s)
local counter = setmetatable({}, {__index = function(t, k)
  if k == "count" then
    t._n = (rawget(t, "_n") or 0) + 1
    return t._n
  end
end})
for i = 1, 999 do local _ = counter.count end
print(counter.count)
local props = {area = function(o) return rawget(o, "w") * rawget(o, "h") end}
local mt = {__index = function(o, k)
  local g = props[k]
  return g and g(o)
end, __newindex = function(o, k, v)
  if props[k] then error("read-only property " .. k, 2) end
  rawset(o, k, v)
end}
local r = setmetatable({w = 3, h = 4}, mt)
r.h = 5
r.tag = "t"
print(r.area, r.tag, pcall(function() r.area = 1 end))
s = 0
for i = 1, 2000 do r.w = i s = s + r.area end
print(s)
local function multi(...)
  local bases = {...}
  return setmetatable({}, {__index = function(t, k)
    for _, b in ipairs(bases) do
      local v = b[k]
      if v ~= nil then t[k] = v return v end
    end
  end})
end
local m = multi({f = function() return "A.f" end}, {f = function() return "B.f" end, g = function()
  return "B.g"
end})
print(m.f(), m.g(), m.h, rawget(m, "g") ~= nil)
local chain = {leaf = 1}
for i = 1, 8 do chain = readonly(chain) end
s = 0
for i = 1, 2000 do s = s + chain.leaf end
print(s)
local auto = {}
auto.__index = function(t, k)
  local n = setmetatable({}, auto)
  rawset(t, k, n)
  return n
end
local tree = setmetatable({}, auto)
tree.a.b.c.d = 5
print(tree.a.b.c.d, rawget(tree, "x"))
