-- Builds an array of n integers and sums it.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local t = {}
    for i = 1, n do
        t[i] = i
    end
    local sum = 0
    for i = 1, #t do
        sum = sum + t[i]
    end
    return sum
end

H.main {
    size = 1000000, quick = 200000, reps = 5,
    run = run,
    check = function(r, n) return r == n * (n + 1) / 2 end,
}
