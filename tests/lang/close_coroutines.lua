-- To-be-closed variables in coroutines: closing a suspended one, yields inside __close.
local function res(name)
  return setmetatable({}, {__close = function(_, e) print("close", name, e) end})
end
local co = coroutine.create(function()
  local a <close> = res "a"
  local b <close> = res "b"
  coroutine.yield(1)
  print "never"
end)
print(coroutine.resume(co))
print(coroutine.status(co), coroutine.close(co))
print(coroutine.status(co), coroutine.close(co))
local function ymt(name)
  return setmetatable({}, {__close = function(_, e)
    print("enter", name, e)
    local got = coroutine.yield("from " .. name)
    print("leave", name, got)
  end})
end
co = coroutine.wrap(function(...)
  local x <close> = ymt "x"
  local y <close> = ymt "y"
  return "result", ...
end)
print(co("arg"))
print(co("r1"))
print(co("r2"))
co = coroutine.wrap(function()
  return pcall(function()
    local x <close> = ymt "x"
    local y <close> = ymt "y"
    error("E", 0)
  end)
end)
print(co())
print(co(1))
print(co(2))
co = coroutine.wrap(function()
  for i = 1, 2 do local x <close> = ymt("loop" .. i) end
  do local z <close> = ymt "block" goto done end
  ::done::
  return "end"
end)
print(co())
print(co())
print(co())
print(co())
co = coroutine.create(function()
  local a <close> = setmetatable({}, {__close = function(_, e)
    print("a", e)
    error("close error", 0)
  end})
  local b <close> = res "b"
  coroutine.yield()
end)
coroutine.resume(co)
print(coroutine.close(co))
print(coroutine.status(co))
co = coroutine.create(function()
  local a <close> = setmetatable({}, {__close = function(_, err) print("close kept", err.code) end})
  error({code = 7})
end)
local ok, e = coroutine.resume(co)
print(ok, type(e), e.code, coroutine.status(co))
local cok, ce = coroutine.close(co)
print(cok, ce == e)
co = coroutine.wrap(function()
  for k in function(_, i)
    i = (i or 0) + 1
    if i < 3 then return i end
  end, nil, nil, ymt "iter" do
    coroutine.yield(k)
  end
  return "over"
end)
print(co())
print(co())
print(co())
print(co("z"))
print(coroutine.close(coroutine.create(print)))
print(pcall(coroutine.close, coroutine.running()))
local w = coroutine.wrap(function()
  local c <close> = res "wrapped"
  error("err", 0)
end)
print(pcall(w))
local outer = coroutine.create(function()
  local o <close> = res "outer"
  local inner = coroutine.create(function()
    local i <close> = res "inner"
    coroutine.yield()
  end)
  coroutine.resume(inner)
  coroutine.yield(inner)
end)
local _, inner = coroutine.resume(outer)
print(coroutine.close(outer), coroutine.status(inner), coroutine.close(inner))
