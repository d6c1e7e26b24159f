-- while and repeat: scopes, breaks, conditions that see the body's locals.
local i = 0
while i < 3 do
  i = i + 1
  local j = i * 2
  if j == 4 then goto cont end
  io.write(j, " ")
  ::cont::
end
print(i)
repeat local done = i > 5 i = i + 1 until done
print(i)
local fs = {}
i = 0
repeat
  local k = i
  fs[#fs + 1] = function() return k end
  i = i + 1
until k >= 3
for _, f in ipairs(fs) do io.write(f(), " ") end
print()
while true do
  while true do break end
  break
end
repeat break until false
repeat
  local x = nil
  if not x then break end
until x.y
local n = 0
while n < 10000 do
  n = n + 1
  if n % 5000 == 0 then break end
end
print(n)
repeat n = n - 1 until n <= 0
print(n)
local a, b = 1071, 462
while b ~= 0 do a, b = b, a % b end
print(a)
local longest, at = 0, 0
for start = 1, 300 do
  local v, len = start, 0
  while v ~= 1 do
    if v % 2 == 0 then v = v // 2 else v = 3 * v + 1 end
    len = len + 1
  end
  if len > longest then longest, at = len, start end
end
print(longest, at)
