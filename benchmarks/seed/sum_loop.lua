-- acc = acc * 3 ~ i: no compiler has a closed form for it. Its foldable twin is sum_loop_fold.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local run = H.integers and H.load [[
    local n = ...
    local acc = 1
    for i = 1, n do
        acc = acc * 3 ~ i
    end
    return acc
]]

H.main {
    size = 100000, reps = 150, needs = "5.3",
    run = run,
    expect = { [3] = 15, [100000] = -4130613733480825791 },
}
