-- setmetatable in hot code: the result's shape is known when a site has seen one step from shape to shape.
local function repeated(n, f) for i = 1, n do f(i) end end

local Point = {}
Point.__index = Point
function Point.new(x, y) return setmetatable({ x = x, y = y }, Point) end
function Point:sum() return self.x + self.y end
local function later(x, y)
    local self = setmetatable({}, Point)
    self.x = x
    self.y = y
    return self
end

local function total(n)
    local s = 0
    for i = 1, n do s = s + Point.new(i, 1):sum() + later(i, 2):sum() end
    return s
end
repeated(30, function() total(20) end)
print(total(1000))

-- the metatable changes its class under way
local Base = {}
function Base.late() return "late" end
setmetatable(Point, { __index = Base })
print(Point.new(1, 2).late(), total(1000))
Point.__index = function(_, k) return k end
print(Point.new(1, 2).other, (pcall(total, 10)))
Point.__index = Point
print(total(1000))

-- one site, several metatables
local function attach(t, mt) return setmetatable(t, mt) end
local A, B = { __index = { name = "A" } }, { __index = { name = "B" } }
local function names(n, mt)
    local s = ""
    for i = 1, n do s = attach({}, mt).name end
    return s
end
repeated(40, function() names(20, A) end)
print(names(50, A), names(50, B), names(50, A))
print(names(3, { __index = { name = "fresh" } }))

-- a table that has a metatable already, and one that may not be changed
repeated(5, function() attach(attach({}, A), B) end)
print(attach(attach({}, A), B).name)
print(select(2, pcall(attach, setmetatable({}, { __metatable = "locked" }), A)))
print(select(2, pcall(attach, {}, 1)))
print(select(2, pcall(attach, 1, A)))

-- finalizers are found though the site knew metatables without one
local F = { __index = {} }
local function finalizable(n)
    for i = 1, n do local o = setmetatable({}, F) end
end
repeated(40, function() finalizable(20) end)
local finalized = 0
F.__gc = function() finalized = finalized + 1 end
finalizable(10)
collectgarbage()
collectgarbage()
print(finalized)

-- old tables get young metatables
local kept = {}
local function keep(n)
    for i = 1, n do
        local t = {}
        kept[i] = t
        if i % 7 == 0 then collectgarbage("step") end
        setmetatable(t, Point)
        t.x, t.y = i, i
    end
end
repeated(40, function() keep(20) end)
keep(200)
collectgarbage()
local s = 0
for i = 1, 200 do s = s + kept[i]:sum() end
print(s)

-- tail called constructors
local function make(x) return Point.new(x, x) end
local function outer(n)
    local s = 0
    for i = 1, n do
        local p = make(i)
        s = s + p.x * p:sum()
    end
    return s
end
repeated(40, function() outer(20) end)
print(outer(100))
local function two(x) return setmetatable({ x = x, y = 0 }, Point), x end
local function both(n)
    local s = 0
    for i = 1, n do
        local p, x = two(i)
        s = s + p:sum() + x
    end
    return s
end
repeated(40, function() both(20) end)
print(both(100))
