-- Classes loaded from modules by require, one using the other, as programs of several files do.
package.path = (arg[0]:match("^(.*/)") or "") .. "../lib/?.lua;" .. package.path
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")
local Stack = require "stack_class"
local Calculator = require "calculator_class"

local function run(n)
    local calc, sum = Calculator.new(Stack), 0
    for i = 1, n do
        calc:push(i)
        calc:push(2)
        calc:apply("*")
        calc:push(1)
        calc:apply("-")
        sum = sum + calc:result()
    end
    return sum
end

H.main {
    size = 150000, quick = 30000, reps = 2, run = run,
    check = function(r, n) return r == n * n end,
}
