-- Closures as objects: state in upvalues, a table of functions per object.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function account(balance)
    local log = 0
    local self = {}
    function self.deposit(v)
        balance = balance + v
        log = log + 1
    end
    function self.withdraw(v)
        if v > balance then
            return false
        end
        balance = balance - v
        log = log + 1
        return true
    end
    function self.report()
        return balance * 10 + log
    end
    return self
end

local function run(n)
    local sum, kept = 0, {}
    for i = 1, n do
        local a = account(5)
        kept[i % 16 + 1] = a -- so that the allocation is not optimised away
        a.deposit(10)
        a.withdraw(3)
        a.withdraw(100)
        sum = sum + a.report()
    end
    return sum
end

H.main {
    size = 200000, quick = 40000, reps = 2, run = run,
    check = function(r, n) return r == 122 * n end,
}
