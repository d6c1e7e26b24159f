-- A method replaced after objects exist and the call site is hot.
local C = {}
C.__index = C
function C:f() return 1 end
local o = setmetatable({}, C)
local function call(x) return x:f() end
local s = 0
for i = 1, 10000 do
  if i == 2500 then
    C.f = function() return 10 end
  elseif i == 5000 then
    o.f = function() return 100 end
  elseif i == 7500 then
    o.f = nil
  end
  s = s + call(o)
end
print(s)
C.f = nil
print(pcall(call, o))
function C:f() return "back" end
print(call(o))
local B = {g = function() return 1 end}
local D = setmetatable({}, {__index = B})
D.__index = D
local d = setmetatable({}, D)
s = 0
for i = 1, 6000 do
  if i == 2000 then
    D.g = function() return 2 end
  elseif i == 4000 then
    D.g = nil
    B.g = function() return 3 end
  end
  s = s + d:g()
end
print(s)
local t = {h = function() return 1 end}
s = 0
for i = 1, 4000 do
  s = s + t.h()
  if i % 1000 == 0 then
    local k = i
    t.h = function() return k end
  end
end
print(s)
local W = {}
W.__index = W
function W:step()
  if self.n == 1500 then function W:step() self.n = self.n + 2 end end
  self.n = self.n + 1
end
local w = setmetatable({n = 0}, W)
for i = 1, 3000 do w:step() end
print(w.n)
local function wrap(cls, name, before)
  local old = cls[name]
  cls[name] = function(self, ...)
    before(self, ...)
    return old(self, ...)
  end
end
local K = {}
K.__index = K
function K:add(n) self.v = self.v + n return self.v end
local k, count = setmetatable({v = 0}, K), 0
for i = 1, 2000 do
  if i == 1000 then
    wrap(K, "add", function() count = count + 1 end)
  end
  k:add(1)
end
print(k.v, count)
C.kind = "number"
C.size = 1
s = 0
for i = 1, 4000 do
  s = s + #o.kind * o.size
  if i == 1000 then
    C.kind = "str"
  elseif i == 2000 then
    C.size = 2.5
  elseif i == 3000 then
    C.size = 3
  end
end
print(s)
