-- Reads and writes of global variables and of functions in a library table.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

total, step = 0, 3

local function run(n)
    total = 0
    for i = 1, n do
        total = total + step
        if total > 1000000 then
            total = math.floor(total / 2)
        end
    end
    return total
end

H.main {
    size = 4000000, quick = 500000, reps = 2, run = run,
    check = function(r, n)
        local t = 0
        for _ = 1, n do
            t = t + 3
            if t > 1000000 then
                t = math.floor(t / 2)
            end
        end
        return r == t
    end,
}
