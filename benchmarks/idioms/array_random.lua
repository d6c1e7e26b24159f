-- An array filled in random order: a permutation.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function setup(n)
    local random, p = H.random(3), {}
    for i = 1, n do
        p[i] = i
    end
    for i = n, 2, -1 do
        local j = random(i)
        p[i], p[j] = p[j], p[i]
    end
    return p
end

local function run(n, p)
    local t = {}
    for i = 1, n do
        t[p[i]] = i
    end
    local sum = 0
    for i = 1, n do
        sum = sum + p[t[i]] - i + 1
    end
    return sum
end

H.main {
    size = 200000, quick = 50000, reps = 9, setup = setup, run = run,
    check = function(r, n) return r == n end,
}
