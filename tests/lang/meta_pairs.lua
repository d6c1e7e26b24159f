-- __pairs replaces pairs; ipairs respects __index; next stays raw.
local t = setmetatable({a = 1}, {__pairs = function(self)
  return function(_, k)
    if not k then
      return 1, "one"
    elseif k < 3 then
      return k + 1, "more"
    end
  end, self, nil
end})
for k, v in pairs(t) do io.write(k, v, " ") end
print()
print(next(t))
print(select("#", pairs(setmetatable({}, {__pairs = function() return 1, 2, 3, 4 end}))))
print(pairs(setmetatable({}, {__pairs = function() return 1 end})))
print(pcall(pairs, setmetatable({}, {__pairs = function() error("x", 0) end})))
print(pcall(pairs))
print((pcall(pairs, nil)))
print((pcall(pairs, 5)))
for i, v in ipairs(setmetatable({1, 2}, {__index = function(_, i)
  if i < 6 then return i * 100 end
end})) do
  io.write(i, "=", v, " ")
end
print()
local sorted = {__pairs = function(self)
  local ks = {}
  for k in next, self do ks[#ks + 1] = k end
  table.sort(ks)
  local i = 0
  return function()
    i = i + 1
    if ks[i] ~= nil then return ks[i], self[ks[i]] end
  end
end}
for k, v in pairs(setmetatable({z = 1, a = 2, m = 3}, sorted)) do io.write(k, "=", v, " ") end
print()
local n = 0
for i = 1, 300 do
  for k, v in pairs(setmetatable({x = 1, y = i}, sorted)) do n = n + v end
end
print(n)
print((pcall(ipairs, nil)))
print(ipairs(5) ~= nil, pcall(function() for _ in ipairs(5) do end end))
debug.setmetatable(5, {__pairs = function(x)
  return function(_, k)
    k = (k or 0) + 1
    if k <= x then return k end
  end
end})
for k in pairs(3) do io.write(k, " ") end
print()
debug.setmetatable(5, nil)
local it, s, c = pairs({})
print(it == next, type(s), c)
local i1 = ipairs{}
local i2 = ipairs{1}
print(i1 == i2)
