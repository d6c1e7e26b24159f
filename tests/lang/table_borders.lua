-- Length where 5.4 defines it: constructors, pack, varargs, appended and removed ends.
print(#{}, #{1, 2, 3}, #{1, nil, 3}, #{nil}, #{nil, nil, 3}, #{1, 2, nil}, #{nil, 2}, #{n = 1, 2}, #{
    [1] = 1, [2] = 2})
print(#table.pack(), #table.pack(1, 2), table.pack(1, nil).n, table.pack(nil, nil).n, #table.pack(1,
    nil, 3))
local function va(...) return #{...} end
print(va(), va(1), va(1, nil, 3), va(nil, 2), va(1, 2, 3))
local t = {}
for i = 1, 100 do t[#t + 1] = i end
print(#t)
for i = 1, 50 do t[#t] = nil end
print(#t, t[50], t[51])
t[#t + 1] = "x"
print(#t, t[51])
local u = {1, 2, 3, 4, 5}
u[#u] = nil
u[#u] = nil
print(#u)
u[5] = 5
u[4] = 4
print(#u)
local s = 0
for i = 1, 3000 do
  local q = {i, i, i}
  q[#q + 1] = i
  s = s + #q
end
print(s)
