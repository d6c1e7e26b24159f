-- Metatables of non-table types, shared by all values of the type.
debug.setmetatable(nil, {__index = function(_, k) return "nil." .. k end, __add = function(a, b)
  return "nil+" .. tostring(b)
end})
print((nil).x, nil + 1, undefinedglobal.foo)
debug.setmetatable(nil, nil)
print(pcall(function() return (nil).x end))
debug.setmetatable(true, {__index = {name = "boolean"}, __call = function(b, x)
  return b and x or "no"
end})
print((true).name, (false).name, (true)(5), (false)(5))
debug.setmetatable(true, nil)
debug.setmetatable(print, {__index = {arity = "any"}, __add = function(f, g)
  return function(...) return f(g(...)) end
end})
print(print.arity, (tostring + math.abs)(-5), (function() end).arity)
debug.setmetatable(print, nil)
print(pcall(function() return print.arity end))
debug.setmetatable(1, {__index = {double = function(x) return x * 2 end, PI = 3}, __concat = function(
    a, b) return "cat" end})
print((5):double(), (2.5):double(), (1).PI, 1 .. 2, pcall(function() return 1 .. {} end))
local s = 0
for i = 1, 2000 do s = s + i:double() end
print(s)
debug.setmetatable(1, nil)
local co = coroutine.create(print)
debug.setmetatable(co, {__index = coroutine})
print(co:status(), co:close())
debug.setmetatable(co, nil)
local smt = getmetatable("")
local old = smt.__index
smt.__index = function(str, k)
  if type(k) == "number" then return old.sub(str, k, k) end
  return old[k]
end
print(("hello")[1], ("hello")[-1], ("x"):upper())
local r = {}
local w = "lunar"
for i = 1, #w do r[i] = w[i] end
print(table.concat(r, "-"))
smt.__index = old
print(("x")[1])
smt.__mod = function(a, b)
  return type(b) == "table" and a:format(table.unpack(b)) or a:format(b)
end
print("%d-%s" % {5, "x"}, "<%5.1f>" % 2.25)
smt.__unm = string.reverse
print(-"abc")
smt.__unm = nil
print(pcall(function() return -"abc" end))
