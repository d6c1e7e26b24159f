-- A proxy: an empty table that forwards reads, writes and calls to a target, counting them.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local counts = { reads = 0, writes = 0 }

local function proxy(target)
    return setmetatable({}, {
        __index = function(_, k)
            counts.reads = counts.reads + 1
            return target[k]
        end,
        __newindex = function(_, k, v)
            counts.writes = counts.writes + 1
            target[k] = v
        end,
        __call = function(_, f, ...)
            return target[f](target, ...)
        end,
    })
end

local function run(n)
    counts.reads, counts.writes = 0, 0
    local p = proxy { total = 0, add = function(self, v) self.total = self.total
        + v return self.total end }
    local last
    for i = 1, n do
        p.total = p.total + 1
        last = p("add", i)
    end
    return last + counts.reads + counts.writes
end

H.main {
    size = 500000, quick = 100000, reps = 2, run = run,
    check = function(r, n) return r == n + n * (n + 1) / 2 + 2 * n end,
}
