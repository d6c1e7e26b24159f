-- __gc: order, resurrection, marking at setmetatable, errors, cycles.
local log = {}
local function mk(n)
  return setmetatable({n = n}, {__gc = function(o) log[#log + 1] = o.n end})
end
do local a, b, c = mk "a", mk "b", mk "c" end
collectgarbage()
print(table.concat(log, " "))
log = {}
local saved
do
  local r = setmetatable({v = 1}, {__gc = function(o)
    saved = o
    log[#log + 1] = "resurrected"
  end})
end
collectgarbage()
print(table.concat(log), saved and saved.v)
saved = nil
collectgarbage()
print(#log)
log = {}
do
  local t = setmetatable({}, {})
  getmetatable(t).__gc = function() log[#log + 1] = "late" end
end
collectgarbage()
print(#log)
do
  local t = setmetatable({}, {__gc = true})
  getmetatable(t).__gc = function() log[#log + 1] = "marked" end
end
collectgarbage()
print(table.concat(log))
log = {}
do local x, y = mk "x", mk "y" x.other, y.other = y, x end
collectgarbage()
table.sort(log)
print(table.concat(log, " "))
local again = 0
do
  local t = setmetatable({}, {})
  local mt = getmetatable(t)
  mt.__gc = function(o)
    again = again + 1
    if again < 3 then setmetatable(o, mt) end
  end
  setmetatable(t, mt)
end
for i = 1, 5 do collectgarbage() end
print(again)
local w = setmetatable({}, {__mode = "v"})
local wk = setmetatable({}, {__mode = "k"})
local seenv, seenk
do
  local t = setmetatable({}, {__gc = function(o) seenv, seenk = w[1], wk[o] end})
  w[1] = t
  wk[t] = "still in weak keys"
end
collectgarbage()
print(seenv, seenk)
collectgarbage()
print(next(wk))
local n = 0
for i = 1, 1000 do
  setmetatable({}, {__gc = function() n = n + 1 end})
end
collectgarbage()
print(n)
globalfirst = setmetatable({}, {__gc = function() print("closing state: first created") end})
globalkeep = setmetatable({}, {__gc = function()
  print("closing state: last created, last marked is finalized first")
end})
print(collectgarbage("isrunning"))
do
  local t = setmetatable({}, {__gc = function()
    log = collectgarbage("count") == 0 and "zero" or "gc inside finalizer answered"
  end})
end
collectgarbage()
print(log)
