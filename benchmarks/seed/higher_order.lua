-- map, filter and reduce with closures over n elements.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function map(t, f)
    local r = {}
    for i = 1, #t do
        r[i] = f(t[i])
    end
    return r
end

local function filter(t, keep)
    local r = {}
    for i = 1, #t do
        if keep(t[i]) then
            r[#r + 1] = t[i]
        end
    end
    return r
end

local function reduce(t, f, acc)
    for i = 1, #t do
        acc = f(acc, t[i])
    end
    return acc
end

local function run(n, t)
    local factor = 3
    local tripled = map(t, function(x) return x * factor end)
    local even = filter(tripled, function(x) return x % 2 == 0 end)
    return reduce(even, function(a, b) return a + b end, 0)
end

H.main {
    size = 1000, reps = 1250,
    setup = function(n)
        local t = {}
        for i = 1, n do
            t[i] = i
        end
        return t
    end,
    run = run,
    check = function(r, n)
        local half = math.floor(n / 2)
        return r == 3 * half * (half + 1)
    end,
}
