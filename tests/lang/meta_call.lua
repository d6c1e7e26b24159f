-- __call: arguments, chains, tail calls, method syntax.
local C = setmetatable({}, {__call = function(self, ...) return select("#", ...), ... end})
print(C())
print(C(1, nil, 3))
print(C"s")
print((C{}))
local chain = function(...) return ... end
for i = 1, 5 do chain = setmetatable({i = i}, {__call = chain}) end
local r = table.pack(chain("x"))
local names = {}
for i = 1, r.n do names[i] = type(r[i]) == "table" and r[i].i or r[i] end
print(table.concat(names, " "))
print(pcall(setmetatable({}, {__call = 5})))
print(pcall(setmetatable({}, {})))
print(pcall(function() local t = {} t() end))
print(pcall(setmetatable({}, {__call = setmetatable({}, {})})))
local Class = setmetatable({}, {__call = function(cls, v) return setmetatable({v = v}, cls) end})
Class.__index = Class
Class.__call = function(self, d) self.v = self.v + d return self end
local o = Class(1)
for i = 1, 3000 do o(i) end
print(o.v, o(1)(2)(3).v)
local holder = {m = setmetatable({}, {__call = function(self, obj, a) return type(obj), a end})}
print(holder:m(5))
print(holder.m(1, 2))
local function tail(n) return C(n) end
print(tail(7))
print(pcall(C, 1, 2))
print(select(2, coroutine.resume(coroutine.create(function() return C(9) end))))
print(pcall(coroutine.create, C))
print(table.unpack(table.pack(C(table.unpack({1, 2, 3})))))
local t = {3, 1, 2}
table.sort(t, setmetatable({}, {__call = function(_, a, b) return a > b end}) ~= nil and function(a,
    b) return a > b end)
print(table.concat(t, " "))
print(pcall(table.sort, {3, 1, 2}, C))
print(("abc"):gsub("%w", {a = "1"}), pcall(string.gsub, "abc", "%w", 1 == 1))
local n = 0
local f = setmetatable({}, {__call = function(_, a) n = n + a end})
for i = 1, 3000 do f(i) end
print(n)
for k in setmetatable({}, {__call = function(_, s, k)
  k = k + 1
  if k < s then return k end
end}), 4, 0 do
  io.write(k, " ")
end
print()
getmetatable("").__call = function(s, x) return s .. x end
print(("a")("b"))
getmetatable("").__call = nil
debug.setmetatable(1, {__call = function(a, b) return a * b end})
print((6)(7))
debug.setmetatable(1, nil)
print(pcall(function() return (6)(7) end))
