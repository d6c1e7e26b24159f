-- deopt: shape, expected {x}, seen {y, x}, at 3 GETFIELD, count 20 to 200
-- (a table with other fields)
local function get(o) return o.x end
for i = 1, 2000 do local _, x = pcall(get, {x = i}) assert(x == i) end
for i = 1, 60 do local _, x = pcall(get, {y = 0, x = i}) assert(x == i) end
print("ok")
