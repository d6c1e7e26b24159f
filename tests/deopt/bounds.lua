-- deopt: bounds, expected an index within the bounds, seen 4, at 3 GETTABLE, count 1 to 200
-- (an index behind the end)
local function at(a, i) return a[i] end
local a = {10, 20, 30}
for i = 1, 2000 do local _, x = pcall(at, a, i % 3 + 1) assert(x == (i % 3 + 1) * 10) end
for i = 1, 60 do local ok, x = pcall(at, a, 4) assert(ok and x == nil) end
for i = 1, 60 do local ok, x = pcall(at, a, -i) assert(ok and x == nil) end
print("ok")
