-- deopt: divisor, at 3 MOD, count 1 to 200
-- (integers are divided by 0 and -1)
local function mod(a, b) return a % b end
for i = 1, 2000 do local _, x = pcall(mod, i, 7) assert(x == i % 7) end
for i = 1, 30 do local ok, e = pcall(mod, i, 0) assert(not ok and e:find("attempt to perform", 1, true)) end
for i = 1, 30 do local ok, x = pcall(mod, math.mininteger, -1) assert(ok and x == 0) end
print("ok")
