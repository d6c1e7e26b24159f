-- Iterative Fibonacci in one loop; the sum wraps at 64 bits.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local a, b = 0, 1
    for _ = 1, n do
        a, b = b, a + b
    end
    return a
end

H.main {
    size = 100000, reps = 150, needs = "5.3",
    run = run,
    expect = { [10] = 55, [100000] = 2754320626097736315 },
}
