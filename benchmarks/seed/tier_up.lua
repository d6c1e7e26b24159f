-- Very short iterations (about a millisecond) of one mixed function: the runner's warm-up figures
-- of this program are the time from the first call to 90 % of the steady speed.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Point = {}
Point.__index = Point

function Point.new(x, y)
    return setmetatable({ x = x, y = y }, Point)
end

function Point:advance(k)
    self.x = (self.x + k) % 1009
    self.y = (self.y + self.x) % 1013
    return self.x + self.y
end

local function run(n)
    local p, sum, t = Point.new(1, 2), 0, {}
    for i = 1, n do
        sum = sum + p:advance(i)
        t[i % 64 + 1] = sum
    end
    return sum + #t
end

H.main {
    size = 10000,
    run = run,
    expect = { [10000] = 10035957 },
}
