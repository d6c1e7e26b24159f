-- Count hooks fire in proportion to work, can stop a loop, and survive errors.
local n = 0
debug.sethook(function() n = n + 1 end, "", 1000)
for i = 1, 100000 do end
debug.sethook()
print(n > 50 and n < 1000)
local function limited(f, limit)
  local co = coroutine.create(f)
  debug.sethook(co, function() error("instruction limit", 0) end, "", limit)
  return coroutine.resume(co)
end
print(limited(function() while true do end end, 10000))
print(limited(function() return "short" end, 10000))
print(limited(function()
  local function r() return r() end
  r()
end, 5000))
print(limited(function()
  local t = {}
  for i = 1, math.huge do t[i % 10] = i end
end, 5000))
print(limited(function()
  pcall(function() while true do end end)
  return "caught inside"
end, 5000))
local ok, e = pcall(function()
  debug.sethook(function() debug.sethook() error("from hook", 0) end, "l")
  local x = 1
  local y = 2
end)
debug.sethook()
print(ok, e)
local lines = 0
debug.sethook(function() lines = lines + 1 end, "l")
for i = 1, 100 do local x = i end
debug.sethook()
print(lines >= 100)
local co = coroutine.create(function()
  local a = 1
  local b = 2
  coroutine.yield(a + b)
  return "end"
end)
local seen = {}
debug.sethook(co, function(_, l) seen[#seen + 1] = l end, "l")
print(coroutine.resume(co))
print(coroutine.resume(co))
print(#seen >= 3)
local function hot()
  local s = 0
  for i = 1, 3000 do s = s + i end
  return s
end
for i = 1, 5 do hot() end
local fired = 0
debug.sethook(function() fired = fired + 1 end, "", 100)
print(hot())
debug.sethook()
print(fired > 10)
print(hot())
