-- Arrays with holes: every third element nil, filled and emptied again.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local t = {}
    for i = 1, n do
        t[i] = i
    end
    for i = 3, n, 3 do
        t[i] = nil
    end
    local sum = 0
    for i = 1, n do
        sum = sum + (t[i] or 0)
    end
    for i = 3, n, 3 do
        t[i] = i
    end
    return sum + t[3]
end

H.main {
    size = 300000, quick = 60000, reps = 23, run = run,
    check = function(r, n)
        local third = n / 3
        return r == n * (n + 1) / 2 - 3 * third * (third + 1) / 2 + 3
    end,
}
