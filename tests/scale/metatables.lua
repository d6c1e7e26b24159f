-- 1,000,000 objects each with a metatable of its own, in bounded memory: only the last 1000 stay alive.
local C = {}
function C:get() return self.v end
local keep, sum = {}, 0
for i = 1, 1000000 do
    local o = setmetatable({v = i}, {__index = C, __len = function() return i end})
    keep[i % 1000] = o
    sum = sum + o:get() + #o
end
print("metatables", sum)
