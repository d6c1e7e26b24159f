-- Floating-point arithmetic in a loop: the logistic map and a sum of reciprocals.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local x, sum = 0.3, 0.0
    for i = 1, n do
        x = 3.7 * x * (1.0 - x)
        sum = sum + x / i
    end
    return sum
end

H.main {
    size = 10000000, quick = 1000000, run = run,
    check = function(r, n) return r > 2 and r < 15 end,
}
