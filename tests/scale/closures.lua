-- 3 million closures with a variable of their own, and a chain of 300,000 linked tables.
local fs = {}
for i = 1, 3000000 do fs[i] = function() i = i + 1 return i end end
local sum = 0
for i = 1, #fs, 10 do sum = sum + fs[i]() end
fs = nil
local list
for i = 1, 300000 do list = {next = list, value = i} end
local n = 0
while list do n, list = n + 1, list.next end
print("closures", sum, n)
