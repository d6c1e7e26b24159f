-- Calls of local functions with zero to four arguments and one or two results.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function zero() return 1 end
local function one(a) return a end
local function two(a, b) return a + b, b end
local function four(a, b, c, d) return a + b + c - d end

local function run(n)
    local sum = 0
    for i = 1, n do
        local x, y = two(one(i), zero())
        sum = (sum + four(x, y, 1, i)) % 65536
    end
    return sum
end

H.main {
    size = 1000000, quick = 200000, reps = 2, run = run,
    check = function(r, n) return r == 3 * n % 65536 end,
}
