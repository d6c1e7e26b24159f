-- n steps of acc + p.x + p.y + p.z; the record changes between steps, so that no read can be
-- hoisted.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n, p)
    local acc = 0
    for i = 1, n do
        acc = acc + p.x + p.y + p.z
        p.y = i
    end
    return acc
end

local function setup()
    return { x = 1, y = 0, z = 3 }
end

H.main {
    size = 10000, reps = 500, setup = setup,
    run = function(n, p)
        p.y = 0
        return run(n, p)
    end,
    check = function(r, n) return r == 4 * n + n * (n - 1) / 2 end,
}
