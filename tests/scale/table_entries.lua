-- 10 million entries in one table: as a list, then by sparse integer keys.
local t = {}
for i = 1, 10000000 do t[i] = i end
local sum = 0
for i = 1, #t, 1000 do sum = sum + t[i] end
t = nil
local sparse = {}
for i = 1, 1000000 do sparse[i * 1024] = i end
for i = 1, 1000000, 100 do sum = sum + sparse[i * 1024] end
print("table_entries", sum)
