-- Functions of the math library in hot code: every kind of argument, and what the function says of wrong ones.
local function show(x)
  if x ~= x then return "nan" end
  if type(x) == "table" or type(x) == "function" then return type(x) end
  return math.type(x) == "float" and string.format("%a", x) or tostring(x)
end

local names = {"floor", "ceil", "abs", "sqrt", "sin", "exp", "log", "tointeger", "max0", "min0", "max1", "atan", "pow", "fmod", "fmodf", "ult",
  "tail", "nothing", "two"}

local values = {0, 1, -1, 7, 2.5, -2.5, 0.0, -0.0, 1e15 + 0.5, 2^53, -2^53, 2^62, 2^63, -2^63, 1e300, -1e300, 1 / 0, -1 / 0, 0 / 0,
  math.maxinteger, math.mininteger, "10", "0x10", " 3.5 ", "abc", true, {}, print}

-- learns with one kind of argument, then meets all others
for _, learn in ipairs {5, 5.5} do
  for _, name in ipairs(names) do
    local f = load(string.format("return function(x) %s end", ({
      floor = "return (math.floor(x))", ceil = "return (math.ceil(x))", abs = "return (math.abs(x))", sqrt = "return (math.sqrt(x))",
      sin = "return (math.sin(x))", exp = "return (math.exp(x))", log = "return (math.log(x))", tointeger = "return (math.tointeger(x))",
      max0 = "return (math.max(0, x))", min0 = "return (math.min(x, 0))", max1 = "return (math.max(x))", atan = "return (math.atan(x))",
      pow = "return (math.pow(x, 2))", fmod = "return (math.fmod(x, 3))", fmodf = "return (math.fmod(x, 2.5))", ult = "return (math.ult(x, 10))",
      tail = "return math.floor(x)", nothing = "math.floor(x) return 'done'", two = "local a, b = math.floor(x) return a, b"})[name]), "=f")()
    if not (name == "ult" and learn == 5.5) then
      for i = 1, 60 do f(learn) end
    end
    local out = {}
    for _, v in ipairs(values) do
      local ok, r, s = pcall(f, v)
      out[#out + 1] = (ok and "" or "!") .. show(r) .. (s ~= nil and "+" .. tostring(s) or "")
    end
    print(learn, name, table.concat(out, " "))
  end
end

-- extremes: the first of equals, NaN, zeros of both signs, integers against floats
local function extremes(a, b, c)
  return math.max(a, b), math.min(a, b), math.max(a, b, c), math.min(a, b, c)
end
local function all(...)
  local t = {...}
  for i = 1, #t do t[i] = show(t[i]) end
  return table.concat(t, " ")
end
local nan = 0 / 0
local sets = {{1, 2, 3}, {1.5, 2.5, 0.5}, {3, 2, 1}, {0.0, -0.0, 0.0}, {-0.0, 0.0, -0.0}, {nan, 1.0, 2.0}, {1.0, nan, 2.0},
  {1, 1.0, 1}, {1.0, 1, 1}, {math.maxinteger, 2^63, 1}, {2^53, 2^53 | 0, 2^53}, {math.maxinteger, math.maxinteger + 0.0, 0}}
for round = 1, 3 do
  for _, s in ipairs(sets) do
    local r
    for i = 1, 30 do r = all(extremes(s[1], s[2], s[3])) end
    print(round, r)
  end
end
print(pcall(extremes, 1, "2", 3))
print(pcall(extremes, {}, {}, {}))
print(pcall(math.max))

-- sums in loops
local function sum(n)
  local s, m, lo = 0, 0, 1e9
  for i = 1, n do
    s = s + math.floor(i / 3) + math.ceil(i / 4) - math.abs(5 - i)
    m = math.max(m, i % 17)
    lo = math.min(lo, i * 0.5 - 20)
  end
  return s, m, lo
end
for i = 1, 20 do sum(50) end
print(sum(1000))

-- a replaced function is met at once
local function floor_of(x) return math.floor(x) end
for i = 1, 100 do floor_of(i + 0.5) end
print(floor_of(2.5))
local floor = math.floor
math.floor = function(x) return "mine " .. x end
print(floor_of(2.5))
math.floor = math.ceil
print(floor_of(2.5))
math.floor = nil
print(pcall(floor_of, 2.5))
math.floor = floor
print(floor_of(2.5))
