-- A simulation of an operating system's scheduler: tasks of four kinds with priorities, message
-- packets in queues, two devices; each kind is a class with a step method.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Packet = {}
Packet.__index = Packet

function Packet.new(link, target, kind)
    return setmetatable({ link = link, target = target, kind = kind, datum = 0,
        data = { 0, 0, 0, 0 } }, Packet)
end

local function append(packet, queue)
    packet.link = nil
    if not queue then
        return packet
    end
    local tail = queue
    while tail.link do
        tail = tail.link
    end
    tail.link = packet
    return queue
end

local Task = {}
Task.__index = Task

function Task.init(o, system, name, priority, queue)
    o.system, o.name, o.priority, o.queue = system, name, priority, queue
    o.waiting, o.held = queue == nil, false
    system:register(o)
    return o
end

function Task:ready()
    return not self.held and not (self.waiting and not self.queue)
end

function Task:receive()
    local packet = self.queue
    if packet then
        self.queue = packet.link
        self.waiting = false
    end
    return packet
end

local function subclass()
    local c = setmetatable({}, { __index = Task })
    c.__index = c
    return c
end

-- Idle: releases one of two devices for each of a count of steps, by a shift register.
local Idle = subclass()
function Idle.new(system, count)
    local o = setmetatable({ register = 1, count = count }, Idle)
    return Task.init(o, system, "idle", 0, Packet.new(nil, "idle", "start"))
end
function Idle:step()
    self.count = self.count - 1
    if self.count <= 0 then
        self.held = true
        return
    end
    local odd = self.register % 2 == 1
    self.register = math.floor(self.register / 2)
    if odd then
        self.register = (self.register + 53256) % 65536
    end
    self.system:release(odd and "device a" or "device b")
end

-- Worker: fills packets with letters and sends them to the two handlers in turn.
local Worker = subclass()
function Worker.new(system, queue)
    local o = setmetatable({ target = "handler a", letter = 0 }, Worker)
    return Task.init(o, system, "worker", 1000, queue)
end
function Worker:step()
    local packet = self:receive()
    if not packet then
        self.waiting = true
        return
    end
    self.target = self.target == "handler a" and "handler b" or "handler a"
    packet.datum = 1
    for i = 1, 4 do
        self.letter = self.letter % 26 + 1
        packet.data[i] = 64 + self.letter
    end
    self.system:send(packet, self.target)
end

-- Handler: takes work packets and device packets, passes each byte of work to its device.
local Handler = subclass()
function Handler.new(system, name, priority, device, queue)
    local o = setmetatable({ device = device, work = nil, devices = nil }, Handler)
    return Task.init(o, system, name, priority, queue)
end
function Handler:step()
    local packet = self:receive()
    if packet then
        if packet.kind == "work" then
            self.work = append(packet, self.work)
        else
            self.devices = append(packet, self.devices)
        end
    end
    local work = self.work
    if work and work.datum > 4 then
        self.work = work.link
        self.system:send(work, "worker")
    elseif work and self.devices then
        local free = self.devices
        self.devices = free.link
        free.datum = work.data[work.datum]
        work.datum = work.datum + 1
        self.system:send(free, self.device)
    elseif not self.queue then
        self.waiting = true
    end
end

-- Device: holds a packet until the idle task releases it.
local Device = subclass()
function Device.new(system, name, priority)
    return Task.init(setmetatable({ pending = nil }, Device), system, name, priority, nil)
end
function Device:step()
    if self.pending then
        local packet = self.pending
        self.pending = nil
        self.system:send(packet, packet.owner)
        return
    end
    local packet = self:receive()
    if packet then
        self.pending = packet
        self.held = true
        self.system.served = self.system.served + packet.datum % 7
    else
        self.waiting = true
    end
end

local System = {}
System.__index = System

function System.new()
    return setmetatable({ tasks = {}, by_name = {}, sent = 0, released = 0, served = 0, steps = 0 },
        System)
end

function System:register(task)
    self.by_name[task.name] = task
    local at = 1
    while self.tasks[at] and self.tasks[at].priority > task.priority do
        at = at + 1
    end
    table.insert(self.tasks, at, task)
end

function System:send(packet, target)
    self.sent = self.sent + 1
    local task = self.by_name[target]
    task.queue = append(packet, task.queue)
end

function System:release(name)
    self.released = self.released + 1
    self.by_name[name].held = false
end

function System:schedule()
    while true do
        local chosen
        for _, task in ipairs(self.tasks) do
            if task:ready() then
                chosen = task
                break
            end
        end
        if not chosen then
            return
        end
        self.steps = self.steps + 1
        chosen:step()
    end
end

local function packets(system, owner, count, kind, datum)
    local queue
    for _ = 1, count do
        queue = Packet.new(queue, owner, kind)
        queue.owner, queue.datum = owner, datum
    end
    return queue
end

local function run(n)
    local system = System.new()
    Idle.new(system, n)
    Worker.new(system, packets(system, "worker", 2, "work", 1))
    Handler.new(system, "handler a", 2000, "device a", packets(system, "handler a", 3, "device", 0))
    Handler.new(system, "handler b", 3000, "device b", packets(system, "handler b", 3, "device", 0))
    Device.new(system, "device a", 4000)
    Device.new(system, "device b", 5000)
    system:schedule()
    return string.format("%d %d %d %d", system.sent, system.released, system.served, system.steps)
end

H.main {
    size = 60000, quick = 10000, reps = 2, run = run,
    expect = { [60000] = "139183 59999 177718 341150", [10000] = "23214 9999 29637 56890" },
}
