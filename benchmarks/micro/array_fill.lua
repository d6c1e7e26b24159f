-- Stores to consecutive indices of a fresh array.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local t = {}
    for i = 1, n do
        t[i] = i
    end
    return t[n]
end

H.main {
    size = 1000000, quick = 200000, reps = 17, run = run,
    check = function(r, n) return r == n end,
}
