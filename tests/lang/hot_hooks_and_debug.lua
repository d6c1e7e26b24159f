-- Hooks, setlocal and setupvalue that strike while a function is hot.
local function work(n)
  local s = 0
  for i = 1, n do s = s + i end
  return s
end
for i = 1, 300 do work(20) end
local lines = 0
debug.sethook(function() lines = lines + 1 end, "l")
local r = work(100)
debug.sethook()
print(r, lines >= 100)
local calls = 0
local function leaf(x) return x + 1 end
local function callmany(n)
  local s = 0
  for i = 1, n do s = leaf(s) end
  return s
end
for i = 1, 300 do callmany(20) end
debug.sethook(function() calls = calls + 1 end, "c")
callmany(500)
debug.sethook()
print(calls >= 501, calls <= 503)
local function poke(level, name, value)
  local i = 1
  while true do
    local n = debug.getlocal(level + 1, i)
    if not n then return false end
    if n == name then debug.setlocal(level + 1, i, value) return true end
    i = i + 1
  end
end
local function poked(n, at)
  local acc, kind = 0, "int"
  for i = 1, n do
    if i == at then poke(1, "acc", 0.5) poke(1, "kind", "float") end
    acc = acc + 1
  end
  return acc, kind
end
for i = 1, 200 do poked(20, 0) end
print(poked(5000, 2500))
print(poked(5000, 0))
local k = 3
local function mul(x) return x * k end
local s = 0
for i = 1, 4000 do
  if i == 2000 then
    debug.setupvalue(mul, 1, 4)
  elseif i == 3000 then
    debug.setupvalue(mul, 1, "5")
  end
  s = s + mul(1)
end
print(s, k)
local function stop(n)
  local t = 0
  for i = 1, n do t = t + i end
  return t
end
for i = 1, 200 do stop(50) end
debug.sethook(function()
  debug.sethook()
  error("stopped by hook", 0)
end, "", 1000)
print(pcall(stop, 1e9))
print(stop(10))
local seen = {}
local function who()
  local i = debug.getinfo(2, "nl")
  seen[#seen + 1] = tostring(i.name) .. ":" .. tostring(i.currentline > 0)
  return #seen
end
local function asker(n)
  local z
  for i = 1, n do z = i end
  return (who()) + z
end
for i = 1, 200 do asker(10) end
print(seen[1] == seen[200], #seen, seen[200])
local function names()
  local t, i = {}, 1
  while true do
    local n, v = debug.getlocal(2, i)
    if not n then break end
    if n:sub(1, 1) ~= "(" then t[#t + 1] = n .. "=" .. tostring(v) end
    i = i + 1
  end
  return table.concat(t, " ")
end
local function holder(a, b)
  local c = a + b
  local d = c * 2
  local text = names()
  return text, d
end
local text
for i = 1, 2000 do text = holder(i, 0.5) end
print(text)
