-- Missing arguments are nil, extra ones are dropped, call syntax in all forms.
local function f(a, b, c) return a, b, c end
print(f())
print(f(1))
print(f(1, 2, 3, 4))
print(f(f(1, 2)))
print(f(f(1, 2), 3))
print(f"str")
print((f{1})[1])
print(f[[long]])
local t = {f = f, n = {g = function(self, x) return self == nil, x end}}
function t:method(x) return self == t, x end
function t.n.deep(...) return select("#", ...) end
function t.n:m(...) return self == t.n, ... end
print(t:method(5))
print(t.method(t, 6))
print(t.n.deep(1, 2))
print(t.n:m(7, 8))
print(t["method"](t))
print(("x"):rep(3), ("%d"):format(5), #("a"):upper(), ("a,b"):find(",", 1, true))
local s = "text"
print(s:sub(2, 3), s:len(), s:upper():lower())
print(t:method{1} , (t:method"a"))
print(type(function() end), (function(...) return ... end)(1, 2))
local function id(...) return ... end
print(id(id(id(1, 2), 3), id(4)))
print(pcall(load"local t = {} t:nomethod()"))
print(pcall(load"local t = {} t.x.y()"))
print(pcall(load"undefinedfunction()"))
print(pcall(load"('x'):nomethod()"))
print(pcall(load"(1)()"))
print(pcall(load"local a = {} a[1]()"))
local n = 0
local function g(a, b) n = n + (b or 1) end
for i = 1, 3000 do
  g()
  g(1)
  g(1, 2)
  g(1, 2, 3)
end
print(n)
local function ack(m, k)
  if m == 0 then
    return k + 1
  elseif k == 0 then
    return ack(m - 1, 1)
  else
    return ack(m - 1, ack(m, k - 1))
  end
end
print(ack(2, 9))
local function hanoi(d, a, b, c)
  if d == 0 then return 0 end
  return hanoi(d - 1, a, c, b) + 1 + hanoi(d - 1, c, b, a)
end
print(hanoi(11, "a", "b", "c"))
