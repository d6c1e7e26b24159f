-- Ackermann's function of 3 and n: deep recursion, tail calls and others.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function ack(m, n)
    if m == 0 then
        return n + 1
    end
    if n == 0 then
        return ack(m - 1, 1)
    end
    return ack(m - 1, ack(m, n - 1))
end

H.main {
    size = 8, quick = 7, reps = 9,
    run = function(n) return ack(3, n) end,
    check = function(r, n) return r == 2 ^ (n + 3) - 3 end,
}
