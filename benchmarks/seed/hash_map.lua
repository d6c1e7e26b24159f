-- m[i] = i * 2 for n keys from 0, then the sum of the reads.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local m = {}
    for i = 0, n - 1 do
        m[i] = i * 2
    end
    local sum = 0
    for i = 0, n - 1 do
        sum = sum + m[i]
    end
    return sum
end

H.main {
    size = 100000, reps = 50,
    run = run,
    check = function(r, n) return r == n * (n - 1) end,
}
