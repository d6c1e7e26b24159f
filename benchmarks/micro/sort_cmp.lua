-- table.sort of records with a comparator.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function setup(n)
    local random, t = H.random(7), {}
    for i = 1, n do
        t[i] = { key = random(1000000), id = i }
    end
    return t
end

local function run(n, source)
    local t = {}
    for i = 1, n do
        t[i] = source[i]
    end
    table.sort(t, function(a, b)
        return a.key < b.key or a.key == b.key and a.id < b.id
    end)
    for i = 2, n do
        if t[i - 1].key > t[i].key then
            return "unsorted"
        end
    end
    return #t
end

H.main {
    size = 50000, quick = 10000, reps = 4, setup = setup, run = run,
    check = function(r, n) return r == n end,
}
