-- Methods called through pcall, one in a hundred raising an error.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Task = {}
Task.__index = Task

function Task:step(i)
    if i % 100 == 0 then
        error("task failed")
    end
    self.done = self.done + 1
    return self.done
end

local function run(n)
    local task, failed = setmetatable({ done = 0 }, Task), 0
    for i = 1, n do
        local ok = pcall(task.step, task, i)
        if not ok then
            failed = failed + 1
        end
    end
    return failed * 2 + task.done
end

H.main {
    size = 1000000, quick = 200000, reps = 3, run = run,
    check = function(r, n) return r == n + n / 100 end,
}
