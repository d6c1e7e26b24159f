-- tostring and tonumber.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local tostring, tonumber, sum = tostring, tonumber, 0
    for i = 1, n do
        sum = sum + tonumber(tostring(i)) + tonumber(tostring(i + 0.5))
    end
    return sum
end

H.main {
    size = 300000, quick = 50000, run = run,
    check = function(r, n) return r == n * (n + 1) + n / 2 end,
}
