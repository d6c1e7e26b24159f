-- Queues with two indices, stacks, deques, ring buffers: indices that move.
local q, first, last = {}, 1, 0
local s = 0
for i = 1, 5000 do
  last = last + 1
  q[last] = i
  if i % 3 ~= 0 then
    s = s + q[first]
    q[first] = nil
    first = first + 1
  end
end
print(s, first, last, last - first + 1)
while first <= last do
  s = s + q[first]
  q[first] = nil
  first = first + 1
end
print(s, next(q))
local d, l, r = {}, 0, -1
for i = 1, 2000 do
  if i % 2 == 0 then
    l = l - 1
    d[l] = i
  else
    r = r + 1
    d[r] = i
  end
end
s = 0
for i = l, r do s = s * 3 % 1000003 + d[i] end
print(s, l, r)
local ring, head = {}, 0
for i = 0, 15 do ring[i] = 0 end
for i = 1, 5000 do
  ring[head] = ring[head] + i
  head = (head + 1) & 15
end
s = 0
for i = 0, 15 do s = s + ring[i] end
print(s)
local st = {}
for i = 1, 4000 do
  st[#st + 1] = i
  if i % 4 == 0 then st[#st] = nil st[#st] = nil end
end
print(#st, st[#st])
local h = {}
local function push(v)
  local i = #h + 1
  h[i] = v
  while i > 1 and h[i >> 1] > h[i] do
    h[i], h[i >> 1] = h[i >> 1], h[i]
    i = i >> 1
  end
end
local function pop()
  local top, n = h[1], #h
  h[1] = h[n]
  h[n] = nil
  n = n - 1
  local i = 1
  while true do
    local c = i * 2
    if c > n then break end
    if c < n and h[c + 1] < h[c] then c = c + 1 end
    if h[i] <= h[c] then break end
    h[i], h[c] = h[c], h[i]
    i = c
  end
  return top
end
local x = 1
for i = 1, 500 do x = x * 16807 % 2147483647 push(x % 1000) end
local prev, ok = -1, true
for i = 1, 500 do
  local v = pop()
  ok = ok and v >= prev
  prev = v
end
print(ok, #h)
