-- n x n steps of sum = sum + 1.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local sum = 0
    for _ = 1, n do
        for _ = 1, n do
            sum = sum + 1
        end
    end
    return sum
end

H.main {
    size = 1000, reps = 25,
    run = run,
    check = function(r, n) return r == n * n end,
}
