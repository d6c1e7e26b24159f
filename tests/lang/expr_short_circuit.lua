-- `and`/`or` give operands, evaluate only what is needed, in order.
local log = {}
local function v(name, x) log[#log + 1] = name return x end
local function flush(...) print(table.concat(log, " "), ...) log = {} end
flush(v("a", 1) and v("b", 2))
flush(v("a", nil) and v("b", 2))
flush(v("a", false) or v("b", nil))
flush(v("a", 0) or v("b", 2))
flush(v("a", 1) and v("b", false) or v("c", 3))
flush(v("a", nil) and v("b", 1) or v("c", nil) and v("d", 4) or v("e", 5))
flush(not (v("a", 1) and v("b", nil)))
flush((v("a", 1) == v("b", 1)) and v("c", "yes") or v("d", "no"))
flush(v("a", 1) < v("b", 2) and v("c", 3) > v("d", 2))
local function pick(a, b, c) return a and b or c end
local n, s = 0, 0
for i = 1, 5000 do
  if i % 2 == 0 and i % 3 == 0 or i % 7 == 0 then n = n + 1 end
  if not (i > 10 and i < 20) then s = s + 1 end
  if pick(i % 2 == 0, false, nil) == false then s = s + 1 end
end
print(n, s)
local x = nil
local y = x and x.field
local z = (x or {}).field
print(y, z, x == nil and "nil" or "set", (x and 1) == nil)
while x or n do n = nil end
repeat local done = true until done and not n
print(n)
