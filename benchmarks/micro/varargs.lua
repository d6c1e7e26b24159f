-- Varargs: forwarding, packing in a table, unpacking.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")
local unpack = H.unpack

local function sum3(a, b, c)
    return a + b + c
end

local function forward(...)
    return sum3(...)
end

local function packed(...)
    local t = { ... }
    return sum3(unpack(t))
end

local function run(n)
    local sum = 0
    for i = 1, n do
        sum = sum + forward(i, 1, 2) + packed(i, 3, 4)
    end
    return sum
end

H.main {
    size = 500000, quick = 100000, reps = 2, run = run,
    check = function(r, n) return r == n * (n + 1) + 10 * n end,
}
