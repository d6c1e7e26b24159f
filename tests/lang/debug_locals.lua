-- debug.getlocal and setlocal: parameters, varargs, order, active ranges.
local function names(level)
  local r, i = {}, 1
  while true do
    local n, v = debug.getlocal(level + 1, i)
    if not n then break end
    if n:sub(1, 1) ~= "(" then r[#r + 1] = n .. "=" .. tostring(v) end
    i = i + 1
  end
  return table.concat(r, " ")
end
local function f(a, b, ...)
  local c = a + b
  do local d = c * 2 print(names(1)) end
  for i = 1, 1 do local e = i print(names(1)) end
  local c = "shadow"
  print(names(1))
  print(debug.getlocal(1, -1))
  print(debug.getlocal(1, -2))
  print(debug.getlocal(1, -3))
end
f(1, 2, "va1", "va2")
local function g(x, y)
  debug.setlocal(1, 1, "changed")
  print(debug.setlocal(1, 2, 7), debug.setlocal(1, 50, 1))
  return x, y
end
print(g(1, 2))
local function v(...)
  print(debug.setlocal(1, -1, "new"))
  return ...
end
print(v("old", "kept"))
print(debug.getlocal(f, 1), debug.getlocal(f, 2), debug.getlocal(f, 3))
print(debug.getlocal(print, 1))
print(pcall(debug.getlocal, 100, 1))
print(pcall(debug.getlocal, 1))
print(pcall(debug.setlocal, 100, 1, 1))
local co = coroutine.create(function(p)
  local q = p * 2
  coroutine.yield()
  return q
end)
coroutine.resume(co, 21)
print(debug.getlocal(co, 1, 1))
print(debug.getlocal(co, 1, 2))
print(debug.setlocal(co, 1, 2, "set from outside"))
print(coroutine.resume(co))
local function hot(n)
  local s = 0
  for i = 1, n do
    s = s + i
    if i == 3000 then debug.setlocal(1, 2, 0) end
  end
  return s
end
print(hot(5000))
local function caller()
  local secret = 1
  local function poke()
    local i = 1
    while true do
      local n = debug.getlocal(2, i)
      if n == "secret" then debug.setlocal(2, i, "poked") return end
      i = i + 1
    end
  end
  poke()
  return secret
end
print(caller())
for i = 1, 3000 do caller() end
print(caller())
for k, w in pairs{1} do
  local i, st = 1, {}
  while true do
    local n = debug.getlocal(1, i)
    if not n then break end
    if n == "(for state)" then st[#st + 1] = n end
    i = i + 1
  end
  print(#st)
end
for k = 1, 1 do
  local i, st = 1, 0
  while true do
    local n = debug.getlocal(1, i)
    if not n then break end
    if n == "(for state)" then st = st + 1 end
    i = i + 1
  end
  print(st)
end
