-- Short-lived records of one, three and eight fields.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local sum, kept = 0, {}
    for i = 1, n do
        local a = { v = i }
        local b = { x = i, y = a, z = 1 }
        local c = { a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = b }
        kept[i % 16 + 1] = c -- so that the allocation is not optimised away
        sum = sum + c.h.y.v + c.a
    end
    return sum
end

H.main {
    size = 300000, quick = 50000, reps = 2, run = run,
    check = function(r, n) return r == n * (n + 3) / 2 end,
}
