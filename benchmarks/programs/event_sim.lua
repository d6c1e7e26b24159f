-- A simulation by a priority queue of events: customers, a bank of servers and their queue; the
-- heap compares events by time, handlers are methods looked up by the event's name.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Heap = {}
Heap.__index = Heap

function Heap.new()
    return setmetatable({ size = 0, items = {} }, Heap)
end

function Heap:push(e)
    local items, i = self.items, self.size + 1
    self.size = i
    while i > 1 do
        local up = math.floor(i / 2)
        if not (e < items[up]) then
            break
        end
        items[i] = items[up]
        i = up
    end
    items[i] = e
end

function Heap:pop()
    local items, size = self.items, self.size
    local top, last, i = items[1], items[size], 1
    items[size] = nil
    size = size - 1
    self.size = size
    while size > 0 do
        local child = 2 * i
        if child < size and items[child + 1] < items[child] then
            child = child + 1
        end
        if child > size or not (items[child] < last) then
            items[i] = last
            break
        end
        items[i] = items[child]
        i = child
    end
    return top
end

local Event = {}
Event.__index = Event
Event.__lt = function(a, b)
    return a.time < b.time or a.time == b.time and a.number < b.number
end

local Bank = {}
Bank.__index = Bank

function Bank.new(servers, customers)
    local self = setmetatable({
        heap = Heap.new(), now = 0, number = 0, free = servers, left = customers,
        random = H.random(99),
        first = 1, last = 0, queue = {}, served = 0, waited = 0,
    }, Bank)
    self:schedule("arrive", 0)
    return self
end

function Bank:schedule(name, delay, customer)
    self.number = self.number + 1
    self.heap:push(setmetatable({
        time = self.now + delay, number = self.number, name = name, customer = customer,
    }, Event))
end

function Bank:serve(customer)
    self.free = self.free - 1
    self.waited = self.waited + self.now - customer.arrived
    self:schedule("depart", self.random(100), customer)
end

function Bank:arrive()
    local customer = { arrived = self.now }
    if self.free > 0 then
        self:serve(customer)
    else
        self.last = self.last + 1
        self.queue[self.last] = customer
    end
    self.left = self.left - 1
    if self.left > 0 then
        self:schedule("arrive", self.random(21))
    end
end

function Bank:depart()
    self.served = self.served + 1
    self.free = self.free + 1
    if self.first <= self.last then
        local customer = self.queue[self.first]
        self.queue[self.first] = nil
        self.first = self.first + 1
        self:serve(customer)
    end
end

function Bank:run()
    while self.heap.size > 0 do
        local e = self.heap:pop()
        assert(e.time >= self.now)
        self.now = e.time
        self[e.name](self, e.customer)
    end
    return self.served, self.waited
end

local function run(n)
    local served, waited = Bank.new(5, n):run()
    assert(served == n)
    return waited
end

H.main {
    size = 60000, quick = 10000, reps = 5, run = run,
    expect = { [60000] = 1919939, [10000] = 342433 },
}
