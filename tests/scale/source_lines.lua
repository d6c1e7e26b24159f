-- A source of 50,000 lines: 10,000 functions of five lines, compiled, run, dumped and loaded again.
local lines = {"local m = {}"}
for i = 1, 10000 do
    lines[#lines + 1] = ("function m.f%d(a, b)\n    local c = a * %d + b\n    if c > 100 then c = c - ('k%d'):len() end\n    return c\nend"):format(i, i, i)
end
lines[#lines + 1] = "return m"
local f = assert(load(table.concat(lines, "\n"), "=big"))
local m = f()
local again = load(string.dump(f))()
print("source_lines", debug.getinfo(f).lastlinedefined, m.f9999(1, 2), again.f10000(3, 4))
