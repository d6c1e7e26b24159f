-- deopt: host, at 4, count 2 to 8
-- (its code is given up on request, and that of whoever has it inlined)
local jit = require "jit"
local function f(x) return x + 1 end
for round = 1, 3 do
  for i = 1, 200 do assert(f(i) == i + 1) end
  if jit.tier(f) == "optimizing" and round > 1 then jit.flush(f) end
end
assert(f(1) == 2)
print("ok")
