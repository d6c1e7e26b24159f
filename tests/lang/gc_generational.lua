-- Old objects pointing to young ones, in generational mode.
collectgarbage("generational")
local old, hub = {}, {}
for i = 1, 200 do old[i] = {id = i} end
collectgarbage("step")
collectgarbage("step")
for r = 1, 30 do
  for i = 1, 200 do old[i].young = {r = r, i = i, back = old[i]} end
  if r % 5 == 0 then collectgarbage("step") end
end
local s = 0
for i = 1, 200 do s = s + old[i].young.r + old[i].young.i + old[i].young.back.id end
print(s)
local up
local function set(v) up = v end
for i = 1, 2000 do
  set({i})
  if i % 100 == 0 then collectgarbage("step") end
end
print(up[1])
local w = setmetatable({}, {__mode = "k"})
for i = 1, 500 do w[{}] = {i} hub[i % 10] = {w} end
collectgarbage()
local n = 0
for _ in pairs(w) do n = n + 1 end
print(n)
local co = coroutine.create(function()
  local x = {}
  while true do x = {x = coroutine.yield(x.x)} end
end)
coroutine.resume(co)
local last
for i = 1, 1000 do
  local _, v = coroutine.resume(co, {i})
  last = v or last
  if i % 50 == 0 then collectgarbage("step") end
end
print(last[1])
local strs = {}
for i = 1, 3000 do strs[i % 50 + 1] = ("s"):rep(50) .. i end
collectgarbage()
print(strs[1]:sub(50), #strs)
local list
for i = 1, 5000 do list = {next = i % 100 ~= 0 and list or nil, v = i} end
s = 0
while list do s = s + list.v list = list.next end
print(s)
local fin = 0
for i = 1, 200 do
  setmetatable({}, {__gc = function() fin = fin + 1 end})
end
collectgarbage()
collectgarbage()
print(fin)
print(collectgarbage("incremental"))
