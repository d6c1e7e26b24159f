-- Yields inside every metamethod, and in for iterators.
local function y(name)
  return function(...) local r = coroutine.yield(name) return r end
end
local mt = {}
local events = "add sub mul div mod pow unm idiv band bor bxor shl shr bnot concat len eq lt le index call"
for e in events:gmatch("%a+") do mt["__" .. e] = y(e) end
mt.__newindex = function(t, k, v) rawset(t, k, coroutine.yield("newindex")) end
local function run(f)
  local co, names, r = coroutine.create(f), {}, table.pack(true)
  local v = 0
  repeat
    v = v + 1
    r = table.pack(coroutine.resume(co, v))
    if coroutine.status(co) ~= "dead" then names[#names + 1] = tostring(r[2]) end
  until coroutine.status(co) == "dead"
  print(table.concat(names, " "), table.unpack(r, 1, r.n))
end
local a, b = setmetatable({}, mt), setmetatable({}, mt)
run(function() return a + 1, 1 - a, a * b, a / 2, a % 2, a ^ 2, a // 2 end)
run(function() return -a, ~a, a & 1, 1 | a, a ~ b, a << 1, 1 >> a end)
run(function() return a .. "x", "x" .. a, "p" .. "q" .. a, a .. "r" .. "s" .. b end)
run(function() return #a, a == b, a ~= b, a < b, a <= b, a > 1, 1 >= a end)
run(function() return a.x, a[1], a.x.y == nil end)
run(function()
  a.x = 1
  a.z = 2
  return rawget(a, "x"), rawget(a, "z")
end)
run(function() return a(1, 2), (a("s")) end)
run(function()
  if a < b then return "true branch" end
  return "false branch"
end)
run(function()
  local n = 0
  while a <= n do
    n = n + 1
    if n == 3 then break end
  end
  return n
end)
run(function()
  local t = {}
  for i in function(_, i)
    i = (i or 0) + 1
    if i <= 3 then coroutine.yield("iter" .. i) return i end
  end do
    t[#t + 1] = i
  end
  return table.concat(t, ",")
end)
run(function() return not (a == b), a == b and 1 or 2 end)
run(function()
  local s = 0
  for i = 1, 3 do s = s + (a + i) end
  return s
end)
run(function()
  return (function(...) return select("#", ...) end)(a + 1, a .. "x", a())
end)
run(function() return a:method() end)
local cat = setmetatable({}, {__concat = function(p, q)
  local r = coroutine.yield("c")
  return (type(p) == "string" and p or "T") .. (type(q) == "string" and q or "T") .. r
end})
run(function() return "1" .. "2" .. cat .. "3" .. "4" end)
run(function() return cat .. cat .. cat end)
run(function() return pcall(function() return cat .. 1 end) end)
run(function()
  local t = setmetatable({}, {__index = function(_, k) return coroutine.yield(k) end})
  local s = 0
  for i = 1, 50 do s = s + t["k" .. i % 3] end
  return s
end)
