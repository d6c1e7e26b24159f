-- Metamethods and library functions that call back.
--# index_loop | instructions time
local t = setmetatable({}, {__index = function(t, k) while true do end end})
local x = t.x
--# index_recursion | instructions time
local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end})
while true do pcall(function() return t[1] end) end
--# newindex_loop | instructions time
local t = setmetatable({}, {__newindex = function(t, k, v) while true do end end})
t.x = 1
--# newindex_recursion | instructions time
local t = setmetatable({}, {__newindex = function(t, k, v) t[k + 1] = v end})
while true do pcall(function() t[1] = 1 end) end
--# eq_loop | instructions time
local mt = {__eq = function() while true do end end}
local x = setmetatable({}, mt) == setmetatable({}, mt)
--# lt_loop | instructions time
local mt = {__lt = function(a, b) while true do end end}
local x = setmetatable({}, mt) < setmetatable({}, mt)
--# le_again | instructions time
local mt = {} mt.__le = function(a, b) return true end
local a, b = setmetatable({}, mt), setmetatable({}, mt)
while a <= b do end
--# concat_loop | instructions time
local x = setmetatable({}, {__concat = function() while true do end end})
x = x .. "a" .. x
--# arithmetic_meta | instructions time
local x = setmetatable({}, {__add = function(a, b) return a end, __unm = function(a) return a end})
while true do x = -(x + 1) end
--# len_loop | instructions time
local x = setmetatable({}, {__len = function() while true do end end})
x = #x
--# call_chain | instructions time
local f = setmetatable({}, {__call = function(self, n) return self(n + 1) end})
f(1)
--# tostring_loop | instructions time
while true do tostring(setmetatable({}, {__tostring = function() return "x" end})) end
--# name_concat_table | instructions time
local t = setmetatable({}, {__index = function(t, i) return "x" end, __len = function() return 1e15 end})
table.concat(t)
--# gsub_callback | instructions time
string.gsub(("a"):rep(100000), "a", function() while true do end end)
--# gsub_callback_table | instructions time
string.gsub(("a"):rep(100000), "a", setmetatable({}, {__index = function() while true do end end}))
--# gsub_recursion | instructions time
local function f(s) return (string.gsub(s, ".", f)) end
while true do pcall(f, "abc") end
--# gmatch_forever | instructions time
while true do for w in string.gmatch("one two three", "%a+") do end end
--# sort_inconsistent | instructions time
local t = {}
for i = 1, 200 do t[i] = i * 7919 % 200 end
while true do pcall(table.sort, t, function(a, b) return true end) end
--# sort_random | instructions time
local t = {}
for i = 1, 1000 do t[i] = i end
while true do pcall(table.sort, t, function(a, b) return math.random() < 0.5 end) end
--# sort_compare_loop | instructions time
table.sort({3, 2, 1}, function(a, b) while true do end end)
--# sort_recursion | instructions time
local function less(a, b) table.sort({3, 2, 1}, less) return a < b end
while true do pcall(table.sort, {3, 2, 1}, less) end
--# load_reader | instructions time
load(function() return "x = 1 " end)
--# load_reader_loop | instructions time
load(function() while true do end end)
--# gc_loop | instructions time
setmetatable({}, {__gc = function() while true do end end})
collectgarbage()
while true do end
--# gc_resurrection | instructions time
local mt = {} mt.__gc = function(o) setmetatable(o, mt) end
for i = 1, 100 do setmetatable({}, mt) end
while true do collectgarbage() end
--# gc_makes_more | instructions time
local mt = {} mt.__gc = function() setmetatable({}, mt) setmetatable({}, mt) end
setmetatable({}, mt)
while true do collectgarbage("step") end
--# gc_close_state | instructions time
for i = 1, 50 do setmetatable({}, {__gc = function() while true do end end}) end
while true do end
--# gc_errors | instructions time
local mt = {__gc = function() error("no") end}
while true do setmetatable({}, mt) end
--# gc_pcall | instructions time
local mt = {__gc = function() while true do pcall(function() while true do end end) end end}
while true do setmetatable({}, mt) end
--# weak_tables | instructions time
local t = setmetatable({}, {__mode = "k"})
while true do t[{}] = {} end
--# require_searcher | instructions time
package.searchers[1] = function() while true do end end
require("nothing")
--# print_tostring | instructions time
io.stdout:setvbuf("full")
while true do tostring(print) end
