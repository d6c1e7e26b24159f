-- Open results and tail calls: f(g(x)), return f(x) at the outermost level, retries of calls.
local N = 300
local function sq(x) return x * x end
local function pair(x) return x, -x end
local function neg(x) return -x end
local function sum(a, b, c) return a + (b or 0) + (c or 0) end
local function opens(n)
  local s = 0
  for i = 1, n do
    s = s + sq(neg(i)) + sum(pair(i)) + sum(1, pair(i)) + sum(sq(i), sq(neg(i)))
    s = s + math.max(pair(i)) + select("#", pair(i)) + sum(neg(sq(neg(i))))
  end
  return s
end
for _ = 1, 3 do print(opens(N)) end
local function spread(i) return i, pair(i) end
local function spreads(n)
  local t = {}
  for i = 1, n do
    local a, b, c, d = spread(i)
    local list = {spread(i)}
    t[1], t[2], t[3], t[4], t[5] = a, b, c, tostring(d), #list
  end
  return table.concat(t, " ")
end
for _ = 1, 3 do print(spreads(N)) end

-- an exit between the open call and the one that takes its values
local function taker(a, b) return a * 1000 + (b or 7) end
local function exits(n, at, what)
  local f, s = taker, 0
  local function pick(i) return i, i + 1 end
  for i = 1, n do
    if i == at then f = what end
    s = s + f(pick(i))
  end
  return s
end
for _ = 1, 10 do exits(50) end
print(exits(50), exits(50, 25, math.max), exits(50, 25, function(...) return select("#", ...) end))
print(exits(50, 49, setmetatable({}, {__call = function(_, a, b) return a - b end})))
local function values(n, bad)
  local s = 0
  local function both(x) local y = x + 1 return x, y end
  for i = 1, n do s = s + taker(both(i == n and bad or i)) end
  return s
end
for _ = 1, 10 do values(50) end
print(values(50), values(50, 2.5), values(50, "3"))
print(pcall(values, 50, {}))

-- tail calls of the outermost function
local Account = {}
Account.__index = Account
function Account:balance() return self.sum end
function Account:get() return self:balance() end
function Account:add(x) self.sum = self.sum + x return self end
function Account:deposit(x) return self:add(x) end
local function abs(x) if x < 0 then return -x end return x end
local function distance(x, y) return abs(x - y) end
local function several(x) if x % 7 == 0 then return x, x end return x end
local function passes(x) return several(x) end
local function nothing(x) if x > 1e9 then return x end end
local function passes_nothing(x) return nothing(x) end
local function chain(n)
  local a, s, count = setmetatable({sum = 0}, Account), 0, 0
  for i = 1, n do
    a:deposit(i)
    s = s + a:get() + distance(i, 100)
    count = count + select("#", passes(i)) + select("#", passes_nothing(i))
  end
  return s, a.sum, count
end
for _ = 1, 5 do print(chain(N)) end
-- called from outside so that they are outermost themselves
for round = 1, 3 do
  local s = 0
  for i = 1, N do s = s + select(2, pcall(distance, i, 10)) + select("#", pcall(passes, i)) end
  print(s)
end
print(pcall(distance, 1, {}))
print(select(2, xpcall(distance, function(m) return (debug.traceback(m):gsub("%[C%].*", "")) end, 1, {})))
print(select(2, xpcall(distance, function(m) return (debug.traceback(m):gsub("%[C%].*", "")) end, setmetatable({}, {__sub = function() return "x" end}), 1)))
print(pcall(distance, setmetatable({}, {__sub = function() return -2.5 end}), 1))

-- retries: the short way inlined, the long one called
local calls = 0
local cache = {}
local function compute(x) calls = calls + 1 local t = {} for i = 1, 3 do t[i] = tostring(x) .. i end return #table.concat(t) end
local function cached(x)
  local r = cache[x]
  if r then return r end
  r = compute(x)
  cache[x] = r
  return r
end
local function uses(n) local s = 0 for i = 1, n do s = s + cached(i % 10 + 1) if i % 100 == 0 then cache[5] = nil end end return s end
for _ = 1, 4 do print(uses(N), calls) end
local function ack(m, n) if m == 0 then return n + 1 end if n == 0 then return ack(m - 1, 1) end return ack(m - 1, ack(m, n - 1)) end
print(ack(2, 5), ack(2, 20), ack(3, 4))
local function tak(x, y, z) if y >= x then return z end return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) end
print(tak(8, 4, 2), tak(12, 8, 4))
local function depth(t) if t == nil then return 0 end local l, r = depth(t.l), depth(t.r) return (l > r and l or r) + 1 end
local function tree(d) if d == 0 then return nil end return {l = tree(d - 1), r = tree(d - 2 < 0 and 0 or d - 2)} end
for _ = 1, 5 do print(depth(tree(9))) end
local function sum_list(l) if not l then return 0 end return l.v + sum_list(l.next) end
local list for i = 1, 40 do list = {v = i, next = list} end
for _ = 1, 5 do print(sum_list(list)) end
print(pcall(sum_list, {v = 1, next = {v = {}}}))
local function count_down(n, log) if n == 0 then return "done" end log.n = log.n + 1 return count_down(n - 1, log) end
for _ = 1, 5 do local log = {n = 0} print(count_down(50, log), log.n) end
local function is_even(n) if n == 0 then return true end return not is_even(n - 1) end
print(is_even(51), is_even(50))

-- a part of the callee that needs its frame before an effect
local function node(a, b)
  if a > b then return nil end
  local m = (a + b) // 2
  return m % 3 == 0 and {k = m, left = node(a, m - 1), right = node(m + 1, b)} or {left = node(a, m - 1), extra = m, right = node(m + 1, b), k = m}
end
local function walk(root, f)
  local function go(n)
    if n then
      go(n.left)
      f(n.k)
      go(n.right)
    end
  end
  go(root)
end
for _ = 1, 3 do
  local last, sorted, count = -1, true, 0
  walk(node(1, 355), function(k) sorted = sorted and k > last last = k count = count + 1 end)
  print(last, sorted, count)
end

-- tail calls that are made after all keep the stack flat
local even, odd
function even(n) if n == 0 then return true end return odd(n - 1) end
function odd(n) if n == 0 then return false end return even(n - 1) end
print(even(20000), odd(20000))
local function bad_end(n) if n == 0 then error("end") end return n > 0 and n - 1 or nil end
local function to_end(n) local m = bad_end(n) if m == 0 then return bad_end(m) end return to_end(m) end
for i = 1, 40 do pcall(to_end, i) end
print(select(2, xpcall(to_end, debug.traceback, 50)))
