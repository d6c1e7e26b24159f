-- deopt: options changed, count 2 to 4
-- (compiling it is switched off, and on again)
local jit = require "jit"
local function f(x) return x + 1 end
for i = 1, 200 do assert(f(i) == i + 1) end
jit.off(f)
for i = 1, 200 do assert(f(i) == i + 1) end
assert(jit.tier(f) == "interpreter")
jit.on(f)
for i = 1, 200 do assert(f(i) == i + 1) end
print("ok")
