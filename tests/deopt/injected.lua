-- deopt: injected, count 10 to 100000
-- options: fail-guard=5
-- (guards that would hold are made to fail)
local function f(a, b) return a.x + b end
for i = 1, 3000 do assert(f({x = i}, 1) == i + 1) end
print("ok")
