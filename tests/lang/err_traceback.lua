-- debug.traceback: levels, messages, threads, tail calls, method and field names.
local function strip(s) return (s:gsub("\n\t", "\n  ")) end
local function level3() return strip(debug.traceback("msg")) .. "" end
local function level2() local r = level3() return r end
function globalfn() local r = level2() return r end
print(globalfn())
local t = {method = function(self) local r = globalfn() return r end}
print(t:method())
print(strip(debug.traceback("skip", 2)))
print(debug.traceback(nil))
print(debug.traceback(5))
print(debug.traceback({}) ~= nil, type(debug.traceback({})))
print(strip(debug.traceback("level 0", 0)))
local function tail() return debug.traceback("in tail") end
local function caller() return tail() end
print(strip((caller())))
local co = coroutine.create(function()
  local function inner() coroutine.yield() end
  inner()
end)
print(strip(debug.traceback(co)))
coroutine.resume(co)
print(strip(debug.traceback(co)))
print(strip(debug.traceback(co, "with message")))
print(strip(debug.traceback(co, nil, 1)))
print(strip(debug.traceback(co, "m", 2)))
coroutine.resume(co)
print(strip(debug.traceback(co, "dead")))
local mt = setmetatable({}, {__add = function()
  local r = debug.traceback("meta")
  return r
end, __index = function(_, k)
  local r = debug.traceback(k)
  return r
end})
print(strip(mt + 1))
print(strip(mt.field))
print(strip(select(2, xpcall(function()
  local x = nil
  ;
  x.y = 1
end, debug.traceback))))
print(strip(select(2, xpcall(function() string.rep() end, debug.traceback))))
table.sort({2, 1}, function(a, b)
  io.write(strip(debug.traceback("sorting")), "\n")
  return a < b
end)
for k in function() io.write(strip(debug.traceback("iterating")), "\n") end do end
local function deep(n)
  if n == 0 then return strip(debug.traceback("deep")) end
  local r = deep(n - 1)
  return r
end
print(deep(30))
print(load("return (function() local s = debug.traceback('chunk') return s end)()", "=named")())
print(strip(load("local s = debug.traceback('chunk') return s", "@file.lua")()))
print(strip(load("local s = debug.traceback('chunk') return s")()))
