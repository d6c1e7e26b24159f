-- A ray tracer: spheres and a plane, shadows and reflections; vectors are objects with metamethods.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Vec = {}
Vec.__index = Vec

local function vec(x, y, z)
    return setmetatable({ x = x, y = y, z = z }, Vec)
end

Vec.__add = function(a, b) return vec(a.x + b.x, a.y + b.y, a.z + b.z) end
Vec.__sub = function(a, b) return vec(a.x - b.x, a.y - b.y, a.z - b.z) end
Vec.__mul = function(a, k) return vec(a.x * k, a.y * k, a.z * k) end

function Vec:dot(b)
    return self.x * b.x + self.y * b.y + self.z * b.z
end

function Vec:unit()
    return self * (1 / math.sqrt(self:dot(self)))
end

local Sphere = {}
Sphere.__index = Sphere

function Sphere.new(center, radius, shade, mirror)
    return setmetatable({ center = center, radius = radius, shade = shade, mirror = mirror },
        Sphere)
end

function Sphere:hit(origin, direction)
    local oc = origin - self.center
    local b = oc:dot(direction)
    local d = b * b - oc:dot(oc) + self.radius * self.radius
    if d < 0 then
        return nil
    end
    local root = math.sqrt(d)
    local t = -b - root
    if t < 1e-4 then
        t = -b + root
    end
    return t > 1e-4 and t or nil
end

function Sphere:normal(point)
    return (point - self.center):unit()
end

local Plane = {}
Plane.__index = Plane

function Plane.new(height, shade, mirror)
    return setmetatable({ height = height, shade = shade, mirror = mirror, up = vec(0, 1, 0) },
        Plane)
end

function Plane:hit(origin, direction)
    local t = (self.height - origin.y) / direction.y
    return t > 1e-4 and t < 1e6 and t or nil
end

function Plane:normal()
    return self.up
end

local Scene = {}
Scene.__index = Scene

function Scene.new()
    local things = { Plane.new(-1, 0.6, 0.2) }
    for i = 1, 8 do
        local center = vec((i - 4.5) * 0.9, (i % 3 - 1) * 0.6, 4 + i % 2)
        things[#things + 1] = Sphere.new(center, 0.5, 0.2 + 0.1 * i, i % 2 * 0.5)
    end
    return setmetatable({ things = things, light = vec(-3, 5, -2) }, Scene)
end

function Scene:nearest(origin, direction)
    local best, found
    for _, thing in ipairs(self.things) do
        local t = thing:hit(origin, direction)
        if t and (not best or t < best) then
            best, found = t, thing
        end
    end
    return found, best
end

function Scene:trace(origin, direction, depth)
    local thing, t = self:nearest(origin, direction)
    if not thing then
        return 0.3 + 0.3 * direction.y
    end
    local point = origin + direction * t
    local normal = thing:normal(point)
    local to_light = (self.light - point):unit()
    local light = 0.1
    if not self:nearest(point, to_light) then
        light = light + 0.9 * math.max(0, normal:dot(to_light))
    end
    local shade = thing.shade * light
    if depth > 0 and thing.mirror > 0 then
        local reflected = direction - normal * (2 * normal:dot(direction))
        shade = shade * (1 - thing.mirror) + thing.mirror * self:trace(point, reflected, depth - 1)
    end
    return shade
end

local function run(n)
    local scene, eye, sum = Scene.new(), vec(0, 0.3, -2), 0
    for y = 1, n do
        for x = 1, n do
            sum = sum + scene:trace(eye, vec(x / n - 0.5, 0.5 - y / n, 1):unit(), 3)
        end
    end
    return string.format("%.6f", sum)
end

H.main {
    size = 70, quick = 30, reps = 11, run = run,
    expect = { [70] = "1872.958433", [30] = "344.625757" },
}
