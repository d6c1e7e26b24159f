-- bank_simulation.lua [CUSTOMERS] [SEED]: a day in a bank, as a discrete event simulation.
--
-- Customers arrive, queue for a teller, pay in or draw money on accounts of different kinds, and leave. The simulator
-- knows one thing: a heap of events ordered by time. Events of the same time run in the order they were scheduled,
-- so a run depends on the seed alone.

--- A class: calling it makes an object and runs `init`; methods not found are looked up in the base.
local function class(base)
  local cls = {}
  cls.__index = cls
  return setmetatable(cls, {
    __index = base,
    __call = function(self, ...)
      local object = setmetatable({}, self)
      object:init(...)
      return object
    end,
  })
end

-- Random numbers ---------------------------------------------------------------------------------------------------

local Random = class()

function Random:init(seed)
  self.state = seed
end

--- A float in [0, 1), from a multiplicative congruential generator.
function Random:next()
  self.state = self.state * 48271 % 2147483647
  return self.state / 2147483647
end

function Random:between(low, high)
  return low + math.floor(self:next() * (high - low + 1))
end

function Random:exponential(mean)
  return -mean * math.log(1 - self:next())
end

-- Events -----------------------------------------------------------------------------------------------------------

local Simulator = class()

function Simulator:init()
  self.now, self.heap, self.count = 0, {}, 0
end

local function earlier(a, b)
  return a.time < b.time or a.time == b.time and a.number < b.number
end

function Simulator:schedule(delay, action)
  self.count = self.count + 1
  local heap, i = self.heap, #self.heap + 1
  heap[i] = {time = self.now + delay, number = self.count, action = action}
  while i > 1 and earlier(heap[i], heap[i // 2]) do
    heap[i], heap[i // 2] = heap[i // 2], heap[i]
    i = i // 2
  end
end

function Simulator:nextEvent()
  local heap = self.heap
  local first = heap[1]
  local last = table.remove(heap)
  local n, i = #heap, 1
  if n > 0 then heap[1] = last end
  while true do
    local child = 2 * i
    if child > n then break end
    if child < n and earlier(heap[child + 1], heap[child]) then child = child + 1 end
    if not earlier(heap[child], heap[i]) then break end
    heap[i], heap[child] = heap[child], heap[i]
    i = child
  end
  return first
end

function Simulator:run()
  while #self.heap > 0 do
    local event = self:nextEvent()
    self.now = event.time
    event.action()
  end
end

-- Accounts ---------------------------------------------------------------------------------------------------------

local Account = class()
Account.kind = "current"
Account.fee = 0

function Account:init(balance)
  self.balance = balance
end

function Account:available()
  return self.balance
end

function Account:deposit(amount)
  self.balance = self.balance + amount
end

--- Draw money; refusing is an error that the teller catches.
function Account:withdraw(amount)
  local total = amount + self.fee
  if total > self:available() then
    error({refused = true, missing = total - self:available()})
  end
  self.balance = self.balance - total
end

local Savings = class(Account)
Savings.kind = "savings"
Savings.fee = 2

--- Interest is paid at once on large deposits.
function Savings:deposit(amount)
  Account.deposit(self, amount)
  if amount >= 500 then
    self.balance = self.balance + amount // 100
  end
end

local Credit = class(Savings)
Credit.kind = "credit"
Credit.limit = 400

function Credit:available()
  return self.balance + self.limit
end

-- The bank ---------------------------------------------------------------------------------------------------------

local Bank = class()

function Bank:init(tellers, random)
  self.simulator, self.random = Simulator(), random
  self.free, self.queue = tellers, {first = 1, last = 0}
  self.stats = {served = 0, refused = 0, missing = 0, waited = 0, longestWait = 0, longestQueue = 0}
  self.accounts = {}
  for i, make in ipairs{Account, Savings, Credit, Account, Credit} do
    self.accounts[i] = make(1000)
  end
end

function Bank:arrive(customer)
  customer.arrival = self.simulator.now
  local queue = self.queue
  queue.last = queue.last + 1
  queue[queue.last] = customer
  self.stats.longestQueue = math.max(self.stats.longestQueue, queue.last - queue.first + 1)
  self:callNext()
end

--- Send the first in the queue to a free teller, if there are both.
function Bank:callNext()
  local queue = self.queue
  if self.free == 0 or queue.first > queue.last then return end
  local customer = queue[queue.first]
  queue[queue.first] = nil
  queue.first = queue.first + 1
  self.free = self.free - 1
  local wait = self.simulator.now - customer.arrival
  self.stats.waited = self.stats.waited + wait
  self.stats.longestWait = math.max(self.stats.longestWait, wait)
  self.simulator:schedule(self.random:exponential(4), function()
    self:serve(customer)
    self.free = self.free + 1
    self:callNext()
  end)
end

function Bank:serve(customer)
  local stats = self.stats
  stats.served = stats.served + 1
  local method = customer.amount > 0 and "deposit" or "withdraw"
  local account = customer.account
  local ok, problem = pcall(account[method], account, math.abs(customer.amount))
  if not ok then
    if type(problem) ~= "table" or not problem.refused then error(problem, 0) end
    stats.refused = stats.refused + 1
    stats.missing = stats.missing + problem.missing
  end
end

function Bank:open(customers)
  local time = 0
  for _ = 1, customers do
    time = time + self.random:exponential(1.5)
    local customer = {
      account = self.accounts[self.random:between(1, #self.accounts)],
      amount = self.random:between(-600, 550),
    }
    self.simulator:schedule(time, function() self:arrive(customer) end)
  end
  self.simulator:run()
end

function Bank:report()
  local s = self.stats
  print(("%d customers served in %.1f minutes"):format(s.served, self.simulator.now))
  print(("%d withdrawals refused, %d short in total"):format(s.refused, s.missing))
  print(("wait: %.2f minutes on average, %.2f at most"):format(s.waited / s.served, s.longestWait))
  print(("longest queue: %d"):format(s.longestQueue))
  for i, account in ipairs(self.accounts) do
    print(("account %d (%s): %d"):format(i, account.kind, account.balance))
  end
end

local bank = Bank(3, Random(tonumber(arg[2]) or 2024))
bank:open(tonumber(arg[1]) or 2000)
bank:report()
