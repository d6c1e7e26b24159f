-- A metatable set and cleared again and again at one site.
local A, B = {__index = {v = 1}}, {__index = {v = 10}}
local t, s = {}, 0
for i = 1, 6000 do
  local m = i % 3
  if m == 0 then
    setmetatable(t, A)
  elseif m == 1 then
    setmetatable(t, B)
  else
    setmetatable(t, nil)
  end
  s = s + (t.v or 100)
end
print(s)
local objs = {}
for i = 1, 30 do objs[i] = {n = i} end
s = 0
for r = 1, 100 do
  for i = 1, 30 do
    local o = objs[i]
    setmetatable(o, (r + i) % 2 == 0 and A or nil)
    s = s + o.n + (o.v or 0)
  end
end
print(s)
local function getv(o) return o.v end
local o = setmetatable({}, A)
s = 0
for i = 1, 3000 do
  s = s + getv(o)
  if i == 1000 then
    A.__index = {v = 2}
  elseif i == 2000 then
    A.__index.v = 3
  end
end
print(s)
local shared = {}
shared.__index = shared
function shared:get() return self.n end
local q = {n = 5}
s = 0
for i = 1, 3000 do
  setmetatable(q, shared)
  s = s + q:get()
  setmetatable(q, nil)
  if q.get then s = s + 1000000 end
end
print(s)
print(pcall(function() q:get() end))
for i = 1, 2000 do setmetatable({}, {__index = shared, __gc = nil}) end
print(getmetatable(setmetatable({}, shared)) == shared)
local z = setmetatable({}, {__newindex = function() end})
for i = 1, 1000 do z[i] = i end
print(#z)
setmetatable(z, nil)
for i = 1, 1000 do z[i] = i end
print(#z)
