-- Keys of every type; strings short and long; tables and functions.
local t, f, co = {}, function() end, coroutine.create(print)
local k1, k2 = {}, {}
t[k1] = 1
t[k2] = 2
t[f] = 3
t[co] = 4
t[true] = 5
t[false] = 6
t[1.5] = 7
t[""] = 8
t[io.stdout] = 9
t[print] = 10
print(t[k1], t[k2], t[f], t[co], t[true], t[false], t[1.5], t[""], t[io.stdout], t[print], t[{}])
local long = ("long"):rep(30)
t[long] = "L"
print(t[("long"):rep(30)], t[("long"):rep(29)])
t["a\0b"] = "zero"
print(t["a\0b"], t["a"])
local s, d = 0, {}
for i = 1, 2000 do
  d["key" .. i] = i
  d[("k"):rep(41) .. i] = i
  d[i * 0.25] = i
end
for i = 1, 2000 do s = s + d["key" .. i] + d[("k"):rep(41) .. i] + d[i / 4] end
print(s)
local objs = {}
for i = 1, 500 do objs[i] = {} d[objs[i]] = i end
s = 0
for i = 1, 500 do s = s + d[objs[i]] end
print(s)
local function get(tb, k) return tb[k] end
local mix = {x = 1, [1] = 2, [1.5] = 3, [true] = 4}
local ks = {"x", 1, 1.5, true, "none", 1.0, 2}
s = 0
for i = 1, 7000 do s = s + (get(mix, ks[i % 7 + 1]) or 100) end
print(s)
print(pcall(function() t[nil] = 1 end))
print(t[nil], t[0 / 0])
local e = {}
e.and_ = 1
e["and"] = 2
print(e.and_, e["and"])
