-- A world of rooms and things with behaviour in an inheritance of classes, driven by a script of
-- textual commands: names looked up in dictionaries, handlers by verb, replies formatted.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function class(base)
    local c = setmetatable({}, { __index = base })
    c.__index = c
    c.new = function(...)
        local o = setmetatable({}, c)
        o:init(...)
        return o
    end
    return c
end

local Thing = class()
function Thing:init(name, weight) self.name, self.weight, self.uses = name, weight, 0 end
function Thing:describe() return "a " .. self.name end
function Thing:use() self.uses = self.uses + 1 return "nothing happens" end

local Lamp = class(Thing)
function Lamp:init(name) Thing.init(self, name, 2) self.lit = false end
function Lamp:describe() return (self.lit and "a lit " or "a dark ") .. self.name end
function Lamp:use() Thing.use(self) self.lit = not self.lit return self:describe() end

local Food = class(Thing)
function Food:init(name, bites) Thing.init(self, name, 1) self.bites = bites end
function Food:use()
    Thing.use(self)
    if self.bites > 0 then self.bites = self.bites - 1 return "tasty" end
    return "only crumbs"
end

local Room = class()
function Room:init(name) self.name, self.exits, self.things = name, {}, {} end
function Room:connect(direction, other, back) self.exits[direction], other.exits[back] = other,
    self end

local function listing(things)
    local names = {}
    for _, t in pairs(things) do names[#names + 1] = t:describe() end
    table.sort(names)
    return #names > 0 and table.concat(names, ", ") or "nothing"
end

local Player = class()
function Player:init(room) self.room, self.things, self.load = room, {}, 0 end

local verbs = {}
function verbs.go(p, direction)
    local to = p.room.exits[direction]
    if not to then return "no way" end
    p.room = to
    return "you are in the " .. to.name
end
function verbs.take(p, name)
    local t = p.room.things[name]
    if not t then return "no " .. name .. " here" end
    if p.load + t.weight > 4 then return "too heavy" end
    p.room.things[name], p.things[name], p.load = nil, t, p.load + t.weight
    return "taken"
end
function verbs.drop(p, name)
    local t = p.things[name]
    if not t then return "you have no " .. name end
    p.things[name], p.room.things[name], p.load = nil, t, p.load - t.weight
    return "dropped"
end
function verbs.use(p, name)
    local t = p.things[name] or p.room.things[name]
    return t and t:use() or "use what?"
end
function verbs.look(p)
    return ("%s: %s; you carry %s"):format(p.room.name, listing(p.room.things), listing(p.things))
end

function Player:command(line)
    local verb, object = line:match("^(%a+)%s*(%a*)$")
    local f = verbs[verb]
    return f and f(self, object) or "what?"
end

local function world()
    local hall, cellar, garden = Room.new("hall"), Room.new("cellar"), Room.new("garden")
    hall:connect("down", cellar, "up")
    hall:connect("out", garden, "inside")
    hall.things.lamp, garden.things.apple = Lamp.new("lamp"), Food.new("apple", 50)
    cellar.things.bread, hall.things.anvil = Food.new("bread", 9), Thing.new("anvil", 9)
    cellar.things.key, garden.things.stone = Thing.new("key", 1), Thing.new("stone", 3)
    return Player.new(hall)
end

local function script()
    local verb_list = { "go", "take", "drop", "use", "look", "go" }
    local objects = { go = { "down", "up", "out", "inside" },
        take = { "lamp", "apple", "bread", "key", "stone", "anvil" } }
    objects.drop, objects.use = objects.take, objects.take
    local random, lines = H.random(19), {}
    for i = 1, 500 do
        local verb = verb_list[random(6)]
        local choices = objects[verb]
        lines[i] = verb .. (choices and " " .. choices[random(#choices)] or "")
    end
    return lines
end

local function run(n, lines)
    local player, bytes, sum = world(), 0, 0
    for i = 1, n do
        local reply = player:command(lines[i % 500 + 1])
        bytes = bytes + #reply
        sum = (sum * 31 + reply:byte(1)) % 1000003
    end
    return bytes * 1000003 + sum
end

H.main {
    size = 150000, quick = 30000, reps = 6, setup = script, run = run,
    expect = { [150000] = 2581319691678, [30000] = 515873098249 },
}
