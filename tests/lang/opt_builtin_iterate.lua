-- Generic loops over tables: arrays of every kind, changed under way, ended early, with metatables.
local function sum(t) local s, n = 0, 0 for i, v in ipairs(t) do s = s + v * i n = n + 1 end return s, n end
local function count(t) local n = 0 for i in ipairs(t) do n = n + i end return n end
local function collect(t)
  local out = {}
  for k, v in pairs(t) do out[#out + 1] = tostring(k) .. "=" .. tostring(v) end
  table.sort(out)
  return table.concat(out, " ")
end
local ints, floats, mixed, holes, empty = {}, {}, {}, {}, {}
for i = 1, 40 do ints[i] = i floats[i] = i / 2 mixed[i] = i % 2 == 0 and i or i + 0.25 holes[i] = i ~= 20 and "" .. i or nil end
for round = 1, 4 do
  for i = 1, 30 do sum(ints) count(ints) collect(ints) end
  print(round, sum(ints)) print(sum(floats)) print(sum(mixed)) print(sum(holes)) print(sum(empty))
  print(count(ints), count(floats), count(mixed), count(holes), count(empty))
  print(#collect(ints), #collect(floats), #collect(mixed), #collect(holes), #collect(empty))
end

-- the table changes while it is gone through
local function grow(t, limit)
  local s = 0
  for i, v in ipairs(t) do
    s = s + v
    if i < limit then t[i + 1] = i + 1 end
  end
  return s, #t
end
for i = 1, 50 do grow({1}, 20) end
print(grow({1}, 100))
local function cut(t) local n = 0 for i, v in ipairs(t) do n = n + v t[#t] = nil end return n, #t end
for i = 1, 50 do cut {1, 2, 3, 4, 5, 6} end
print(cut {1, 2, 3, 4, 5, 6, 7, 8, 9})
local function widen(t) local s = 0 for i, v in ipairs(t) do s = s + v t[i] = "x" end return s end
for i = 1, 50 do widen {1, 2, 3} end
print(widen {1, 2, 3, 4})
local function clear(t) local n = 0 for k in pairs(t) do t[k] = nil n = n + 1 end return n, next(t) end
for i = 1, 50 do clear {1, 2, a = 3, [2.5] = 4} end
print(clear {1, 2, 3, a = 1, b = 2, [true] = 3})

-- closures over the loop's variables, breaks, gotos, nested loops
local function closures(t)
  local fs = {}
  for i, v in ipairs(t) do fs[i] = function() v = v + i return v end end
  local s = 0
  for _, f in ipairs(fs) do f() s = s + f() end
  return s
end
for i = 1, 60 do closures {1, 2, 3} end
print(closures {1, 2, 3, 4, 5})
local function find(t, x)
  for k, v in pairs(t) do
    if v == x then return k end
  end
end
for i = 1, 100 do find(ints, 7) end
print(find(ints, 33), find(floats, 20.0), find({a = 1, b = 2}, 2), find(ints, "x"))
local function nested(t)
  local s = 0
  for i, v in ipairs(t) do
    for j, w in ipairs(t) do
      if j > i then break end
      s = s + v * w
    end
    for _, w in pairs(t) do s = s + w end
  end
  return s
end
for i = 1, 30 do nested {1, 2, 3, 4} end
print(nested(ints), nested(floats))

-- many variables, explicit iterators, control variables of odd kinds
local function many(t) local s = 0 for a, b, c, d in ipairs(t) do s = s + a + b + (c == nil and d == nil and 1 or 100) end return s end
for i = 1, 60 do many {5, 6} end
print(many {5, 6, 7})
local function explicit(t) local s = 0 for k, v in next, t do s = s + v end return s end
for i = 1, 60 do explicit {5, 6} end
print(explicit {5, 6, 7}, explicit {x = 1}, pcall(explicit, 5))
local step = ipairs {}
local function from(t, i) local s = 0 for k, v in step, t, i do s = s + v end return s end
for i = 1, 60 do from({5, 6, 7}, 0) end
print(from({5, 6, 7}, 1), from({5, 6, 7}, 3), from({5, 6, 7}, math.maxinteger), pcall(from, {}, "a"))
print(from({5, 6, 7}, "1"))
print(from({[math.mininteger] = 3}, math.maxinteger))

-- the loop yields
local co = coroutine.wrap(function(t) for i, v in ipairs(t) do coroutine.yield(v) end for k, v in pairs(t) do coroutine.yield(k) end end)
local got = {}
for i = 1, 60 do got[i] = co(ints) end
print(table.concat(got, " "))

-- the library's functions replaced
local function over(t) local n = 0 for i, v in ipairs(t) do n = n + v end return n end
for i = 1, 100 do over {1, 2, 3} end
local real = ipairs
ipairs = function(t) return function(_, i) if i < 3 then return i + 1, 100 end end, t, 0 end
print(over {1, 2, 3})
ipairs = real
print(over {1, 2, 3})
