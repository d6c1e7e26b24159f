-- pcall and xpcall: results, nesting, handlers and what handlers see.
print(pcall(function(...) return ... end, 1, nil, 3))
print(xpcall(function(...) return ... end, print, 1, nil, 3))
print(xpcall(function() error("x", 0) end, function(m) return m .. " handled", "dropped" end))
print(xpcall(error, function(m) return type(m) end, {1}))
print(xpcall(error, function(m) return m end))
print(pcall(xpcall))
print(pcall(xpcall, print))
print(pcall(xpcall, print, nil, "no handler"))
print(xpcall(error, print == 1 and 1 or tostring, "handled by tostring"))
print(xpcall(function() local x = nil + 1 end, function(m) return "H(" .. m .. ")" end))
print(xpcall(function() error("a", 0) end, function(m) error("b", 0) end))
print(xpcall(function() error("a", 0) end, function(m)
  if m == "a" then error("b", 0) end
  return "recovered " .. m
end))
print(xpcall(function() error("deep", 0) end, function(m)
  return (debug.traceback(m, 1):match("^deep\nstack traceback:\n")) ~= nil
end))
local function nest(n)
  if n == 0 then error("bottom", 0) end
  local ok, e = pcall(nest, n - 1)
  error(e .. "<" .. n, 0)
end
print(pcall(nest, 5))
print(pcall(pcall, error, "e"))
print(pcall(xpcall, error, tostring, "e"))
local n = 0
for i = 1, 5000 do
  local ok, e = pcall(function(x)
    if x % 3 == 0 then error(x, 0) end
    return x
  end, i)
  if ok then n = n + e else n = n - e end
end
print(n)
local function risky(i)
  if i % 2 == 0 then local t = nil return t.field end
  return i
end
local c = 0
for i = 1, 3000 do if pcall(risky, i) then c = c + 1 end end
print(c)
c = 0
for i = 1, 3000 do
  local ok, r = xpcall(risky, function(m) return #m end, i)
  c = c + r
end
print(c)
local r = {}
for depth = 1, 180 do
  local function d(k)
    if k == 0 then error("x", 0) end
    return (pcall(d, k - 1))
  end
  r[depth] = d(depth)
end
print(r[1], r[180])
print(select("#", pcall(function() return table.unpack({}, 1, 200) end)))
print(pcall(string.rep))
print(pcall(("x").rep, "x", {}))
local s = 0
for i = 1, 1000 do
  local ok, v = pcall(math.floor, i / 2)
  s = s + v
end
print(s)
