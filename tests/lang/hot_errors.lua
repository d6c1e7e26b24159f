-- Errors thrown from code that is hot, and the state they leave behind.
local function risky(i, log)
  log.n = log.n + 1
  if i % 5 == 0 then error({i = i}) end
  local t = nil
  if i % 7 ~= 0 then t = {v = i} end
  return t.v
end
local log, good, bad, nils = {n = 0}, 0, 0, 0
for i = 1, 7000 do
  local ok, r = pcall(risky, i, log)
  if ok then
    good = good + r
  elseif type(r) == "table" then
    bad = bad + r.i
  else
    nils = nils + 1
  end
end
print(log.n, good, bad, nils)
local function deep(n)
  if n == 0 then error("bottom", 0) end
  local r = deep(n - 1)
  return r + 1
end
local c = 0
for i = 1, 500 do
  local ok, e = pcall(deep, i % 40)
  if e == "bottom" then c = c + 1 end
end
print(c)
local state = 0
local function partial(i)
  state = state + 1
  local x = i % 100 == 0 and {} or i
  state = state + x
  state = state + 1
end
for i = 1, 5000 do pcall(partial, i) end
print(state)
print(pcall(partial, 100))
local closed = 0
for i = 1, 2000 do
  pcall(function()
    local c <close> = setmetatable({}, {__close = function() closed = closed + 1 end})
    if i % 3 == 0 then
      local z = nil
      ;
      z()
    end
  end)
end
print(closed)
local s = 0
for i = 1, 3000 do
  local ok, e = pcall(function() return i // (i % 4) end)
  if ok then s = s + e else s = s + 1 end
end
print(s)
local function traced(i)
  if i == 4000 then return (debug.traceback("trace")) end
  return i
end
local last
for i = 1, 4000 do last = traced(i) end
print((last:gsub("\n\t", "\n  ")))
local ok, e = pcall(function()
  for i = 1, 5000 do
    local v = i
    if i == 4321 then v = v .. {} end
  end
end)
print(e)
local co = coroutine.create(function()
  for i = 1, 5000 do if i == 4999 then error("late") end end
end)
print(coroutine.resume(co))
print((debug.traceback(co):gsub("\n\t", "\n  ")))
