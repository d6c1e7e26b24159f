-- The same messages when the failing operation has run many times before.
local function idx(t) return t.field.sub end
local function call(f) return f() end
local function arith(a, b) return a + b end
local function meth(o) return o:run() end
local function cat(a, b) return a .. b end
local function cmp(a, b) return a < b end
local function glob() return hotglobal() end
local up = {x = 1}
local function upv() return up.x end
local function len(v) return #v end
local function set(t, v) t.f = v end
local function idiv(a, b) return a // b end
local function loop(n)
  local s = 0
  for i = 1, n do s = s + i end
  return s
end
local function bits(a, b) return a & b end
hotglobal = function() return 1 end
local obj = {run = function() return 1 end}
local good = {field = {sub = 1}}
for i = 1, 6000 do
  idx(good)
  call(hotglobal)
  arith(i, 1)
  meth(obj)
  cat(i, "x")
  cmp(i, 5)
  glob()
  upv()
  len("abc")
  set(good, good.field)
  good.field = good.f
  idiv(i, 3)
  loop(2)
  bits(i, 7)
end
print(pcall(idx, {}))
print(pcall(idx, nil))
print(pcall(call, nil))
print(pcall(call, 5))
print(pcall(arith, 1, {}))
print(pcall(arith, nil, 1))
print(pcall(arith, "x", 1))
print(pcall(meth, {}))
print(pcall(meth, nil))
print(pcall(meth, "s"))
print(pcall(cat, {}, "x"))
print(pcall(cat, 1, nil))
print(pcall(cmp, 1, "2"))
print(pcall(cmp, {}, {}))
hotglobal = nil
print(pcall(glob))
up = nil
print(pcall(upv))
print(pcall(len, 5))
print(pcall(set, 1, 2))
print(pcall(idiv, 1, 0))
print(pcall(loop, "x"))
print(pcall(loop, {}))
print(pcall(bits, 1.5, 1))
print(pcall(bits, {}, 1))
print(idiv(7, -2), arith("3", 4), arith(1, 1.5), cat(1, 2), cmp("a", "b"), bits(7.0, 3))
