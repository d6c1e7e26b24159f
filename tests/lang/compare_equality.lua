-- Raw equality over types and identities.
local t, u = {}, {}
print(t == t, t == u, t ~= u, print == print, print == type, nil == nil, true == true, true == 1)
print(rawequal(t, t), rawequal(t, u), rawequal(1, 1.0), rawequal("a", "a"), rawequal("1", 1))
local f = function() end
local g = function() end
print(f == f, f == g)
local co = coroutine.create(f)
print(co == co, co == coroutine.create(f), io.stdout == io.stdout, io.stdout == io.stderr)
local long1, long2 = ("ab"):rep(40), ("ab"):rep(39) .. "ab"
print(long1 == long2, rawequal(long1, long2), ({[long1] = 1})[long2])
local list = {nil, false, true, 0, 0.0, 1, "", "0", t, f}
local n = 0
for k = 1, 50 do
  for i = 1, 10 do
    for j = 1, 10 do if list[i] == list[j] then n = n + 1 end end
  end
end
print(n)
local hits = 0
for i = 1, 4000 do
  local v = i % 4 == 0 and "s" or i % 4 == 1 and i or i % 4 == 2 and nil or t
  if v == "s" then
    hits = hits + 1
  elseif v == nil then
    hits = hits + 10000
  elseif v == t then
    hits = hits + 100000000
  end
  if v ~= 5 then hits = hits + 1000000000000 end
end
print(hits)
