-- An array filled from its end to its beginning, then read forward.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local t = {}
    for i = n, 1, -1 do
        t[i] = i
    end
    local sum = 0
    for i = 1, n do
        sum = sum + t[i]
    end
    return sum
end

H.main {
    size = 200000, quick = 50000, reps = 21, run = run,
    check = function(r, n) return r == n * (n + 1) / 2 end,
}
