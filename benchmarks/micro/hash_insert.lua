-- Insertion of sparse integer keys and of string keys in fresh maps.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function setup(n)
    local names = {}
    for i = 1, n do
        names[i] = "key" .. i * 7
    end
    return names
end

local function run(n, names)
    local by_number, by_name = {}, {}
    for i = 1, n do
        by_number[i * 31] = i
        by_name[names[i]] = i
    end
    return by_number[n * 31] + by_name[names[n]]
end

H.main {
    size = 100000, quick = 20000, reps = 8, setup = setup, run = run,
    check = function(r, n) return r == 2 * n end,
}
