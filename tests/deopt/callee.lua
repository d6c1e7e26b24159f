-- deopt: callee, expected function callee.lua:3, seen function callee.lua:4, at 5 CALL, count 20 to 200
-- (another function is called than the one inlined)
local function one(x) return x + 1 end
local function two(x) return x + 2 end
local function apply(f, x) local y = f(x) return y end
for i = 1, 2000 do local _, y = pcall(apply, one, i) assert(y == i + 1) end
for i = 1, 60 do local _, y = pcall(apply, two, i) assert(y == i + 2) end
print("ok")
