-- An incremental constraint solver in the object-oriented manner: variables, constraints with
-- strengths in a small hierarchy of classes, a plan found by propagation of known values,
-- executed many times.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function class(base)
    local c = {}
    c.__index = c
    return setmetatable(c, { __index = base, __call = function(cls, ...)
        local o = setmetatable({}, cls)
        o:init(...)
        return o
    end })
end

local Variable = class()
function Variable:init(name, value)
    self.name, self.value, self.constraints, self.known = name, value, {}, false
end

local Constraint = class()
function Constraint:init(strength, ...)
    self.strength, self.variables, self.output = strength, { ... }, nil
    for _, v in ipairs(self.variables) do
        v.constraints[#v.constraints + 1] = self
    end
end

-- The variable this constraint can compute now: its only unknown one, if its direction allows that.
function Constraint:choose()
    local unknown
    for _, v in ipairs(self.variables) do
        if not v.known then
            if unknown then
                return nil
            end
            unknown = v
        end
    end
    return unknown
end

local Stay = class(Constraint)
function Stay:execute() end

local Edit = class(Constraint)
function Edit:init(strength, v, source)
    Constraint.init(self, strength, v)
    self.source = source
end
function Edit:execute() self.output.value = self.source.value end

local Equal = class(Constraint)
function Equal:execute()
    local a, b = self.variables[1], self.variables[2]
    if self.output == a then a.value = b.value else b.value = a.value end
end

-- a * scale + offset = b
local Scale = class(Constraint)
function Scale:init(strength, a, b, scale, offset)
    Constraint.init(self, strength, a, b)
    self.scale, self.offset = scale, offset
end
function Scale:execute()
    local a, b = self.variables[1], self.variables[2]
    if self.output == b then
        b.value = a.value * self.scale + self.offset
    else
        a.value = (b.value - self.offset) / self.scale
    end
end

-- a + b = c, in any direction
local Sum = class(Constraint)
function Sum:execute()
    local a, b, c = self.variables[1], self.variables[2], self.variables[3]
    if self.output == c then
        c.value = a.value + b.value
    elseif self.output == b then
        b.value = c.value - a.value
    else
        a.value = c.value - b.value
    end
end

local Planner = class()
function Planner:init()
    self.constraints, self.variables = {}, {}
end

function Planner:variable(name, value)
    local v = Variable(name, value)
    self.variables[#self.variables + 1] = v
    return v
end

function Planner:add(constraint)
    self.constraints[#self.constraints + 1] = constraint
    return constraint
end

function Planner:fire(constraint, plan, agenda)
    local v = constraint.output == nil and constraint:choose()
    if v then
        constraint.output = v
        v.known = true
        plan[#plan + 1] = constraint
        for _, neighbour in ipairs(v.constraints) do
            if neighbour.output == nil then
                agenda[#agenda + 1] = neighbour
            end
        end
    end
end

-- Stronger constraints start the propagation first; each decided variable may decide its
-- neighbours.
function Planner:plan()
    for _, v in ipairs(self.variables) do v.known = false end
    for _, c in ipairs(self.constraints) do c.output = nil end
    table.sort(self.constraints, function(a, b) return a.strength > b.strength end)
    local plan = {}
    for _, c in ipairs(self.constraints) do
        local agenda = { c }
        while #agenda > 0 do
            local next = agenda[#agenda]
            agenda[#agenda] = nil
            self:fire(next, plan, agenda)
        end
    end
    return plan
end

local function execute(plan)
    for i = 1, #plan do
        plan[i]:execute()
    end
end

-- A chain of n equalities and projections, driven from its first end and then from its last.
local function run(n)
    local planner, source = Planner(), { value = 0 }
    local first = planner:variable("v0", 0)
    local last, total = first, planner:variable("total", 0)
    local offset = planner:variable("offset", 100)
    planner:add(Stay(10, offset))
    for i = 1, n do
        local v = planner:variable("v" .. i, i)
        if i % 3 == 0 then
            planner:add(Scale(5, last, v, 1, 2))
        else
            planner:add(Equal(5, last, v))
        end
        planner:add(Stay(i % 3, v))
        last = v
    end
    planner:add(Sum(5, last, offset, total))
    planner:add(Edit(8, first, source))
    local plan, sum = planner:plan(), 0
    for i = 1, 40 do
        source.value = i
        execute(plan)
        sum = sum + total.value
    end
    first.constraints[#first.constraints] = nil
    planner.constraints[#planner.constraints] = nil
    for i = #planner.constraints, 1, -1 do
        if planner.constraints[i].source then
            table.remove(planner.constraints, i)
        end
    end
    planner:add(Edit(8, total, source))
    plan = planner:plan()
    for i = 1, 40 do
        source.value = i
        execute(plan)
        sum = sum + first.value
    end
    return sum
end

-- Forward the total is source + 100 + 2 floor(n / 3); backward the first is source - that.
H.main {
    size = 6000, quick = 1500, reps = 5, run = run,
    check = function(r) return r == 2 * 820 end,
}
