-- Line hooks: the exact sequence of lines.
local function trace(f, ...)
  local lines, base = {}, debug.getinfo(f, "S").linedefined
  debug.sethook(function(_, l)
    if debug.getinfo(2, "f").func == f then lines[#lines + 1] = l - base end
  end, "l")
  f(...)
  debug.sethook()
  print(table.concat(lines, " "))
end
trace(function()
  local a = 1
  local b = 2

  local c = a
    + b
  return c
end)
trace(function()
  for i = 1, 3 do
    local x = i
  end
end)
trace(function(n)
  local i = 0
  while i < n do
    i = i + 1
    if i == 2 then
      i = i + 0
    else
      i = i * 1
    end
  end
end, 3)
trace(function()
  repeat
    local x = 1
  until x
  do
    local y = 2
  end
  for _, v in ipairs{1, 2} do
    local z = v
  end
end)
trace(function()
  local i = 1
  ::top::
  i = i + 1
  if i < 4 then goto top end
end)
trace(function() local a = 1 local b = 2 for i = 1, 3 do a = a + i end end)
local function callee()
  return 1
end
trace(function()
  local x = callee()
  local y = callee() +
    callee()
  local t = {
    a = 1,
    b = callee(),
  }
end)
print(debug.gethook())
