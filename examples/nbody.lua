-- nbody.lua [STEPS]: the outer planets around the Sun, integrated step by step.
--
-- Each step moves every body by the pull of all others with the symplectic Euler method: first the velocities, from
-- the forces at the old positions, then the positions. The method keeps the energy nearly constant over long times,
-- so the energy printed before and after says how good the run was.
--
-- Units: astronomical units, years, solar masses; the gravitational constant is then 4 * pi^2.

local sqrt, pi = math.sqrt, math.pi

local SOLAR_MASS = 4 * pi * pi
local DAYS_PER_YEAR = 365.24

local Body = {}
Body.__index = Body

--- A body at (x, y, z) moving with (vx, vy, vz) in units a day; its mass is a fraction of the Sun's.
function Body.new(name, x, y, z, vx, vy, vz, mass)
  return setmetatable({
    name = name,
    x = x, y = y, z = z,
    vx = vx * DAYS_PER_YEAR, vy = vy * DAYS_PER_YEAR, vz = vz * DAYS_PER_YEAR,
    mass = mass * SOLAR_MASS,
  }, Body)
end

function Body:kineticEnergy()
  return 0.5 * self.mass * (self.vx * self.vx + self.vy * self.vy + self.vz * self.vz)
end

function Body:distanceTo(other)
  local dx, dy, dz = self.x - other.x, self.y - other.y, self.z - other.z
  return sqrt(dx * dx + dy * dy + dz * dz)
end

--- Advance the position along the velocity.
function Body:drift(dt)
  self.x = self.x + dt * self.vx
  self.y = self.y + dt * self.vy
  self.z = self.z + dt * self.vz
end

--- Exchange momentum with another body for the time dt.
function Body:pull(other, dt)
  local dx, dy, dz = self.x - other.x, self.y - other.y, self.z - other.z
  local d2 = dx * dx + dy * dy + dz * dz
  local magnitude = dt / (d2 * sqrt(d2))
  local toSelf, toOther = other.mass * magnitude, self.mass * magnitude
  self.vx = self.vx - dx * toSelf
  self.vy = self.vy - dy * toSelf
  self.vz = self.vz - dz * toSelf
  other.vx = other.vx + dx * toOther
  other.vy = other.vy + dy * toOther
  other.vz = other.vz + dz * toOther
end

local System = {}
System.__index = System

function System.new(bodies)
  local self = setmetatable({bodies = bodies}, System)
  self:centre()
  return self
end

--- Give the first body, the Sun, the momentum that brings the whole system to rest.
function System:centre()
  local px, py, pz = 0.0, 0.0, 0.0
  for _, body in ipairs(self.bodies) do
    px = px + body.vx * body.mass
    py = py + body.vy * body.mass
    pz = pz + body.vz * body.mass
  end
  local sun = self.bodies[1]
  sun.vx = sun.vx - px / sun.mass
  sun.vy = sun.vy - py / sun.mass
  sun.vz = sun.vz - pz / sun.mass
end

function System:energy()
  local bodies, total = self.bodies, 0.0
  for i, body in ipairs(bodies) do
    total = total + body:kineticEnergy()
    for j = i + 1, #bodies do
      total = total - body.mass * bodies[j].mass / body:distanceTo(bodies[j])
    end
  end
  return total
end

function System:step(dt)
  local bodies = self.bodies
  for i = 1, #bodies do
    local body = bodies[i]
    for j = i + 1, #bodies do
      body:pull(bodies[j], dt)
    end
  end
  for i = 1, #bodies do
    bodies[i]:drift(dt)
  end
end

-- Positions and velocities are rounded values for one day in the year 2000.
local function outerPlanets()
  return System.new{
    Body.new("Sun", 0, 0, 0, 0, 0, 0, 1),
    Body.new("Jupiter", 4.8414, -1.1603, -0.1036, 0.001660, 0.007699, -0.000069, 9.5479e-4),
    Body.new("Saturn", 8.3434, 4.1248, -0.4035, -0.002767, 0.004998, 0.000023, 2.8589e-4),
    Body.new("Uranus", 12.8944, -15.1112, -0.2233, 0.002965, 0.002379, -0.000030, 4.3662e-5),
    Body.new("Neptune", 15.3797, -25.9193, 0.1793, 0.002681, 0.001628, -0.000095, 5.1514e-5),
  }
end

local function main(steps)
  local system = outerPlanets()
  print(("energy before  %.9f"):format(system:energy()))
  for _ = 1, steps do
    system:step(0.01)
  end
  print(("energy after   %.9f"):format(system:energy()))
  local sun = system.bodies[1]
  for i = 2, #system.bodies do
    local planet = system.bodies[i]
    print(("%-8s %8.4f au from the Sun"):format(planet.name, planet:distanceTo(sun)))
  end
end

main(tonumber(arg and arg[1]) or 3000)
