-- A leaf function of three integers, called n times: a^2 + b^2 + c^2 + ab + bc.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function poly(a, b, c)
    return a * a + b * b + c * c + a * b + b * c
end

local function run(n)
    local sum, b, c = 0, 7, 3
    for a = 1, n do
        sum = (sum + poly(a, b, c)) % 1000003
        b, c = c, b + 1
        if b > 1000 then
            b, c = 7, 3
        end
    end
    return sum
end

H.main {
    size = 1000000, quick = 200000, reps = 2,
    run = run,
    expect = { [1000000] = 126353, [200000] = 851850 },
}
