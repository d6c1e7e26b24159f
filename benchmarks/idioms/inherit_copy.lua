-- Inheritance by copying the base's methods in a loop, once for the class, and mixins copied into
-- objects.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function extend(base, own)
    local c = {}
    for k, v in pairs(base) do
        c[k] = v
    end
    for k, v in pairs(own) do
        c[k] = v
    end
    c.__index = c
    return c
end

local Base = {
    set = function(self, v) self.v = v end,
    get = function(self) return self.v end,
    twice = function(self) return 2 * self:get() end,
}
local Plus = extend(Base, { get = function(self) return self.v + 1 end })
local mixin = { left = function(self) return self.v - 1 end, right = function(self) return self.v
    + 1 end }

local function run(n)
    local sum = 0
    for i = 1, n do
        local o = setmetatable({ v = 0 }, Plus)
        for k, f in pairs(mixin) do
            o[k] = f
        end
        o:set(i)
        sum = sum + o:twice() + o:left() - o:right()
    end
    return sum
end

H.main {
    size = 200000, quick = 40000, reps = 2, run = run,
    check = function(r, n) return r == n * (n + 1) end,
}
