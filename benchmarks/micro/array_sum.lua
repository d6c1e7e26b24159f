-- Reads of consecutive indices of an existing array of integers.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function setup(n)
    local t = {}
    for i = 1, n do
        t[i] = i % 100
    end
    return t
end

local function run(n, t)
    local sum = 0
    for i = 1, #t do
        sum = sum + t[i]
    end
    return sum
end

H.main {
    size = 100000, reps = 200, setup = setup,
    run = run,
    check = function(r, n) return n % 100 ~= 0 or r == n / 100 * 4950 end,
}
