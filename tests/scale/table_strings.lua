-- A million string keys in one table, read, removed and traversed.
local t = {}
for i = 1, 1000000 do t["key" .. i] = i end
local sum = 0
for k, v in pairs(t) do
    sum = sum + v
    if v % 2 == 0 then t[k] = nil end
end
local left = 0
for _ in pairs(t) do left = left + 1 end
print("table_strings", sum, left)
