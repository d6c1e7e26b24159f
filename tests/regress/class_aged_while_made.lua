-- The class of a metatable may have become old when its shape is made: it needs a barrier (seen with verify-heap and gc-every).
collectgarbage("generational")
local sum = 0
for i = 1, 300 do
    local index = function(_, k) return k end
    local o = setmetatable({x = i}, {__index = index, __newindex = rawset, ["k" .. i % 7] = true})
    sum = sum + o.x + #o.y
    collectgarbage("step", 0)
end
collectgarbage()
print(sum)
