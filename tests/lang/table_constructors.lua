-- Table constructors: mixed items, evaluation order, large ones, trailing calls.
local i = 0
local function n() i = i + 1 return i end
local t = {n(), n(), x = n(), n(), [n()] = n()}
print(t[1], t[2], t[3], t.x, t[5])
print(#{n(), n(), n()}, ({n(), (n())})[2])
local dup = {1, 2, [1] = "explicit", [2] = "later"}
print(dup[1], dup[2])
print(#{[1] = 1, 2}, ({[1] = "a", "b"})[1])
local big = load("return {" .. ("1, "):rep(1000) .. "}")()
print(#big)
local names = {}
for k = 1, 300 do names[k] = "f" .. k .. " = " .. k end
local rec = load("return {" .. table.concat(names, ", ") .. "}")()
local s = 0
for _, v in pairs(rec) do s = s + v end
print(s)
local nested = {a = {b = {c = {1, 2, {d = "deep"}}}}}
print(nested.a.b.c[3].d)
local function f() return 1, 2, 3 end
print(#{f(), f()}, #{f(), nil}, #{(f())}, #{f(), x = 1}, #{x = 1, f()})
local function mk(v) return {v, v + 1, name = "n" .. v, [v] = true} end
s = 0
for v = 10, 3000 do
  local o = mk(v)
  s = s + o[1] + o[2] + #o.name + (o[v] and 1 or 0)
end
print(s)
print(pcall(load"return {[nil] = 1}"))
print(pcall(load"return {[0/0] = 1}"))
print(#{...}, ({nil})[1] == nil)
