-- deopt: global changed, count 1 to 20
-- (a global function that code took as constant is assigned)
function scale(x) return 2 * x end
local function f(x) return scale(x) + 1 end
for i = 1, 2000 do local _, y = pcall(f, i) assert(y == 2 * i + 1) end
function scale(x) return 3 * x end
for i = 1, 60 do local _, y = pcall(f, i) assert(y == 3 * i + 1) end
print("ok")
