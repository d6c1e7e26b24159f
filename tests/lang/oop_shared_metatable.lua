-- The classic class: C.__index = C, constructor, methods, fields added later.
local Account = {}
Account.__index = Account
local made = 0
function Account.new(owner, balance)
  made = made + 1
  return setmetatable({owner = owner, balance = balance or 0}, Account)
end
function Account:deposit(v)
  self.balance = self.balance + v
  return self
end
function Account:withdraw(v)
  if v > self.balance then error("insufficient funds", 2) end
  self.balance = self.balance - v
  return self
end
function Account:describe()
  return self.owner .. ":" .. self.balance .. (self.note and "(" .. self.note .. ")" or "")
end
Account.rate = 2
local a = Account.new("ann", 10)
for i = 1, 5000 do a:deposit(i % 7):withdraw(i % 3) end
print(a:describe())
a.note = "vip"
print(a:describe())
print(pcall(a.withdraw, a, 1e9))
print(pcall(Account.withdraw))
local list = {}
for i = 1, 300 do list[i] = Account.new("c" .. i) end
for r = 1, 20 do
  for i = 1, 300 do list[i]:deposit(list[i].rate * r) end
end
local total = 0
for i = 1, 300 do total = total + list[i].balance end
print(total, made)
list[1].rate = 100
Account.rate = 3
print(list[1].rate, list[2].rate, rawget(list[2], "rate"))
print(getmetatable(a) == Account, a.new == Account.new, a.__index == Account)
print(a:describe(), Account.describe(a), a["describe"](a))
local m = a.describe
print(m(list[3]))
