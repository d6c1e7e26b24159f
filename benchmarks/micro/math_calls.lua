-- Calls into the mathematics library.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local floor, sqrt, sin, max, min, abs = math.floor, math.sqrt, math.sin, math.max, math.min,
        math.abs
    local sum = 0
    for i = 1, n do
        sum = sum + floor(sqrt(i)) + max(i % 5, i % 7) - min(i % 3, 1) + abs(-1)
            + floor(sin(i) * 0.5 + 1)
    end
    return sum
end

H.main {
    size = 500000, quick = 100000, reps = 2, run = run,
    expect = { [500000] = 237655296, [100000] = 21472644 },
}
