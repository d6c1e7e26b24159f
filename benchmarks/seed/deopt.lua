-- A function hot with integers meets a float: the metric is the time of that first odd call, in
-- microseconds, above a usual one. The clock itself costs up to a microsecond.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function make()
    return function(a, b)
        return a * b + a - b
    end
end

local function warm(f, n)
    local sum = 0
    for i = 1, n do
        sum = (sum + f(i % 100, 3)) % 65536
    end
    return sum
end

local function timed(f, a, b)
    local clock = os.clock
    local before = clock()
    f(a, b)
    return clock() - before
end

local function run(n)
    local f = make()
    local sum = warm(f, n)
    local usual = math.min(timed(f, 5, 3), timed(f, 6, 3), timed(f, 7, 3))
    local odd = timed(f, 5.5, 3)
    H.metric("deoptimise", math.max(odd - usual, 0) * 1e6, "us")
    assert(f(5.5, 3) == 19 and f(5, 3) == 17)
    return sum
end

H.main {
    size = 3000000, quick = 500000,
    run = run,
    check = function(r, n) return r == warm(make(), n) end,
}
