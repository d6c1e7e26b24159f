-- Walks of a mixed table by pairs: half array, half string keys.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function setup(n)
    local t = {}
    for i = 1, n / 2 do
        t[i] = i
        t["k" .. i] = i
    end
    return t
end

local function run(n, t)
    local sum = 0
    for _, v in pairs(t) do
        sum = sum + v
    end
    return sum
end

H.main {
    size = 20000, reps = 290, setup = setup, run = run,
    check = function(r, n) return r == n / 2 * (n / 2 + 1) end,
}
