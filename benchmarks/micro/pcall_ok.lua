-- pcall of a function that succeeds.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function add(a, b)
    return a + b
end

local function run(n)
    local pcall, sum = pcall, 0
    for i = 1, n do
        local ok, v = pcall(add, i, 1)
        if ok then
            sum = sum + v
        end
    end
    return sum
end

H.main {
    size = 2000000, quick = 300000, reps = 2, run = run,
    check = function(r, n) return r == n * (n + 3) / 2 end,
}
