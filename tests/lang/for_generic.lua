-- Generic `for`: the iterator protocol, and control variables that may be changed.
local function iter(s, c) if c < s then return c + 1, c * c end end
for i, sq in iter, 4, 0 do io.write(i, "=", sq, " ") end
print()
for i in iter, 3, 0 do i = i + 100 io.write(i, " ") end
print()
local function nothing() end
for _ in nothing do print("never") end
for a, b, c, d, e in (function()
  local done
  return function()
    if not done then done = true return 1, nil, 3 end
  end
end)() do
  print(a, b, c, d, e)
end
for i, v in ipairs{10, 20, nil, 40} do io.write(i, ":", v, " ") end
print()
local keys = {}
for k, v in pairs{a = 1, b = 2, c = 3, 10, 20} do keys[#keys + 1] = tostring(k) .. "=" .. v end
table.sort(keys)
print(table.concat(keys, " "))
local callable = setmetatable({}, {__call = function(self, s, c)
  c = (c or 0) + 1
  if c <= s then return c end
end})
for i in callable, 3 do io.write(i, " ") end
print()
for k, v in next, {5} do print(k, v) end
local function range(n)
  local i = 0
  return function()
    i = i + 1
    if i <= n then return i end
  end
end
local s = 0
for k = 1, 50 do for i in range(100) do s = s + i end end
for k = 1, 200 do for _, v in ipairs{1, 2, 3, k} do s = s + v end end
for k = 1, 200 do
  for _, v in pairs{x = 1, y = 2, k} do s = s + v end
end
print(s)
local proxied = setmetatable({}, {__index = function(_, i)
  if i <= 4 then return i * 11 end
end})
for i, v in ipairs(proxied) do io.write(i, ":", v, " ") end
print()
for w, n in ("one=1 two=2"):gmatch("(%a+)=(%d)") do io.write(w, n, " ") end
print()
print(pcall(function()
  for i in function() error("in iterator") end do end
end))
for k in pairs(setmetatable({}, {__pairs = function(t)
  return function(_, k) if not k then return "only" end end, t, nil
end})) do
  print(k)
end
