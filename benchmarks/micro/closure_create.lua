-- Creation of closures over two variables, and one call of each.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local sum = 0
    for i = 1, n do
        local f = function(x) return x + i + n end
        sum = sum + f(1) % 7
    end
    return sum
end

H.main {
    size = 1000000, quick = 200000, reps = 2, run = run,
    check = function(r, n)
        local sum = 0
        for i = 1, n do
            sum = sum + (1 + i + n) % 7
        end
        return r == sum
    end,
}
