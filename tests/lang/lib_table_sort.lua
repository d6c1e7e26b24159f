-- table.sort: orders, comparators, errors.
local function show(t) print(table.concat(t, " ")) end
local function sorted(t, f) table.sort(t, f) show(t) end
sorted{3, 1, 2}
sorted{}
sorted{1}
sorted({3, 1, 2}, function(a, b) return a > b end)
sorted{"b", "a", "C", "10", "9"}
sorted{1.5, 1, -1, 2 ^ 53, math.mininteger}
sorted({"apple", "fig", "banana"}, function(a, b) return #a < #b end)
local t, x = {}, 42
for i = 1, 2000 do x = x * 16807 % 2147483647 t[i] = x end
table.sort(t)
local ok = true
for i = 2, #t do ok = ok and t[i - 1] <= t[i] end
print(ok)
table.sort(t, function(a, b) return a > b end)
for i = 2, #t do ok = ok and t[i - 1] >= t[i] end
print(ok)
local same = {}
for i = 1, 500 do same[i] = i % 3 end
sorted(same)
for i = 1, 100 do t[i] = 5 end
local all = {}
for i = 1, 100 do all[i] = 7 end
table.sort(all)
print(all[1], all[100])
print(pcall(table.sort, {1, "x", 2}))
print(pcall(table.sort, {1, nil, 3}))
print(pcall(table.sort, {{}, {}}))
print(pcall(table.sort, {3, 2, 1}, 5))
print(pcall(table.sort, 5))
print(pcall(table.sort, {1, 2, 3, 4, 5}, function() return true end))
print(pcall(table.sort, {1, 2}, function() error("cmp", 0) end))
print(pcall(table.sort, setmetatable({}, {__len = function() return math.maxinteger end})))
local recs = {}
for i = 1, 200 do recs[i] = {k = i * 7919 % 211, n = i} end
table.sort(recs, function(a, b)
  if a.k ~= b.k then return a.k < b.k end
  return a.n < b.n
end)
local s = 0
for i, r in ipairs(recs) do s = s + i * r.k end
print(s)
local words = {}
for w in ("the quick brown fox jumps over the lazy dog"):gmatch("%a+") do words[#words + 1] = w end
sorted(words)
table.sort(words, function(a, b) return a:reverse() < b:reverse() end)
show(words)
