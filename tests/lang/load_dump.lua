-- string.dump: upvalues, stripping, nested functions, constants.
local function roundtrip(f, strip) return load(string.dump(f, strip), "dumped", "b") end
local function consts()
  return 1, 1.5, "short", ("long"):rep(20), true, false, nil, math.maxinteger, -0.0, "a\0b"
end
local a, b = table.pack(consts()), table.pack(roundtrip(consts)())
local same = a.n == b.n
for i = 1, a.n do same = same and a[i] == b[i] end
print(same)
local up = 5
local function useup() return up end
print((pcall(roundtrip(useup))))
local g = roundtrip(useup)
debug.setupvalue(g, 1, "set")
print(g(), (debug.getupvalue(g, 1)), (debug.getupvalue(roundtrip(useup, true), 1)))
local function usesG() return tostring(5) end
local h = roundtrip(usesG)
debug.setupvalue(h, 1, _ENV)
print(h(), pcall(roundtrip(function(x) return x.y.z end), {}))
print(pcall(roundtrip(function(x) return x.y.z end, true), {}))
print(pcall(roundtrip(function(x)
  local loc = x.y
  ;
  loc()
end, true), {}))
local nested = roundtrip(function(n)
  local function fact(k)
    if k <= 1 then return 1 end
    return k * fact(k - 1)
  end
  local t = {}
  for i = 1, n do t[i] = fact(i) end
  return t[n], function(...) return select == nil, ... end
end)
local v, c = nested(10)
print(v, type(c))
print(pcall(string.dump, print))
print(pcall(string.dump))
local d1, d2 = string.dump(consts), string.dump(consts, true)
print(#d2 < #d1, d1:sub(1, 4) == "\27Lua", string.dump(consts) == d1)
print(debug.getinfo(roundtrip(consts), "S").short_src, debug.getinfo(roundtrip(consts, true),
    "S").short_src, debug.getinfo(roundtrip(consts, true), "l").currentline)
print(pcall(load, d1:sub(1, 10), "cut", "b"))
print(load(d1:sub(1, #d1 - 1), "cut", "b"))
local va = roundtrip(function(...)
  local a <const>, b = ...
  return select and 1 or b, a, ...
end)
debug.setupvalue(va, 1, {})
print(va(1, 2, 3))
local s = 0
local sq = roundtrip(function(x) return x * x end, true)
for i = 1, 4000 do s = s + sq(i) end
print(s)
local gen = roundtrip(function()
  local i = 0
  return function() i = i + 1 return i end
end, true)()
gen()
print(gen())
