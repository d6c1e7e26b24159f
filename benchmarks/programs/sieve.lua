-- The sieve of Eratosthenes: primes up to n, in an array of booleans.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local composite, count = {}, 0
    for i = 1, n do
        composite[i] = false
    end
    for i = 2, n do
        if not composite[i] then
            count = count + 1
            for j = i * i, n, i do
                composite[j] = true
            end
        end
    end
    return count
end

H.main {
    size = 4000000, quick = 500000, run = run,
    expect = { [10000] = 1229, [500000] = 41538, [1000000] = 78498, [4000000] = 283146 },
}
