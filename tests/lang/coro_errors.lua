-- Errors inside coroutines: status, objects, propagation through wrap, sort callbacks.
local co = coroutine.create(function()
  local function deep() error("deep error") end
  deep()
end)
print(coroutine.resume(co))
print(coroutine.status(co), coroutine.resume(co))
print((debug.traceback(co):gsub("\n\t", " | ")))
local w = coroutine.wrap(function()
  coroutine.wrap(function() error("inner") end)()
end)
print(pcall(w))
w = coroutine.wrap(function()
  coroutine.wrap(function() error({v = 5}) end)()
end)
print(select(2, pcall(w)).v)
print(coroutine.resume(coroutine.create(function()
  return table.sort({1, 2, 3}, function() error("in comparator", 0) end)
end)))
print(coroutine.resume(coroutine.create(function()
  return ("x"):gsub("x", function() error("in gsub", 0) end)
end)))
local log = {}
for i = 1, 5 do
  local ok, e = coroutine.resume(coroutine.create(function(n)
    if n % 2 == 0 then error("even " .. n, 0) end
    return n
  end), i)
  log[#log + 1] = tostring(e)
end
print(table.concat(log, ", "))
local c2 = coroutine.create(function()
  local ok = pcall(error, "caught")
  coroutine.yield(ok)
  error("second", 0)
end)
print(coroutine.resume(c2))
print(coroutine.resume(c2))
print(coroutine.close(c2), coroutine.status(c2))
local c3 = coroutine.create(function() error("kept", 0) end)
coroutine.resume(c3)
print(coroutine.close(c3))
print(coroutine.close(c3))
local function rec(n)
  if n == 0 then error("bottom", 0) end
  local c = coroutine.create(rec)
  local ok, e = coroutine.resume(c, n - 1)
  error(e .. n, 0)
end
print(pcall(rec, 9))
local function nest(n)
  if n == 0 then return "deep enough" end
  return coroutine.wrap(nest)(n - 1)
end
print(nest(100))
print((select(2, pcall(nest, 1000))):match("C stack overflow"))
local n = 0
for i = 1, 1500 do
  local ok = coroutine.resume(coroutine.create(function()
    local t = nil
    return t.x
  end))
  if not ok then n = n + 1 end
end
print(n)
print(pcall(coroutine.wrap(function() return 1 < "x" end)))
print(xpcall(coroutine.wrap(function() error("e", 0) end), function(m) return "H " .. m end))
