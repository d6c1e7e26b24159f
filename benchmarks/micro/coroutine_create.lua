-- Creation of coroutines that run to their end at once.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function body(x)
    return x + 1
end

local function run(n)
    local create, resume, sum = coroutine.create, coroutine.resume, 0
    for i = 1, n do
        local _, value = resume(create(body), i)
        sum = sum + value
    end
    return sum
end

H.main {
    size = 200000, quick = 50000, reps = 6, run = run,
    check = function(r, n) return r == n * (n + 3) / 2 end,
}
