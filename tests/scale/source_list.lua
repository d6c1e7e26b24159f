-- One constructor of 200,000 items and 100,000 string fields, as data files have it.
local lines = {"return {"}
for i = 1, 200000 do lines[#lines + 1] = i .. ".5," end
for i = 1, 100000 do lines[#lines + 1] = ("field%d = 'value%d',"):format(i, i) end
lines[#lines + 1] = "}"
local t = assert(load(table.concat(lines, "\n"), "=list"))()
print("source_list", #t, t[200000], t.field99999)
