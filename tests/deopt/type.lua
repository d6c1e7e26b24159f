-- deopt: type, expected integer, seen float, at 3 ADD, count 20 to 200
-- (a float comes where integers came)
local function add(a, b) return a + b end
local s = 0
for i = 1, 2000 do s = pcall(add, i, 1) and s + 1 end
for i = 1, 60 do
  local ok, r = pcall(add, i + 0.5, 1)
  assert(ok and r == i + 1.5 and math.type(r) == "float")
end
assert(s == 2000)
print("ok")
