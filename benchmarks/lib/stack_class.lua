-- A stack as a module, for class_modules.
local Stack = {}
Stack.__index = Stack

function Stack.new()
    return setmetatable({ top = 0, items = {} }, Stack)
end

function Stack:push(v)
    self.top = self.top + 1
    self.items[self.top] = v
end

function Stack:pop()
    local v = self.items[self.top]
    self.items[self.top] = nil
    self.top = self.top - 1
    return v
end

return Stack
