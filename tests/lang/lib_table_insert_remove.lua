-- table.insert, remove, move.
local function show(t) print(table.concat(t, " ")) end
local t = {1, 2, 3}
table.insert(t, 4)
table.insert(t, 1, 0)
table.insert(t, 3, 1.5)
show(t)
print(table.remove(t), table.remove(t, 1), table.remove(t, 2))
show(t)
print(table.remove({}), table.remove({}, 0), #t, table.remove(t, #t + 1))
for _, a in ipairs{{t, 5, 5}, {t, 0, 5}, {t, -1, 5}, {t}, {t, 1, 2, 3}, {t, "x", 1}, {nil, 1}, {t,
    1.5, 1}} do
      print(pcall(table.insert, table.unpack(a, 1, 4)))
    end
print(pcall(table.insert, t, 10, 1))
print(pcall(table.insert, t))
print(pcall(table.remove, t, 7))
print(pcall(table.remove, t, -1))
print(pcall(table.remove, 5))
show(table.move({1, 2, 3}, 1, 3, 2))
show(table.move({1, 2, 3}, 2, 3, 1))
show(table.move({1, 2, 3}, 1, 3, 1, {9, 9, 9, 9}))
show(table.move({1, 2, 3}, 1, 0, 5))
print(pcall(table.move, {}, 1, math.maxinteger, 2))
print(pcall(table.move, {}, -1, math.maxinteger, 2))
print(pcall(table.move, {}, 1, 2))
print(pcall(table.move, 1, 2, 3, 4))
local q, s = {}, 0
for i = 1, 3000 do
  table.insert(q, i)
  if #q > 10 then s = s + table.remove(q, 1) end
end
print(s, #q)
for i = 1, 300 do table.insert(q, 1, i) end
print(q[1], q[300], #q)
while #q > 0 do s = s + table.remove(q) end
print(s)
local p = setmetatable({}, {__index = function(_, i) return i <= 3 and i * 10 or nil end, __len = function(
    ) return 3 end})
show(table.move(p, 1, 3, 1, {}))
print(table.remove(setmetatable({}, {__len = function() return 0 end}), 0))
