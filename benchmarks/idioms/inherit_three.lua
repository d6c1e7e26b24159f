-- Inheritance three deep by a class function; constructors call up the chain.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function class(base)
    local c = {}
    c.__index = c
    c.super = base
    return setmetatable(c, { __index = base, __call = function(cls, ...)
        local o = setmetatable({}, cls)
        o:init(...)
        return o
    end })
end

local Animal = class()
function Animal:init(name) self.name, self.energy = name, 0 end
function Animal:eat(k) self.energy = self.energy + k end
function Animal:legs() return 0 end

local Mammal = class(Animal)
function Mammal:init(name, fur)
    Mammal.super.init(self, name)
    self.fur = fur
end
function Mammal:legs() return 4 end

local Dog = class(Mammal)
function Dog:init(name)
    Dog.super.init(self, name, "short")
    self.tricks = 1
end
function Dog:score() return self.energy + self:legs() + self.tricks end

local function run(n)
    local sum, kept = 0, {}
    for i = 1, n do
        local d = Dog("rex")
        kept[i % 16 + 1] = d -- so that the allocation is not optimised away
        d:eat(3)
        d:eat(4)
        sum = sum + d:score()
    end
    return sum
end

H.main { size = 200000, quick = 40000, run = run, check = function(r, n) return r == 12 * n end }
