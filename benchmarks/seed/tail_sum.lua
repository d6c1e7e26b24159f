-- The sum of 1..n by self tail call: constant stack.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function sum_to(n, acc)
    if n == 0 then
        return acc
    end
    return sum_to(n - 1, acc + n)
end

H.main {
    size = 100000, reps = 50,
    run = function(n) return sum_to(n, 0) end,
    check = function(r, n) return r == n * (n + 1) / 2 end,
}
