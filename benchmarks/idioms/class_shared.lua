-- Objects with one shared metatable: C.__index = C.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Counter = {}
Counter.__index = Counter

function Counter.new(step)
    return setmetatable({ value = 0, step = step }, Counter)
end

function Counter:tick()
    self.value = self.value + self.step
end

function Counter:get()
    return self.value
end

local function run(n)
    local sum, kept = 0, {}
    for i = 1, n do
        local c = Counter.new(i % 8)
        kept[i % 16 + 1] = c -- so that the allocation is not optimised away
        c:tick()
        c:tick()
        c:tick()
        sum = sum + c:get()
    end
    return sum
end

H.main {
    size = 400000, quick = 80000, reps = 2, run = run,
    check = function(r, n) return r == n * 3.5 * 3 end,
}
