-- 300,000 objects alive, each with a metatable of its own.
local C = {}
function C:get() return self.v end
local all, sum = {}, 0
for i = 1, 300000 do all[i] = setmetatable({v = i}, {__index = C}) end
for i = 1, #all do sum = sum + all[i]:get() end
print("metatables_alive", sum)
