-- Objects made of closures over shared state; many instances of one shape.
local function account(balance)
  local self, log = {}, {}
  function self.deposit(v)
    balance = balance + v
    log[#log + 1] = "+" .. v
    return self
  end
  function self.withdraw(v)
    if v > balance then error("insufficient funds", 2) end
    balance = balance - v
    log[#log + 1] = "-" .. v
    return self
  end
  function self.balance() return balance end
  function self.log() return table.concat(log, " ") end
  return self
end
local a = account(100)
a.deposit(50).withdraw(30).deposit(5)
print(a.balance(), a.log())
print(pcall(a.withdraw, 1000))
local accounts = {}
for i = 1, 50 do accounts[i] = account(i) end
local total = 0
for round = 1, 60 do
  for i = 1, 50 do
    accounts[i].deposit(round)
    total = total + accounts[i].balance()
  end
end
print(total)
local function stack()
  local items, n = {}, 0
  return {push = function(v)
    n = n + 1
    items[n] = v
  end, pop = function()
    local v = items[n]
    items[n] = nil
    n = n - 1
    return v
  end, size = function() return n end}
end
local s = stack()
for i = 1, 2000 do s.push(i * i) end
local sum = 0
while s.size() > 0 do sum = sum + s.pop() end
print(sum)
local function memo(f)
  local cache = {}
  return function(n)
    local v = cache[n]
    if v == nil then v = f(n) cache[n] = v end
    return v
  end
end
local fib
fib = memo(function(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end)
print(fib(80))
local function compose(...)
  local fs = {...}
  return function(x)
    for i = #fs, 1, -1 do x = fs[i](x) end
    return x
  end
end
local inc, dbl = function(x) return x + 1 end, function(x) return x * 2 end
local c = compose(inc, dbl, inc)
local r = 0
for i = 1, 2000 do r = r + c(i) end
print(r)
local function curry(f)
  return function(a) return function(b) return f(a, b) end end
end
print(curry(math.max)(3)(9))
