-- The fourth value of a generic `for` is closed when the loop ends, however it ends.
local function closer(name)
  return setmetatable({}, {__close = function(_, e) print("close", name, e) end})
end
local function upto(n, name)
  return function(_, i)
    if i < n then return i + 1 end
  end, nil, 0, closer(name)
end
for i in upto(2, "normal") do print(i) end
for i in upto(5, "break") do if i == 2 then break end end
print((function()
  for i in upto(5, "return") do
    if i == 3 then return "got " .. i end
  end
end)())
print(pcall(function()
  for i in upto(5, "error") do error("boom", 0) end
end))
for i in upto(3, "goto") do goto out end
::out::
for i in upto(2, "outer") do for j in upto(2, "inner" .. i) do end end
print(pcall(function() for i in upto(1, "x"), nil, 0, 42 do end end))
print(pcall(function() for i in next, {}, nil, {} do end end))
for i in next, {}, nil, nil do end
for i in next, {}, nil, false do end
local co = coroutine.wrap(function()
  for i in upto(3, "coroutine") do coroutine.yield(i) end
  return "end"
end)
print(co(), co(), co(), co())
local c2 = coroutine.create(function()
  for i in upto(3, "closed") do coroutine.yield(i) end
end)
print(coroutine.resume(c2))
print(coroutine.close(c2))
local count = 0
local mt = {__close = function() count = count + 1 end}
for k = 1, 1000 do
  for i in function(_, i)
    if i < 3 then return i + 1 end
  end, nil, 0, setmetatable({}, mt) do
    if k % 2 == 0 then break end
  end
end
print(count)
