-- Memory, depth, and single operations that take long.
--# string_doubling | memory
local s = "x"
while true do s = s .. s end
--# string_doubling_pcall | memory
local s = "x"
while true do pcall(function() s = s .. s end) end
--# string_append | memory
local s = "x"
while true do s = s .. "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy" end
--# string_rep_bomb | memory
local s = ("x"):rep(1 << 30)
--# string_rep_pcall | memory
while true do pcall(string.rep, "abc", 1 << 28) end
--# string_rep_separator | memory
local s = ("x"):rep(1 << 18, ("y"):rep(1 << 10))
--# string_format_bomb | memory
local s = "x"
while true do s = string.format("%s%s", s, s) end
--# gsub_bomb | memory
local s = "x"
while true do s = s:gsub(".", "%0%0") end
--# concat_bomb | memory
local t = {}
for i = 1, 1000 do t[i] = ("x"):rep(10000) end
while true do t[#t + 1] = table.concat(t) end
--# table_append | memory
local t = {}
while true do t[#t + 1] = 1 end
--# table_append_tables | memory
local t = {}
while true do t[#t + 1] = {} end
--# table_stopped_collector | memory
collectgarbage("stop")
local t = {}
while true do t = {t, {}} end
--# garbage_stopped_collector | instructions time
collectgarbage("stop")
while true do local t = {} end
--# table_keys | memory
local t, n = {}, 0
while true do n = n + 1 t["k" .. n] = true end
--# table_floats | memory
local t, x = {}, 0.5
while true do x = x + 1 t[x] = x end
--# table_insert | memory
local t = {}
while true do table.insert(t, "x") end
--# table_nested | memory
local t = {}
while true do t = {t} end
--# table_move_bomb | memory time
local t = {1}
table.move(t, 1, 1, 2)
while true do table.move(t, 1, #t, #t + 1) end
--# closures_kept | memory
local all = nil
while true do local before = all all = function() return before end end
--# coroutines_kept | memory
local all = {}
while true do all[#all + 1] = coroutine.create(function() end) end
--# strings_interned | memory
local t = {}
for i = 1, 1e9 do t[i] = "s" .. i end
--# varargs_growing | memory
local t = {}
while true do t[#t + 1] = table.pack(table.unpack(t, 1, math.min(#t, 200))) end
--# gc_hoard | memory
local all, mt = {}, {}
mt.__gc = function(o) all[#all + 1] = {o} end
while true do setmetatable({}, mt) end
--# memory_in_close | memory
local x <close> = setmetatable({}, {__close = function() local t = {} while true do t[#t + 1] = {} end end})
local t = {}
while true do t[#t + 1] = {} end
--# memory_in_coroutine | memory
while true do pcall(coroutine.wrap(function() local t = {} while true do t[#t + 1] = {} end end)) end
--# load_chunk_huge | memory
local t = {}
while true do t[#t + 1] = load("return {" .. ("1,"):rep(10000) .. "}") end
--# dump_kept | memory
local t = {}
while true do t[#t + 1] = string.dump(load("local a = '" .. ("x"):rep(10000) .. "' return a")) end
--# deep_recursion | depth
local function f(n) return 1 + f(n + 1) end
f(1)
--# deep_recursion_pcall | depth
local function f() return 1 + select(2, pcall(f)) end
error(select(2, pcall(function() local function g(n) return 1 + g(n) end return g(1) end)), 0)
--# deep_recursion_loop | instructions time
local function f(n) return 1 + f(n + 1) end
while true do pcall(f, 1) end
--# deep_recursion_close | instructions time
local function f(n) local x <close> = setmetatable({}, {__close = function() end}) return 1 + f(n + 1) end
while true do pcall(f, 1) end
--# deep_c_gsub | instructions time
local function f() return (string.gsub("a", "a", f)) end
while true do pcall(f) end
--# deep_parser | instructions time
while true do load(("("):rep(10000)) load(("{"):rep(10000)) load(("a="):rep(5000)) end
--# deep_tostring | instructions time
local mt = {} mt.__tostring = function(t) return tostring(t) end
while true do pcall(tostring, setmetatable({}, mt)) end
--# stack_unpack | instructions time
while true do pcall(table.unpack, {}, 1, 1e6) end
--# pattern_stars | time
local s = ("a"):rep(60)
string.find(s, ("a*"):rep(30) .. "b")
--# pattern_lazy | time
local s = ("a"):rep(300)
string.find(s, (".-"):rep(10) .. "b")
--# pattern_optional | time
string.match(("a"):rep(35), ("a?"):rep(35) .. ("a"):rep(36))
--# pattern_gsub | time
string.gsub(("a"):rep(100), ("a-"):rep(20) .. "b", "")
--# pattern_gmatch | time
for w in string.gmatch(("a"):rep(200), ("a*"):rep(20) .. "b") do end
--# pattern_pcall | time
while true do pcall(string.find, ("a"):rep(60), ("a*"):rep(30) .. "b") end
--# pattern_backref | time
string.find(("a"):rep(300), "(.*)(.*)(.*)%3%2%1b")
--# pattern_coroutine | time
while true do coroutine.resume(coroutine.create(string.find), ("a"):rep(60), ("a*"):rep(30) .. "b") end
--# concat_huge_range | time
local t = setmetatable({}, {__index = function() return "" end})
table.concat(t, "", 1, math.maxinteger)
--# move_huge_range | time
local t = setmetatable({}, {__index = function() return nil end, __newindex = function() end})
table.move(t, 1, math.maxinteger - 1, 2)
--# insert_huge_length | time
local t = setmetatable({}, {__len = function() return math.maxinteger - 1 end, __index = function() end, __newindex = function() end})
table.insert(t, 1, 1)
--# remove_huge_length | time
local t = setmetatable({}, {__len = function() return math.maxinteger - 1 end, __index = function() end, __newindex = function() end})
table.remove(t, 1)
--# sort_long | time
local t = {}
for i = 1, 100000 do t[i] = tostring(i * 7919 % 100000) end
while true do table.sort(t) table.sort(t, function(a, b) return a > b end) end
--# load_long | time
while true do load(("local a = 1 "):rep(150) .. ("x = {1, 2, 3} "):rep(100000)) end
--# gsub_long | time
local s = ("abc "):rep(100000)
while true do s:gsub("%w+", "%0") s:upper() s:rep(3) end
--# utf8_long | time
local s = ("äöü"):rep(200000)
while true do utf8.len(s) utf8.codepoint(s, 1, 100) utf8.offset(s, -1) end
