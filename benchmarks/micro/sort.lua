-- table.sort of integers with the default order.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function setup(n)
    local random, t = H.random(7), {}
    for i = 1, n do
        t[i] = random(1000000)
    end
    return t
end

local function run(n, source)
    local t = {}
    for i = 1, n do
        t[i] = source[i]
    end
    table.sort(t)
    return t
end

H.main {
    size = 100000, quick = 20000, reps = 5, setup = setup,
    run = function(n, s)
        local t = run(n, s)
        for i = 2, n do
            if t[i - 1] > t[i] then
                return "unsorted"
            end
        end
        return #t
    end,
    check = function(r, n) return r == n end,
}
