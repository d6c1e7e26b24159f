-- Errors, tracebacks and the debug library inside inlined functions.
local function index(t, k) return t[k] end
local function field(t) return t.x.y end
local function arith(a, b) local before = a local c = a + b return c + before - before end
local function outer_arith(a, b)
  local kept = a
  local r = arith(a, b)
  return r + kept - kept
end
local function deepest(a, b) local r = outer_arith(a, b) return r end
local function loop(n, bad)
  local s = 0
  for i = 1, n do
    local mark = i * 2
    s = s + deepest(i, i == n and bad or 1) + mark
  end
  return s
end
for _ = 1, 20 do loop(50) end
print(loop(100))
print(pcall(loop, 100, "x"))
print(pcall(loop, 100, {}))
print(pcall(loop, 100, false))
print(loop(100, 0.5), loop(100, "10"))
print(select(2, xpcall(loop, debug.traceback, 100, {})))

local meta = {__add = function(a, b)
  local names = {}
  for level = 2, 5 do
    local info = debug.getinfo(level, "nl")
    names[#names + 1] = tostring(info.name) .. ":" .. info.currentline
    local n = 1
    while true do
      local name, value = debug.getlocal(level, n)
      if name == nil then break end
      if name:sub(1, 1) ~= "(" then names[#names + 1] = name .. "=" .. (type(value) == "table" and "table" or tostring(value)) end
      n = n + 1
    end
  end
  print(table.concat(names, " "))
  return 1000
end}
print(loop(60, setmetatable({}, meta)))

local function fields(n, bad)
  local s = 0
  for i = 1, n do s = s + field(i == n and bad or {x = {y = i}}) end
  return s
end
for _ = 1, 20 do fields(30) end
print(pcall(fields, 30, {}))
print(pcall(fields, 30, {x = 1}))
print(pcall(fields, 30, {x = setmetatable({}, {__index = function(_, k) return #k end})}))
print(pcall(fields, 30, "str"))

local function indexes(n, t)
  local s = 0
  for i = 1, n do s = s + index(t, i) end
  return s
end
local list = {}
for i = 1, 50 do list[i] = i end
for _ = 1, 20 do indexes(50, list) end
print(pcall(indexes, 51, list))
list[20] = "7"
print(pcall(indexes, 50, list))
list[20] = print
print(pcall(indexes, 50, list))
print(pcall(indexes, 50, nil))

-- error() called by an inlined function once in a while
local function check(x) if x < 0 then error("negative: " .. x) end return x end
local function checked(x) return (check(x)) end
local function checks(n, last)
  local s = 0
  for i = 1, n do s = s + checked(i == n and last or i) end
  return s
end
for _ = 1, 20 do checks(40, 1) end
print(pcall(checks, 40, -5))
print(pcall(checks, 40, -6))
print(select(2, xpcall(checks, debug.traceback, 40, -7)))

-- tail calls inside inlined functions
local function callee(x) return x.v end
local function tailing(x) return callee(x) end
local function above(x) local r = tailing(x) return r end
local function tails(n, bad)
  local s = 0
  for i = 1, n do s = s + above(i == n and bad or {v = i}) end
  return s
end
for _ = 1, 20 do tails(30) end
print(pcall(tails, 30))
print(select(2, xpcall(tails, debug.traceback, 30, 1)))
print(select(2, xpcall(tails, debug.traceback, 30, setmetatable({}, {__index = function() error("deep") end}))))
print(tails(30, setmetatable({}, {__index = function() return debug.traceback("t", 1):gsub("%s+", " "):len() > 0 and 5 end})))
