-- debug.getinfo: what each option reports.
local function f(a, b, ...)
  local i = debug.getinfo(1, "nSlutr")
  return i
end
local function show(i)
  print(i.name, i.namewhat, i.what, i.short_src, i.source, i.currentline, i.linedefined,
      i.lastlinedefined, i.nups, i.nparams, i.isvararg, i.istailcall)
end
local r = f()
show(r)
local t = {m = f}
r = t.m()
show(r)
r = t:m()
show(r)
local g = debug.getinfo(print)
print(g.what, g.short_src, g.source, g.currentline, g.linedefined, g.lastlinedefined, g.nups,
    g.nparams, g.isvararg, g.func == print, g.name, g.activelines)
local h = debug.getinfo(f, "SLu")
print(h.what, h.linedefined, h.nparams, h.isvararg, h.currentline)
local main = debug.getinfo(1)
print(main.what, main.namewhat == "", main.name, main.currentline, main.isvararg, main.nparams)
print(debug.getinfo(100), pcall(debug.getinfo, 1, "X"))
print(pcall(debug.getinfo, "x"))
print(pcall(debug.getinfo))
print(pcall(debug.getinfo, {}, "S"))
print(pcall(debug.getinfo, 1, ">S"))
print(debug.getinfo(-1))
local c = load("local x = 1\n\nlocal y = 2\nfunction foo()\n return x\nend\nreturn y", "=chunk")
local lines = {}
for l in pairs(debug.getinfo(c, "L").activelines) do lines[#lines + 1] = l end
table.sort(lines)
print(table.concat(lines, " "))
local fn = load(
    "return function()\n local a = 1\n -- comment\n if a then\n  a = 2\n end\n return a\nend",
    "=fn")()
lines = {}
for l in pairs(debug.getinfo(fn, "L").activelines) do lines[#lines + 1] = l end
table.sort(lines)
print(table.concat(lines, " "))
for _, name in ipairs{"=short", "@file.lua", "code string", "two\nlines", "@" ..
    ("long/"):rep(20) .. "f.lua", "=" .. ("x"):rep(100), ("c"):rep(100), "", "=", "@"} do
      print(debug.getinfo(load("return 1", name), "S").short_src)
    end
local co = coroutine.create(function(x)
  local y = x
  coroutine.yield(y)
end)
coroutine.resume(co, 1)
print(debug.getinfo(co, 0, "S").what, debug.getinfo(co, 1, "l").currentline, debug.getinfo(co, 2))
local mt = setmetatable({}, {__add = function()
  return debug.getinfo(1, "n").name .. "/" .. debug.getinfo(1, "n").namewhat
end, __index = function()
  local i = debug.getinfo(1, "n")
  return i.name .. "/" .. i.namewhat
end})
print(mt + 1, mt.x)
for k in function(_, k)
  local i = debug.getinfo(1, "n")
  if not k then return i.name .. "/" .. i.namewhat end
end do
  print(k)
end
local function tail() return debug.getinfo(1, "nt") end
local function viaTail() return tail() end
local ti = viaTail()
print(ti.name, ti.istailcall)
print((function() return debug.getinfo(2, "f") == nil end)())
local function lvl() return debug.getinfo(2, "f").func end
local function outer() local x = lvl() return x == outer end
print(outer())
global = function()
  local i = debug.getinfo(1, "n")
  return i.name, i.namewhat
end
local a, b = global()
print(a, b)
local up = global
local function viaup() local p, q = up() return p, q end
print(viaup())
