-- __index as a function: computed properties and defaults made on demand, and __newindex.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local getters = {
    area = function(o) return o.w * o.h end,
    perimeter = function(o) return 2 * (o.w + o.h) end,
}
local Rect = {
    __index = function(o, k)
        local get = getters[k]
        return get and get(o)
    end,
    __newindex = function(o, k, v)
        rawset(o, k, v + 1)
    end,
}

local function run(n)
    local sum = 0
    for i = 1, n do
        local r = setmetatable({ w = i % 10, h = 2 }, Rect)
        r.extra = 1
        sum = sum + r.area + r.perimeter + r.extra + (r.missing or 0)
    end
    return sum
end

H.main {
    size = 200000, quick = 40000, reps = 2, run = run,
    check = function(r, n) return r == n * (4.5 * 4 + 6) end,
}
