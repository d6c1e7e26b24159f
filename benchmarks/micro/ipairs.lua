-- Walks of an array by ipairs.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function setup(n)
    local t = {}
    for i = 1, n do
        t[i] = i
    end
    return t
end

local function run(n, t)
    local sum = 0
    for i, v in ipairs(t) do
        sum = sum + i - v + 1
    end
    return sum
end

H.main {
    size = 100000, reps = 92, setup = setup, run = run,
    check = function(r, n) return r == n end,
}
