-- Actors as coroutines that exchange messages by mailboxes under a round-robin scheduler: a ring,
-- workers and a collector.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local System = {}
System.__index = System

function System.new()
    return setmetatable({ ready = {}, first = 1, last = 0, messages = 0 }, System)
end

local Actor = {}
Actor.__index = Actor

function System:spawn(body, ...)
    local actor = setmetatable({ system = self, inbox = {}, head = 1, tail = 0, waiting = false },
        Actor)
    actor.thread = coroutine.create(body)
    self:enqueue(actor)
    actor.arguments = { actor, ... }
    return actor
end

function System:enqueue(actor)
    self.last = self.last + 1
    self.ready[self.last] = actor
end

function Actor:send(message)
    self.tail = self.tail + 1
    self.inbox[self.tail] = message
    self.system.messages = self.system.messages + 1
    if self.waiting then
        self.waiting = false
        self.system:enqueue(self)
    end
end

function Actor:receive()
    while self.head > self.tail do
        self.waiting = true
        coroutine.yield()
    end
    local message = self.inbox[self.head]
    self.inbox[self.head] = nil
    self.head = self.head + 1
    return message
end

function System:run()
    while self.first <= self.last do
        local actor = self.ready[self.first]
        self.ready[self.first] = nil
        self.first = self.first + 1
        local arguments = actor.arguments
        actor.arguments = nil
        local ok, message
        if arguments then
            ok, message = coroutine.resume(actor.thread, H.unpack(arguments))
        else
            ok, message = coroutine.resume(actor.thread)
        end
        if not ok then
            error(message, 0)
        end
    end
end

local function worker(self, collector)
    while true do
        local job = self:receive()
        if job.kind == "stop" then
            return
        end
        collector:send({ kind = "result", value = job.value * job.value })
    end
end

local function collect(self, expected, report)
    local sum = 0
    for _ = 1, expected do
        sum = sum + self:receive().value
    end
    report.sum = sum
end

local function ring(self, state)
    while true do
        local token = self:receive()
        state.hops = state.hops + 1
        if token.left == 0 then
            return
        end
        state[self]:send({ left = token.left - 1 })
    end
end

local function run(n)
    local system, report, state = System.new(), {}, { hops = 0 }
    local collector = system:spawn(collect, n, report)
    local workers, members = {}, {}
    for i = 1, 10 do
        workers[i] = system:spawn(worker, collector)
        members[i] = system:spawn(ring, state)
    end
    for i = 1, 10 do
        state[members[i]] = members[i % 10 + 1]
    end
    for i = 1, n do
        workers[i % 10 + 1]:send({ kind = "job", value = i % 100 })
    end
    for i = 1, 10 do
        workers[i]:send({ kind = "stop" })
    end
    members[1]:send({ left = n })
    system:run()
    return report.sum + state.hops
end

H.main {
    size = 60000, quick = 10000, reps = 6, run = run,
    check = function(r, n) return r == n / 100 * 328350 + n + 1 end,
}
