-- Call and return hooks: exact sequence of events and names.
local log = {}
local function hook(event)
  local i = debug.getinfo(2, "nS")
  if i.what ~= "C" or i.name ~= "sethook" then log[#log + 1] = event .. ":" .. tostring(i.name) end
end
local function leaf() return 1 end
local function mid() return leaf() + leaf() end
local function tail() return leaf() end
local obj = {method = function(self) return leaf() end}
local function run(f)
  log = {}
  debug.sethook(hook, "cr")
  f()
  debug.sethook()
  print(table.concat(log, " "))
end
local function a() local x = mid() end
run(a)
local function b() local x = tail() end
run(b)
local function c() obj:method() obj.method() end
run(c)
local function d() local x = math.abs(-1) local y = ("x"):rep(2) end
run(d)
local function e() pcall(error, "x") end
run(e)
local function g()
  local t = setmetatable({}, {__index = function() return 1 end, __add = function() return 2 end})
  local x, y = t.k, t + 1
end
run(g)
local function h()
  for i in function(_, i) if not i then return 1 end end do end
end
run(h)
local counts = {}
local function tally(ev) counts[ev] = (counts[ev] or 0) + 1 end
local function work() for i = 1, 500 do leaf() end end
debug.sethook(tally, "c")
work()
debug.sethook()
print(counts.call, counts["return"])
counts = {}
local function tails(n) if n > 0 then return tails(n - 1) end end
debug.sethook(tally, "c")
tails(100)
debug.sethook()
print(counts["tail call"])
print(debug.gethook())
local function hk() end
debug.sethook(hk, "crl", 100)
local f, m, n = debug.gethook()
debug.sethook()
print(f == hk, m, n)
print(debug.gethook())
local co = coroutine.create(function()
  leaf()
  coroutine.yield()
  leaf()
end)
log = {}
debug.sethook(co, hook, "c")
coroutine.resume(co)
coroutine.resume(co)
print(table.concat(log, " "))
print(debug.gethook(co) == hook, (debug.gethook()))
