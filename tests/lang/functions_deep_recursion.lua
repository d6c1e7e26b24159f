-- skip-with: move-stack
local function depth(n)
  if n == 0 then return 0 end
  return depth(n - 1) + 1
end
print(depth(100), depth(15000), depth(150000))
local function forever(n) return 1 + forever(n + 1) end
local ok, e = pcall(forever, 1)
print(ok, (e:match("^functions_deep_recursion.lua:%d+: stack overflow")))
print(depth(1000))
local function args(n, ...)
  if n == 0 then return select("#", ...) end
  local r = args(n - 1, n, ...)
  return r
end
print(args(150))
local function build(n)
  if n == 0 then return nil end
  return {next = build(n - 1), n = n}
end
local list, sum = build(5000), 0
while list do sum = sum + list.n list = list.next end
print(sum)
for i = 1, 1 do
  local ok, e = pcall(forever, 1)
  io.write(tostring(ok), " ", tostring(e:find("stack overflow") ~= nil), " ")
end
print()
local co = coroutine.wrap(function() return pcall(forever, 1) end)
print((co()))
print(select(2, xpcall(forever, function(m)
  return "handled: " .. tostring(m:find("stack overflow") ~= nil)
end, 1)))
local t = setmetatable({}, {})
getmetatable(t).__index = function(_, k) return t[k + 1] end
local ok, e = pcall(function() return t[1] end)
print(ok, e:find("C stack overflow", 1, true) ~= nil or e:find("stack overflow", 1, true) ~= nil)
local function mutual(n)
  if n == 0 then return "bottom" end
  local r = string.gsub("x", "x", function() return mutual(n - 1) end)
  return r
end
print(mutual(150))
print(pcall(string.rep, "x", -1))
