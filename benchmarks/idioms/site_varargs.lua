-- Methods called through a forwarding vararg function, as wrappers and decorators do.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local C = {}
C.__index = C
function C:add(a, b) self.v = self.v + a + b return self.v end

local function call(o, name, ...)
    return o[name](o, ...)
end

local function traced(f)
    local calls = 0
    return function(...)
        calls = calls + 1
        return f(...)
    end
end

local function run(n)
    local o, last = setmetatable({ v = 0 }, C), 0
    local wrapped = traced(call)
    for i = 1, n do
        last = wrapped(o, "add", i, 1)
    end
    return last
end

H.main {
    size = 600000, quick = 100000, reps = 3, run = run,
    check = function(r, n) return r == n * (n + 3) / 2 end,
}
