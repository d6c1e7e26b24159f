-- Calls of a small method through the class's __index.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Account = {}
Account.__index = Account

function Account:deposit(v)
    self.balance = self.balance + v
    return self.balance
end

local function run(n)
    local a, last = setmetatable({ balance = 0 }, Account), 0
    for i = 1, n do
        last = a:deposit(i)
    end
    return last
end

H.main {
    size = 2500000, quick = 500000, run = run,
    check = function(r, n) return r == n * (n + 1) / 2 end,
}
