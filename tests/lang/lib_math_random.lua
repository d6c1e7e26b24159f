-- math.random: reproducible sequences, ranges, seeds.
math.randomseed(42)
local a = {}
for i = 1, 8 do a[i] = math.random(1000) end
print(table.concat(a, " "))
math.randomseed(42)
local same = true
for i = 1, 8 do same = same and a[i] == math.random(1000) end
print(same)
math.randomseed(42, 7)
print(math.random(0), math.random(0))
math.randomseed(1.0)
print(math.random(100), math.random(5, 6), math.random(-10, 10))
math.randomseed(123)
print(string.format("%.15f %.15f", math.random(), math.random()))
local lo, hi, sum = 1, 0, 0
for i = 1, 5000 do
  local r = math.random()
  lo = math.min(lo, r)
  hi = math.max(hi, r)
  sum = sum + r
end
print(lo >= 0, hi < 1, math.abs(sum / 5000 - 0.5) < 0.05)
local c = {}
for i = 1, 6 do c[i] = 0 end
for i = 1, 6000 do local r = math.random(6) c[r] = c[r] + 1 end
local ok = true
for i = 1, 6 do ok = ok and c[i] > 800 and c[i] < 1200 end
print(ok)
math.randomseed(9)
print(math.random(math.mininteger, math.maxinteger), math.random(math.maxinteger), math.random(3,
    3))
print(pcall(math.random, 5, 1))
print(select("#", math.randomseed(5)), pcall(math.randomseed, "x"))
math.randomseed(77)
local h = 0
for i = 1, 2000 do h = (h * 31 + math.random(0)) end
print(h)
