-- An array made with integer zeros that then receives floats: the element kind changes.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local t = {}
    for i = 1, n do
        t[i] = 0
    end
    for round = 1, 4 do
        for i = 1, n do
            t[i] = t[i] + round * 0.25
        end
    end
    local sum = 0
    for i = 1, n do
        sum = sum + t[i]
    end
    return sum
end

H.main {
    size = 100000, quick = 20000, reps = 31, run = run,
    check = function(r, n) return r == 2.5 * n end,
}
