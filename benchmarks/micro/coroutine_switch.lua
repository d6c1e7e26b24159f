-- Resume and yield between two coroutines, a value each way.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local yield = coroutine.yield
    local co = coroutine.wrap(function(x)
        while true do
            x = yield(x + 1)
        end
    end)
    local x = 0
    for _ = 1, n do
        x = co(x)
    end
    return x
end

H.main {
    size = 1000000, quick = 200000, reps = 2, run = run,
    check = function(r, n) return r == n end,
}
