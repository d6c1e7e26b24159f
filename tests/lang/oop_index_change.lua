-- __index replaced at run time: another table, a function, nothing.
local A, B = {f = function() return 1 end, k = "A"}, {f = function() return 2 end, k = "B"}
local mt = {__index = A}
local o = setmetatable({}, mt)
local s, ks = 0, {}
for i = 1, 8000 do
  if i == 2000 then
    mt.__index = B
  elseif i == 4000 then
    mt.__index = function(_, key)
      return key == "k" and "F" or function() return 3 end
    end
  elseif i == 6000 then
    mt.__index = A
  end
  s = s + o:f()
  ks[o.k] = (ks[o.k] or 0) + 1
end
print(s, ks.A, ks.B, ks.F)
mt.__index = nil
print(o.k, pcall(function() return o:f() end))
local C = setmetatable({}, {__index = A})
mt.__index = C
print(o.k)
getmetatable(C).__index = B
print(o.k)
C.k = "C"
print(o.k)
C.k = nil
print(o.k)
setmetatable(C, nil)
print(o.k)
local objs = {}
for i = 1, 10 do objs[i] = setmetatable({}, mt) end
mt.__index = A
s = 0
for r = 1, 400 do
  for i = 1, 10 do
    if r == 200 and i == 5 then mt.__index = B end
    s = s + objs[i]:f()
  end
end
print(s)
local state = setmetatable({}, {})
local states = {idle = {act = function(x)
  getmetatable(x).__index = x.states.busy
  return "idle"
end}, busy = {act = function(x)
  getmetatable(x).__index = x.states.idle
  return "busy"
end}}
state.states = states
getmetatable(state).__index = states.idle
local cnt = {}
for i = 1, 3001 do
  local r = state:act()
  cnt[r] = (cnt[r] or 0) + 1
end
print(cnt.idle, cnt.busy)
