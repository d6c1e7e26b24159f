-- select('#', ...) and select(i, ...) over ten arguments.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function sum(...)
    local total = 0
    for i = 1, select("#", ...) do
        total = total + (select(i, ...))
    end
    return total
end

local function run(n)
    local total = 0
    for i = 1, n do
        total = total + sum(i, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    end
    return total
end

H.main {
    size = 200000, quick = 40000, reps = 3, run = run,
    check = function(r, n) return r == n * (n + 1) / 2 + 54 * n end,
}
