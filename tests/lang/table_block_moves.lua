-- insert, remove and move shift blocks of the array part; holes, kinds and sizes of all sorts come out as by single steps.
local function show(t, n) local r = {} for i = 1, n do r[i] = tostring(t[i]) end return table.concat(r, " ") end
local t = {}
for i = 1, 10 do t[i] = i end
table.insert(t, 1, "a") table.insert(t, 11, "b") table.insert(t, 13, "c")
print(show(t, 14), #t)
print(table.remove(t, 1), table.remove(t, 5), table.remove(t), show(t, 12), #t)
local f = {0.5, 1.5, 2.5, 3.5}
table.insert(f, 2, 9.5) table.insert(f, 1, 7)
print(show(f, 7), #f)
print(show(table.move({1, 2, 3, 4, 5, 6}, 2, 5, 1), 6), show(table.move({1, 2, 3, 4, 5, 6}, 1, 4, 3), 6))
local h = {1, nil, 3, nil, 5, 6}
print(show(table.move(h, 1, 4, 2), 6), show(table.move({1, 2, 3}, 2, 3, 5), 7))
local q = {}
for i = 1, 100 do table.insert(q, 1, {i}) if i % 3 == 0 then table.remove(q, 5 % #q + 1) end end
collectgarbage()
local s = 0
for i = 1, #q do s = s + q[i][1] * i end
print(#q, s)
print(pcall(table.insert, {1, 2, 3}, 6, 4), pcall(table.remove, {1, 2, 3}, 7), table.remove({}), table.remove({1, 2, 3}, 4))
