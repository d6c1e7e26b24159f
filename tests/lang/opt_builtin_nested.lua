-- Library functions whose results are the arguments of other calls, in hot code.
local floor, sqrt, max, char, byte, sub = math.floor, math.sqrt, math.max, string.char, string.byte, string.sub
local function nested(i) return max(1, floor(sqrt(i))) + byte(char(i % 256)) + #tostring(floor(i / 3)) + select("#", floor(i), sqrt(i)) end
local function mine(a, b) return a + (b or 0.5) end
local function args(i) local x = mine(floor(i / 2), sqrt(i)) local y = mine(sqrt(i)) return x + y + max(floor(i), mine(floor(i))) end
local s = 0
for i = 1, 3000 do s = s + nested(i) + floor(args(i)) end
print(s)
print(pcall(nested, "x"), pcall(args, {}), nested("16"), args("16"))
local function open(t, i) t[#t + 1] = max(i, floor(i / 2)) return #t, table.concat({sub("abc", 2), sub("xyz", i % 3 + 1)}, floor(i)) end
local t = {}
for i = 1, 500 do open(t, i) end
print(open(t, 7))
local real = math.floor
for i = 1, 600 do
  if i == 500 then floor = function(x) return x, 1000, 2000 end end
  s = s + max(1, floor(i))
end
print(s)
local function tail(i) return mine(sqrt(i)) end
local function many(i) return max(floor(i)) end
for i = 1, 900 do s = s + tail(i) + many(i) end
print(real(s), select("#", many(1)), select("#", tail(1)))
print((select(2, xpcall(function() for i = 400, -1, -1 do local x = max(sqrt(i), char(i)) end end, debug.traceback)):gsub("\n.*in main chunk.*", "")))
local co = coroutine.wrap(function() for i = 1, 400 do local x = mine(sqrt(i), i % 100 == 0 and coroutine.yield(floor(i)) or 1) end end)
print(co(), co(), co())
