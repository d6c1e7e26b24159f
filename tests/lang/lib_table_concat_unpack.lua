-- table.concat, unpack, pack.
print(table.concat({}), table.concat({1, 2.5, "x"}), table.concat({1, 2, 3}, ", "), table.concat({1,
    2, 3}, "-", 2), table.concat({1, 2, 3}, "-", 2, 2), table.concat({1, 2, 3}, "-", 3, 2),
    table.concat({"a"}, "x", 1, 1), #table.concat({"a\0", "b"}, "\0"))
print(pcall(table.concat, {1, {}, 3}))
print(pcall(table.concat, {1, 2}, ",", 1, 3))
print(pcall(table.concat, {true}))
print(pcall(table.concat, 5))
print(pcall(table.concat, {}, {}))
print(pcall(table.concat, {}, "", "x"))
print(table.unpack({1, 2, 3}))
print(table.unpack({1, 2, 3}, 2))
print(table.unpack({1, 2, 3}, 2, 5))
print(table.unpack({1, 2}, -1, 1))
print(table.unpack({}, 1, 0))
print(pcall(table.unpack, {}, 1, 1e7))
print(pcall(table.unpack, {}, math.mininteger, math.maxinteger))
print(table.unpack({1, 2}, math.maxinteger))
print(table.unpack({}, math.maxinteger, math.maxinteger))
print(pcall(table.unpack))
print(select("#", table.unpack({}, 1, 3)), select("#", table.unpack({n = 3})))
print(table.pack().n, table.pack(nil).n, table.pack(1, 2, 3)[3])
local parts = {}
for i = 1, 3000 do parts[i] = i end
print(#table.concat(parts, ","))
print(table.concat({1, 2, 3}, 0))
local s = 0
for i = 1, 2000 do
  local a, b, c = table.unpack({i, i + 1, i + 2})
  s = s + a + b + c + select("#", table.unpack(parts, 1, i % 20))
end
print(s)
local max = math.maxinteger
print(table.concat({[max] = "last"}, ",", max, max))
print(table.unpack("abc", 1, 2))
