-- <const> variables: values, upvalues, and the errors of assigning to them.
local a <const>, b, c <const> = 1, 2, "s"
b = b + a
print(a, b, c)
local function f() return a + #c end
print(f())
local t <const> = {}
t.x = 1
print(t.x)
local n <const> = nil
local tr <const> = true
local fl <const> = 1.5
local big <const> = 1 << 62
print(n, tr, fl, big, a + fl, -a, not tr, a .. c)
local k <const> = "key"
local u = {[k] = 1}
print(u.key, u[k])
for _, src in ipairs{"local x <const> = 1; x = 2",
    "local x <const> = 1; local function f() x = 2 end", "local x <close> = nil; x = 2",
    "local x <foo> = 1", "local x <const>, y <close>, z <close> = 1",
    "local x <const> = 1; x, y = 1, 2", "local x <const> = 1 for i = 1, 2 do x = i end",
    "local x <const> = {} ; function x() end", "local x <const> = 1 ; local x = 2 ; x = 3 return x",
    "local function f() end f = 1 return f", "local x <const> = 1; x.y = 1"} do
      local fn, e = load(src, "=c")
      print(fn and "ok" or e)
    end
local sum = 0
local step <const> = 3
for i = 1, 3000 do sum = sum + step * i end
print(sum)
local zero <const> = 0
print(pcall(function() return 1 // zero end))
print(1 / zero, -1 % (zero + 2))
