-- An octree of n bodies with masses, and the approximate forces on them (Barnes and Hut), checked
-- against conservation of mass and against exact sums for a few.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Cell = {}
Cell.__index = Cell

function Cell.new(x, y, z, half)
    return setmetatable({ x = x, y = y, z = z, half = half, mass = 0, mx = 0, my = 0, mz = 0 },
        Cell)
end

function Cell:child(b)
    local i = (b.x > self.x and 1 or 0) + (b.y > self.y and 2 or 0) + (b.z > self.z and 4 or 0) + 1
    local c = self.children[i]
    if not c then
        local q = self.half / 2
        c = Cell.new(self.x + (b.x > self.x and q or -q), self.y + (b.y > self.y and q or -q),
            self.z + (b.z > self.z and q or -q), q)
        self.children[i] = c
    end
    return c
end

function Cell:insert(b)
    if self.children then
        self:child(b):insert(b)
    elseif self.body then
        local old = self.body
        self.body, self.children = nil, {}
        self:child(old):insert(old)
        self:child(b):insert(b)
    else
        self.body = b
    end
    self.mass = self.mass + b.mass
    self.mx = self.mx + b.x * b.mass
    self.my = self.my + b.y * b.mass
    self.mz = self.mz + b.z * b.mass
end

function Cell:pull(b)
    if self.body == b then
        return 0
    end
    local m = self.mass
    local dx, dy, dz = self.mx / m - b.x, self.my / m - b.y, self.mz / m - b.z
    local d2 = dx * dx + dy * dy + dz * dz + 1e-4
    if self.body or 4 * self.half * self.half < 0.25 * d2 then
        return m / d2
    end
    local sum = 0
    for i = 1, 8 do
        local c = self.children[i]
        if c then
            sum = sum + c:pull(b)
        end
    end
    return sum
end

local function exact(bodies, b)
    local sum = 0
    for _, o in ipairs(bodies) do
        if o ~= b then
            local dx, dy, dz = o.x - b.x, o.y - b.y, o.z - b.z
            sum = sum + o.mass / (dx * dx + dy * dy + dz * dz + 1e-4)
        end
    end
    return sum
end

local function run(n)
    local random, bodies, total = H.random(88), {}, 0
    local root = Cell.new(0.5, 0.5, 0.5, 0.5)
    for i = 1, n do
        local b = { x = random(), y = random(), z = random(), mass = random() + 0.5 }
        bodies[i] = b
        total = total + b.mass
        root:insert(b)
    end
    local worst = math.abs(root.mass - total)
    for i, b in ipairs(bodies) do
        b.force = root:pull(b)
        if i % 500 == 0 then
            worst = math.max(worst, math.abs(b.force / exact(bodies, b) - 1))
        end
    end
    return worst
end

H.main { size = 2500, quick = 500, reps = 3, run = run, check = function(r) return r < 0.05 end }
