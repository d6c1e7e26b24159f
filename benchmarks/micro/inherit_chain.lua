-- A method found four classes up the chain.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function class(base)
    local c = {}
    c.__index = c
    return setmetatable(c, base)
end

local A = class()
local B = class(A)
local C = class(B)
local D = class(C)
function A:get(i) return self.value + i end

local function run(n)
    local o, sum = setmetatable({ value = 5 }, D), 0
    for i = 1, n do
        sum = (sum + o:get(i)) % 1000007
    end
    return sum
end

H.main {
    size = 1500000, quick = 300000, reps = 2, run = run,
    check = function(r, n)
        return r == (n * (n + 1) / 2 + 5 * n) % 1000007
    end,
}
