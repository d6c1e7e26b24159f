-- Inheritance two deep by setmetatable: own methods, inherited ones and a call of the base's
-- method.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Shape = {}
Shape.__index = Shape

function Shape:init(x) self.x = x end
function Shape:move(dx) self.x = self.x + dx end
function Shape:area() return 0 end
function Shape:position() return self.x end

local Square = setmetatable({}, { __index = Shape })
Square.__index = Square

function Square.new(x, side)
    local o = setmetatable({}, Square)
    Shape.init(o, x)
    o.side = side
    return o
end

function Square:area()
    return self.side * self.side + Shape.area(self)
end

local function run(n)
    local sum, kept = 0, {}
    for i = 1, n do
        local s = Square.new(i, 2)
        kept[i % 16 + 1] = s -- so that the allocation is not optimised away
        s:move(1)
        sum = sum + s:area() + s:position()
    end
    return sum
end

H.main {
    size = 300000, quick = 60000, reps = 2, run = run,
    check = function(r, n) return r == n * (n + 1) / 2 + 5 * n end,
}
