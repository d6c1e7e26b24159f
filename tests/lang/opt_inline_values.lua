-- Inlined calls: arguments and results adjusted, upvalues, parameters assigned, loops in callees.
local N = 300
local function none() end
local function one(x) return x end
local function two(x, y) return y, x end
local function three(x, y, z) return x, y, z end
local function assigns(x) x = x + 1 local y = x * 2 return y, x end
local function loops(n) local s = 0 for i = 1, n do s = s + i end return s end
local function downward(n) local s = 0 while n > 0 do s = s + n n = n - 1 end return s end
local function choose(x) if x % 3 == 0 then return "three" elseif x % 2 == 0 then return x / 2 end return nil, x end

local function adjust(n)
  local log = {}
  for i = 1, n do
    local a, b, c = one(i)
    local d = none(i)
    local e, f = two(i)
    local g, h, j, k = three(i, i + 0.5, "s", i)
    local l = (two(i, -i))
    one(i, i, i)
    none()
    log[1], log[2], log[3], log[4] = a, tostring(b), tostring(c), tostring(d)
    log[5], log[6], log[7], log[8], log[9], log[10], log[11] = tostring(e), f, g, h, j, tostring(k), l
  end
  return table.concat(log, " ")
end
for _ = 1, 3 do print(adjust(N)) end

local function mixed(n)
  local count, sum, nils = 0, 0.0, 0
  for i = 1, n do
    local x, y = choose(i)
    if x == "three" then count = count + 1
    elseif x then sum = sum + x
    else nils = nils + y end
    local p, q = assigns(i)
    sum = sum + p - q
  end
  return count, sum, nils
end
for _ = 1, 3 do print(mixed(N)) end

local function nested(n)
  local s = 0
  for i = 1, n do s = s + loops(i % 7) - downward(i % 5) end
  return s
end
for _ = 1, 3 do print(nested(N)) end

-- upvalues of callees: read, written, shared with the caller's registers
local function counters(n)
  local shared, step = 0, 2
  local function bump(x) shared = shared + step return shared + x end
  local function peek() return shared end
  local s = 0
  for i = 1, n do
    shared = shared + 1
    local r = bump(i)
    s = s + r - peek()
    shared = shared - 1
    if i % 50 == 0 then step = step + 1 end
  end
  return s, shared, step
end
for _ = 1, 3 do print(counters(N)) end

local total = 0
local function add(x) total = total + x return total end
local function twice(x) add(x) return add(x) end
local function accumulate(n) local last for i = 1, n do last = twice(i) end return last end
for _ = 1, 3 do print(accumulate(N), total) end

-- closures as callees: the same prototype, other upvalues
local function adder(k) return function(x) return x + k end end
local adders = {adder(1), adder(2.5), adder(-3)}
local function apply(f, x) return f(x) end
local function by_closures(n)
  local s = 0
  for i = 1, n do s = s + apply(adders[i % 3 + 1], i) end
  return s
end
for _ = 1, 3 do print(by_closures(N)) end

-- the callee changes: a global function, a local one, a field
function global_f(x) return x + 1 end
local local_f = function(x) return x * 2 end
local object = {f = function(self, x) return x + self.k end, k = 10}
local function changing(n)
  local s = 0
  for i = 1, n do s = s + global_f(i) + local_f(i) + object:f(i) end
  return s
end
for _ = 1, 3 do print(changing(N)) end
function global_f(x) return x + 2 end
print(changing(N))
local_f = function(x) return x * 3 end
print(changing(N))
object.f = math.max
object.k = nil
print(pcall(changing, 5))
object.f = function(_, x) return -x end
print(changing(N))
local_f = setmetatable({}, {__call = function(_, x) return x end})
print(changing(N))
local_f = nil
print(pcall(changing, N))

-- recursion, mutual recursion, tail calls
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
local function tail(n, acc) if n == 0 then return acc end return tail(n - 1, acc + n) end
local even, odd
function even(n) if n == 0 then return true end return odd(n - 1) end
function odd(n) if n == 0 then return false end return even(n - 1) end
local function delegate(x, y) return two(y, x) end
local function delegates(x) return delegate(x, x + 1) end
local function recursive(n)
  local s = 0
  for i = 1, n do
    local a, b, c = delegates(i)
    s = s + fib(i % 10) + tail(i % 20, 0) + (even(i) and 1 or 0) + a - 2 * b
    if c ~= nil then error("c") end
  end
  return s
end
for _ = 1, 3 do print(recursive(N)) end
