-- Loops that never end, in every form. `--# name | limits`: a script and the limits that stop it.
--# while_true | instructions time
while true do end
--# while_condition | instructions time
local n = 0
while n >= 0 do n = (n + 1) & 0xffff end
--# repeat_until_false | instructions time
repeat local x = 1 until false
--# repeat_closure | instructions time
local keep
repeat local x = 1; keep = function() return x end until x == 2
--# goto_loop | instructions time
::again:: goto again
--# goto_two_labels | instructions time
local n = 0
::a:: n = n + 1 if n > 100 then n = 0 goto b end goto a
::b:: goto a
--# for_integer_huge | instructions time
for i = 1, math.maxinteger do local x = i end
--# for_float_no_progress | instructions time
for x = 1e300, 2e300, 1 do local y = x end
--# for_nested | instructions time
for i = 1, 1e9 do for j = 1, 1e9 do local k = i ~ j end end
--# for_sum_float | instructions time
local s = 0.0
for i = 1, 1e18 do s = s + i * 0.5 end
--# while_array_store | instructions time
local t = {}
for i = 1, 1000 do t[i] = 0 end
while true do for i = 1, 1000 do t[i] = t[i] + 1 end end
--# while_float_array | instructions time
local t = {}
for i = 1, 1000 do t[i] = 0.5 end
local s = 0
while true do for i = 1, 1000 do s = s + t[i] end end
--# while_field | instructions time
local o = {n = 0}
while true do o.n = o.n + 1 end
--# while_global | instructions time
n = 0
while true do n = n + 1 end
--# while_upvalue | instructions time
local n = 0
local function step() n = n + 1 end
while true do step() end
--# while_method | instructions time
local C = {} C.__index = C
function C:step() self.n = self.n + 1 return self end
local o = setmetatable({n = 0}, C)
while true do o = o:step() end
--# tail_call_self | instructions time
local function f(n) return f(n + 1) end
f(1)
--# tail_call_mutual | instructions time
local g
local function f(n) return g(n) end
function g(n) return f(n) end
f(1)
--# tail_call_vararg | instructions time
local function f(...) return f(...) end
f(1, 2, 3)
--# tail_call_through_pcall | instructions time
local function f(n) local ok, g = pcall(function() return n + 1 end) return f(g) end
f(1)
--# iterator_closure | instructions time
local function forever() local n = 0 return function() n = n + 1 return n end end
for n in forever() do local x = n end
--# iterator_state | instructions time
for k in function(s, k) return (k or 0) + 1 end do local x = k end
--# iterator_next_again | instructions time
local t = {1, 2, 3}
while true do for k, v in pairs(t) do local x = v end end
--# iterator_ipairs_index | instructions time
local t = setmetatable({}, {__index = function(t, i) return i end})
for i, v in ipairs(t) do local x = v end
--# iterator_pairs_meta | instructions time
local t = setmetatable({}, {__pairs = function(t) return function(_, k) return (k or 0) + 1 end, t, nil end})
for k in pairs(t) do local x = k end
--# iterator_callable | instructions time
local it = setmetatable({}, {__call = function(_, s, c) return (c or 0) + 1 end})
for k in it do local x = k end
--# pairs_cycle_tables | instructions time
local a = {} a.a = a
while true do for k, v in next, a do a = v end end
--# arithmetic_mix | instructions time
local a, b = 1, 2.5
while true do a = (a * 3 + 7) % 1000003; b = b * 0.5 + a end
--# comparison_chain | instructions time
local a, b = "x", "y"
while a < b or b == a do a, b = b, a if b < a then a, b = "x", "y" end end
--# load_loop | instructions time
while true do load("local a = 1 return a")() end
--# load_runs_forever | instructions time
load("while true do end")()
--# string_methods | instructions time
local s = "abc"
while true do s = s:upper():lower():reverse() end
--# select_varargs | instructions time
local function f(...) return select("#", ...) end
while true do f(1, 2, 3, nil, 5) end
--# closures_made | instructions time
while true do local x = function() return x end end
--# break_never | instructions time
while true do if false then break end end
--# math_random | instructions time
while math.random() < 2 do end
