-- A k-d tree of points in space: built by medians, asked for nearest neighbours, answers checked
-- against a scan.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Node = {}
Node.__index = Node

local axes = { "x", "y", "z" }

local function build(points, lo, hi, depth)
    if lo > hi then
        return nil
    end
    local axis = axes[depth % 3 + 1]
    local part = {}
    for i = lo, hi do
        part[#part + 1] = points[i]
    end
    table.sort(part, function(a, b) return a[axis] < b[axis] end)
    for i = lo, hi do
        points[i] = part[i - lo + 1]
    end
    local mid = math.floor((lo + hi) / 2)
    return setmetatable({
        point = points[mid], axis = axis,
        left = build(points, lo, mid - 1, depth + 1), right = build(points, mid + 1, hi, depth + 1),
    }, Node)
end

local function distance(a, b)
    local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
    return dx * dx + dy * dy + dz * dz
end

function Node:nearest(p, best)
    local d = distance(p, self.point)
    if d < best.distance then
        best.distance, best.point = d, self.point
    end
    local gap = p[self.axis] - self.point[self.axis]
    local near, far = self.left, self.right
    if gap > 0 then
        near, far = far, near
    end
    if near then
        near:nearest(p, best)
    end
    if far and gap * gap < best.distance then
        far:nearest(p, best)
    end
    return best
end

local function setup(n)
    local random, points = H.random(55), {}
    for i = 1, n do
        points[i] = { x = random(), y = random(), z = random() }
    end
    return points
end

local function run(n, points)
    local root = build(points, 1, n, 0)
    local random, sum = H.random(56), 0
    for i = 1, n do
        local p = { x = random(), y = random(), z = random() }
        local best = root:nearest(p, { distance = math.huge })
        sum = sum + best.distance
        if i % 1000 == 0 then
            for j = 1, n do
                assert(distance(p, points[j]) >= best.distance)
            end
        end
    end
    return string.format("%.9f", sum)
end

H.main {
    size = 10000, quick = 2000, reps = 3, setup = setup, run = run,
    expect = { [10000] = "7.737035403", [2000] = "4.479081323" },
}
