local function f() return { a = nil, b = 1, a = 2, b = nil, ["c"] = 3, c = nil, d = nil } end
local t = f() print(t.a, t.b, t.c, t.d)
for k, v in pairs(f()) do print(k, v) end
local u = { nil, x = nil, 2, y = nil } print(#u, u[2])
local g = { x = { y = nil, z = 1, z = nil }, x = nil } print(g.x)
local lines = {}
debug.sethook(function(_, l) lines[#lines + 1] = l end, "l")
local h = {
  p = nil,
  q = 1, r = nil,
  s = nil
}
debug.sethook()
print(table.concat(lines, " "))
