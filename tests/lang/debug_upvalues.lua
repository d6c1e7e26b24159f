-- getupvalue, setupvalue, upvalueid, upvaluejoin.
local a, b, c = 1, 2, 3
local function f() return a + b end
local function g() return b * c end
print(debug.getupvalue(f, 1))
print(debug.getupvalue(f, 2))
print(debug.getupvalue(f, 3))
print(debug.setupvalue(f, 1, 10), a, f())
print(debug.upvalueid(f, 2) == debug.upvalueid(g, 1), debug.upvalueid(f, 1) == debug.upvalueid(g,
    1))
debug.upvaluejoin(f, 1, g, 2)
print(f())
c = 100
print(f(), a)
print(debug.setupvalue(f, 5, 0), debug.getupvalue(f, 0), debug.getupvalue(print, 1))
print(pcall(debug.upvalueid, f, 5))
print(pcall(debug.upvaluejoin, f, 5, g, 1))
print(pcall(debug.upvaluejoin, f, 1, g, 5))
print(pcall(debug.upvaluejoin, print, 1, f, 1))
print(pcall(debug.getupvalue, 1, 1))
print(pcall(debug.getupvalue, f))
local main = load("return x", "c", "t", {x = "env"})
print((debug.getupvalue(main, 1)), select(2, debug.getupvalue(main, 1)).x)
local chunk = load("return y")
print((debug.getupvalue(chunk, 1)), debug.setupvalue(chunk, 1, {y = "replaced env"}), chunk())
local n = 0
local function inc() n = n + 1 return n end
for i = 1, 3000 do
  if i == 2000 then debug.setupvalue(inc, 1, 0) end
  inc()
end
print(n)
local k = 5
local function usek(x) return x * k end
local s = 0
for i = 1, 4000 do
  if i == 2000 then
    debug.setupvalue(usek, 1, 2)
  elseif i == 3000 then
    debug.setupvalue(usek, 1, 0.5)
  end
  s = s + usek(i)
end
print(s, k)
local helper = function() return "one" end
local function usehelper() return helper() end
for i = 1, 3000 do usehelper() end
debug.setupvalue(usehelper, 1, function() return "two" end)
print(usehelper())
local function counter()
  local i = 0
  return function() i = i + 1 return i end
end
local c1, c2 = counter(), counter()
c1()
c1()
debug.upvaluejoin(c2, 1, c1, 1)
print(c2(), c1(), debug.upvalueid(c1, 1) == debug.upvalueid(c2, 1))
print(type(debug.upvalueid(f, 1)))
local stripped = load(string.dump(function() return a, b end, true))
print((debug.getupvalue(stripped, 1)), (debug.getupvalue(stripped, 2)))
