-- Calls of one of a few functions: objects of several classes at one site, functions in tables, more than a few, errors and yields in them.
local classes = {}
for k = 1, 6 do
  local C = {} C.__index = C
  C.new = load("local C = ... return function(v) return setmetatable({f" .. k .. " = 0, value = v}, C) end", "=new")(C)
  C.weight = load("return function(self, x) return self.value * " .. k .. " + (x or 0) end", "=weight" .. k)()
  C.step = load("return function(self) self.value = self.value + " .. k .. " return self.value, " .. k .. " end", "=step" .. k)()
  classes[k] = C
end
local function objects(k)
  local t, seed = {}, 7
  for i = 1, 64 do seed = seed * 16807 % 2147483647 t[i] = classes[seed % k + 1].new(i % 10) end
  return t
end
local function weigh(t, n) local s = 0 for i = 1, n do s = s + t[i % 64 + 1]:weight() + t[i % 64 + 1]:weight(i) end return s end
local function run(t, n) local s, c = 0, 0 for i = 1, n do local v, k = t[i % 64 + 1]:step() s = s + v c = c + k end return s, c end
for k = 1, 6 do print(weigh(objects(k), 1500), run(objects(k), 1500)) end
-- sites of their own
for k = 1, 6 do
  local w = load("local t, n = ... local s = 0 for i = 1, n do s = s + t[i % 64 + 1]:weight(i) end return s")
  print(k, w(objects(k), 2000))
end

local operators = {
  ["+"] = function(a, b) return a + b end, ["-"] = function(a, b) return a - b end, ["*"] = function(a, b) return a * b end,
  ["/"] = function(a, b) if b == 0 then error("division by zero") end return a // b end,
}
local names = {"+", "-", "*", "/"}
local function apply(op, a, b) local r = operators[op](a, b) return r end
local s = 0
for i = 1, 4000 do s = (s + apply(names[i % 4 + 1], i, 3)) % 1000003 end
print(s)
print(pcall(apply, "/", 1, 0), pcall(apply, "+", 1, {}), pcall(apply, "none", 1, 2))
print((select(2, xpcall(apply, debug.traceback, "/", 1, 0))))
operators["%"] = function(a, b) return a % b end
operators["^"] = math.max
for i = 1, 600 do s = s + apply(i % 2 == 0 and "%" or "^", i, 7) end
print(s)

-- some can be inlined, others cannot
local big = load("local x = ... for i = 1, 3 do " .. ("x = x + 1 x = x * 2 % 1009 "):rep(60) .. " end return x", "=big")
local makers = {function(x) return x + 1 end, function(x) return {x} end, function(x) local f = function() return x end return f() end, big}
local function make(k, x) local r = makers[k](x) return type(r) == "table" and r[1] or r end
local m = 0
for i = 1, 3000 do m = m + make(i % 4 + 1, i) end
print(m)

-- what they do is seen once: effects before a part that needs a frame
local log = {}
local effects = {
  function(t) t.n = t.n + 1 return t.n end,
  function(t) t.n = t.n + 10 if t.n % 7 == 0 then log[#log + 1] = string.format("%d", t.n) end return t.n end,
  function(t) t.n = t.n + 100 return t.n, "second" end,
}
local t, last, second = {n = 0}, 0, nil
for i = 1, 3000 do last, second = effects[i % 3 + 1](t) end
print(last, second, #log, log[#log])

-- yields and debug information
local co = coroutine.wrap(function()
  local f = {function(x) if x % 700 == 0 then coroutine.yield(x) end return x end, function(x) return -x end,
    function(x) if x % 900 == 2 then coroutine.yield(debug.traceback("here", 1):gsub("\n.*in main chunk.*", "")) end return 0 end}
  local s = 0
  for i = 1, 2100 do s = s + f[i % 3 + 1](i) end
  return s
end)
for i = 1, 6 do local ok, v = pcall(co) print(ok, v) end
-- fields by shapes: own, inherited, functions of the library
local mixed = {{len = function() return 1 end}, "text", setmetatable({}, {__index = {len = function() return 3 end}})}
local n = 0
for i = 1, 1500 do local o = mixed[i % 3 + 1] n = n + o:len() end
print(n)
