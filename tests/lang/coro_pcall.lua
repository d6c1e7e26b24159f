-- Yield across pcall, xpcall, and nested ones; errors after resuming.
local co = coroutine.wrap(function()
  local r = table.pack(pcall(function(...)
    print("in", ...)
    local x = coroutine.yield("y1")
    print("resumed", x)
    error("after " .. x, 0)
  end, 1, 2))
  print(table.unpack(r, 1, r.n))
  local ok, v = pcall(coroutine.yield, "y2")
  print(ok, v)
  return xpcall(function()
    coroutine.yield("y3")
    error("E")
  end, function(m) return "H:" .. m:gsub("^.-:%d+: ", "") end)
end)
print(co())
print(co("A"))
print(co("B"))
print(co())
co = coroutine.wrap(function()
  return pcall(pcall, pcall, function()
    coroutine.yield(1)
    error("deep", 0)
  end)
end)
print(co())
print(co())
co = coroutine.wrap(function()
  for i = 1, 3 do
    local ok, e = pcall(function()
      if coroutine.yield(i) then error(i, 0) end
      return "fine" .. i
    end)
    coroutine.yield(tostring(ok) .. tostring(e))
  end
end)
print(co(), co(true), co(), co(false), co(), co(true))
co = coroutine.create(function() return select("#", pcall(coroutine.yield)) end)
print(coroutine.resume(co))
print(coroutine.resume(co, 1, 2, 3))
co = coroutine.wrap(function() return xpcall(coroutine.yield, debug.traceback, "through") end)
print(co())
print(co("back"))
local n = 0
co = coroutine.wrap(function()
  for i = 1, 2000 do
    pcall(function()
      coroutine.yield(i)
      n = n + 1
      if i % 2 == 0 then error() end
      n = n + 1
    end)
  end
  return "done"
end)
local r
repeat r = co() until r == "done"
print(n)
co = coroutine.wrap(function() error({code = 1}) end)
local ok, e = pcall(co)
print(ok, type(e), e.code)
co = coroutine.wrap(function() error("with position") end)
print(pcall(co))
co = coroutine.wrap(function()
  local x = nil
  ;
  x()
end)
print(pcall(co))
print(coroutine.resume(coroutine.create(function() error() end)))
print(coroutine.resume(coroutine.create(function() error(nil) end)))
co = coroutine.create(function()
  xpcall(function() error("x") end, function() coroutine.yield("from handler") end)
end)
print(coroutine.resume(co))
