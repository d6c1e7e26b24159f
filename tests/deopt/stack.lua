-- deopt: stack, count 1 to 2000
-- (inlined calls need registers that the stack has no room for)
local function leaf(a, b, c) local x, y, z = a + 1, b + 2, c + 3 return x + y + z end
local function deep(n)
  if n == 0 then return 0 end
  local s = leaf(n, n, n) - 3 * n - 6
  return 1 + deep(n - 1) + s
end
for i = 1, 300 do assert(deep(20) == 20) end
for i = 1, 5 do
  local co = coroutine.wrap(deep) -- a small stack, which grows
  assert(co(5000) == 5000)
end
print("ok")
