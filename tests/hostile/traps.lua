-- pcall, xpcall, coroutines, to-be-closed variables and the debug library as ways to survive the end.
--# pcall_loop | instructions time
while true do pcall(function() while true do end end) end
--# pcall_nested | instructions time
local function f(n) if n == 0 then while true do end end pcall(f, n - 1) while true do end end
f(50)
--# pcall_of_pcall | instructions time
while true do pcall(pcall, pcall, pcall, error) end
--# pcall_rethrow | instructions time
local function f() local ok, e = pcall(f) error(e) end
while true do pcall(f) end
--# xpcall_handler_loop | instructions time
xpcall(function() while true do end end, function() while true do end end)
while true do end
--# xpcall_handler_error | instructions time
while true do xpcall(error, function(m) error(m) end) end
--# xpcall_handler_recursive | instructions time
local function h(m) return xpcall(error, h, m) end
while true do xpcall(error, h) end
--# xpcall_handler_wrap | instructions time
local w = coroutine.wrap(function(m) while true do m = coroutine.yield(m) end end)
while true do xpcall(function() while true do end end, w) end
--# xpcall_traceback | instructions time
while true do xpcall(function() while true do end end, debug.traceback) end
--# error_objects | instructions time
while true do pcall(error, setmetatable({}, {__tostring = function() while true do end end})) end
--# error_tostring | instructions time
while true do pcall(function() tostring(setmetatable({}, {__tostring = function() while true do end end})) end) end
--# coroutine_wrap | instructions time
coroutine.wrap(function() while true do end end)()
--# coroutine_resume_ignored | instructions time
while true do local co = coroutine.create(function() while true do end end) coroutine.resume(co) end
--# coroutine_ping_pong | instructions time
local co = coroutine.wrap(function() while true do coroutine.yield() end end)
while true do co() end
--# coroutine_nested | instructions time
local function nest(n) if n == 0 then while true do end end local ok = coroutine.resume(coroutine.create(nest), n - 1) while true do end end
nest(20)
--# coroutine_pcall_inside | instructions time
local co = coroutine.wrap(function() while true do pcall(function() coroutine.yield() while true do end end) end end)
while true do co() end
--# coroutine_yield_across_pcall | instructions time
local co = coroutine.wrap(function() while true do pcall(coroutine.yield, 1) end end)
while true do co() end
--# coroutine_close_loop | instructions time
while true do
  local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() while true do end end}) coroutine.yield() end)
  coroutine.resume(co)
  coroutine.close(co)
end
--# coroutine_many | instructions time
local all = {}
while true do
  for i = 1, 100 do all[i] = coroutine.wrap(function() while true do coroutine.yield() end end) end
  for i = 1, 100 do all[i]() end
end
--# coroutine_resumes_parent | instructions time
local main = coroutine.running()
while true do coroutine.wrap(function() coroutine.resume(main) end)() end
--# coroutine_iterator | instructions time
for x in coroutine.wrap(function() local n = 0 while true do n = n + 1 coroutine.yield(n) end end) do local y = x end
--# close_loop | instructions time
do local x <close> = setmetatable({}, {__close = function() while true do end end}) while true do end end
--# close_chain | instructions time
local mt = {__close = function() while true do end end}
local function f(n) local x <close> = setmetatable({}, mt) if n > 0 then f(n - 1) end while true do end end
f(30)
--# close_pcall | instructions time
local mt = {__close = function() while true do pcall(function() while true do end end) end end}
while true do pcall(function() local x <close> = setmetatable({}, mt) while true do end end) end
--# close_error | instructions time
local mt = {__close = function() error("mine") end}
while true do pcall(function() local x <close> = setmetatable({}, mt) while true do end end) end
--# close_in_for | instructions time
local mt = {__close = function() while true do end end}
while true do pcall(function() for i in function() return 1 end, nil, nil, setmetatable({}, mt) do end end) end
--# close_yields | instructions time
local co = coroutine.wrap(function()
  local x <close> = setmetatable({}, {__close = function() while true do coroutine.yield() end end})
  while true do end
end)
while true do pcall(co) end
--# host_pcall | instructions time
while true do hostpcall(function() while true do end end) end
--# host_pcall_nested | instructions time
local function f(n) hostpcall(n == 0 and function() while true do end end or f, n - 1) while true do end end
f(10)
--# host_pcall_in_metamethod | instructions time
local t = setmetatable({}, {__index = hostpcall, __concat = hostpcall, __call = function() while true do end end})
while true do local x = t[1] .. t end
--# host_resume | instructions time
while true do hostresume(function() while true do end end) end
--# sethook_clear | instructions time
debug.sethook()
while true do debug.sethook() end
--# sethook_loop | instructions time
debug.sethook(function() while true do end end, "", 1)
while true do end
--# sethook_error | instructions time
while true do
  local co = coroutine.create(function() while true do pcall(function() local x = 1 end) end end)
  debug.sethook(co, function() error("no") end, "", 7)
  coroutine.resume(co)
end
--# sethook_call | instructions time
debug.sethook(function() end, "crl")
local function f() end
while true do f() end
--# sethook_coroutine | instructions time
local co = coroutine.create(function() while true do end end)
debug.sethook(co, function() pcall(function() while true do end end) end, "", 100)
while true do coroutine.resume(co) end
--# debug_setlocal | instructions time
local n = 0
local function f() debug.setlocal(2, 1, 0) end
while n < 10 do n = n + 1 f() end
--# debug_upvalues | instructions time
local n = 0
local function f() return n end
while true do debug.setupvalue(f, 1, f()) end
--# debug_registry | instructions time
for k, v in pairs(debug.getregistry()) do if type(v) == "function" then debug.getregistry()[k] = nil end end
while true do pcall(function() while true do end end) end
--# globals_gone | instructions time
local pcall, setmetatable, _G = pcall, setmetatable, _G
for k in pairs(_G) do _G[k] = nil end
setmetatable(_G, {__index = function(_, k) return k end, __newindex = function() while true do end end})
while true do pcall(function() x = y end) end
--# string_metatable | instructions time
getmetatable("").__index = function(s, k) return s end
getmetatable("").__call = function(s) while true do end end
while true do pcall(("x").y) end
