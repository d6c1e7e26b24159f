-- To-be-closed variables: reverse order, each way out of a block, values of the error.
local function res(name)
  return setmetatable({name = name}, {__close = function(o, e) print("close " .. o.name, e) end})
end
do
  local a <close> = res "a"
  local b <close> = res "b"
  local plain = 1
  local c <close> = res "c"
  print("body")
end
local function f() local a <close> = res "f" return "result", 2 end
print(f())
for i = 1, 3 do
  local x <close> = res("loop" .. i)
  if i == 2 then break end
end
while true do local x <close> = res "while" break end
repeat local x <close> = res "repeat" until true
do local x <close> = res "goto" goto out end
::out::
print(pcall(function()
  local a <close> = res "e1"
  local b <close> = res "e2"
  error("boom", 0)
end))
do
  local n <close> = nil
  local fa <close> = false
  print("nil and false are allowed")
end
print(pcall(function() local bad <close> = {} end))
print(pcall(function() local bad <close> = 42 end))
print(pcall(function() local bad <close> = "str" print "never" end))
local function tail()
  local a <close> = res "no tail call"
  return select("#", f())
end
print(tail())
local function nested()
  local a <close> = res "outer"
  do local b <close> = res "inner" end
  print "between"
  return "r"
end
print(nested())
local function va(...) local a <close> = res "va" return ... end
print(va(1, nil, 3))
print((function()
  local a <close> = setmetatable({}, {__close = function() print("closing sees no result") end})
  return (function() print("evaluate first") return 1 end)()
end)())
local n = 0
local mt = {__close = function() n = n + 1 end}
for i = 1, 3000 do
  local x <close> = setmetatable({}, mt)
  if i % 2 == 0 then goto c end
  n = n + 1
  ::c::
end
print(n)
