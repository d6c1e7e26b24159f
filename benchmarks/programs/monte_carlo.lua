-- Monte Carlo estimate of pi with a lagged generator held in an object's array.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Random = {}
Random.__index = Random

function Random.new(seed)
    local state, x = {}, seed
    for i = 1, 17 do
        x = x * 16807 % 2147483647
        state[i] = x
    end
    return setmetatable({ state = state, i = 5, j = 17 }, Random)
end

function Random:next()
    local state, i, j = self.state, self.i, self.j
    local k = state[i] - state[j]
    if k < 0 then
        k = k + 2147483647
    end
    state[j] = k
    self.i = i > 1 and i - 1 or 17
    self.j = j > 1 and j - 1 or 17
    return k / 2147483647
end

local function run(n)
    local random, hits = Random.new(101), 0
    for _ = 1, n do
        local x, y = random:next(), random:next()
        if x * x + y * y <= 1.0 then
            hits = hits + 1
        end
    end
    return 4.0 * hits / n
end

H.main {
    size = 1500000, quick = 300000, reps = 2, run = run,
    check = function(r) return math.abs(r - math.pi) < 0.02 end,
}
