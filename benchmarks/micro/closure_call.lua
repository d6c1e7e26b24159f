-- Calls of a counter closure: upvalue read and write.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function counter()
    local count = 0
    return function(step)
        count = count + step
        return count
    end
end

local function run(n)
    local next, last = counter(), 0
    for _ = 1, n do
        last = next(2)
    end
    return last
end

H.main {
    size = 3000000, quick = 500000, reps = 2, run = run,
    check = function(r, n) return r == 2 * n end,
}
