-- A calculator on a stack given by its user, for class_modules.
local Calculator = {}
Calculator.__index = Calculator

local operators = {
    ["+"] = function(a, b) return a + b end,
    ["-"] = function(a, b) return a - b end,
    ["*"] = function(a, b) return a * b end,
}

function Calculator.new(Stack)
    return setmetatable({ stack = Stack.new() }, Calculator)
end

function Calculator:push(v)
    self.stack:push(v)
end

function Calculator:apply(op)
    local stack = self.stack
    local b, a = stack:pop(), stack:pop()
    stack:push(operators[op](a, b))
end

function Calculator:result()
    return self.stack:pop()
end

return Calculator
