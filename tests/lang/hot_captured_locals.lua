-- Loop variables and accumulators captured by closures that change them behind the loop's back.
local x = 0
local function bump() x = x + 1 end
local s = 0
for i = 1, 6000 do
  bump()
  s = s + x
  if i % 100 == 0 then x = 0 end
end
print(s, x)
local function make()
  local n, log = 0, 0
  local function add(k) n = n + k end
  for i = 1, 5000 do
    local before = n
    add(i)
    if n ~= before + i then log = log + 1 end
    if i == 2500 then
      add = function(k) n = n + k log = log + 1 end
    end
  end
  return n, log
end
print(make())
local fs = {}
for i = 1, 3000 do
  local v = i
  local function get() return v end
  v = v + 1
  fs[i % 10 + 1] = get
end
s = 0
for i = 1, 10 do s = s + fs[i]() end
print(s)
local co = coroutine.wrap(function()
  local c = 0
  local function step() c = c + 1 coroutine.yield(c) end
  while true do
    step()
    c = c * 2
    if c > 1000 then c = 0 end
  end
end)
s = 0
for i = 1, 3000 do s = s + co() end
print(s)
local function shared()
  local a, b = 0, 0
  return function()
    a = a + 1
    return b
  end, function()
    b = b + a
    return a
  end
end
local p, q = shared()
s = 0
for i = 1, 3000 do s = s + p() + q() end
print(s)
local acc = 0
for i = 1, 2000 do
  local j = i
  pcall(function()
    j = j * 2
    if j % 3 == 0 then error("x") end
    j = j + 1
  end)
  acc = acc + j
end
print(acc)
