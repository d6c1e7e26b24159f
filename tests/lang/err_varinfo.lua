-- Messages name the variable: local, upvalue, global, field, method, constant.
local function try(src, ...)
  local f = assert(load(src, "=c"))
  print(select(2, pcall(f, ...)))
end
for _, s in ipairs{"local a; a()", "local a; local function f() a() end f()", "a()",
    "local t = {} t.x()", "local t = {} t.x.y = 1", "local t = {} t:m()", "local t = {} t[1]()",
    "local t, k = {}, 'key' t[k]()", "local t = {} t['x y']()", "return x.y.z", "return ('a').b.c",
    "local a = 1; a.b = 2", "local a = 1; return a.b.c", "local a = {} return a.b.c.d", "a.b = 1",
    "a[1] = 1", "local a return a[1]", "local a return a[{}]", "local a, k = nil, 'k' return a[k]",
    "local a = {} return a + 1", "local a = {} return 1 + a", "local a = {} return a.x + 1",
    "return gx + 1", "return gx .. 'a'", "local a = {} return 'a' .. a.f", "local a return -a",
    "local a = {} return -a.f", "local a return #a", "return #gx", "local a = {} return a < 1",
    "return {} < {}", "return nil < 1", "local a = 'x' return a + 1", "local a = {} return a & 1",
    "local a = 1.5 return a | 1", "local a = 'x' return a | 1", "return 2^53 | 1.5",
    "local up = nil local function f() return up.x end f()",
    "local up = nil local function f() up.x = 1 end f()",
    "local up = nil local function f() return up + 1 end f()",
    "local up = {} local function f() return up.a.b end f()", "local t = {{}} t[1].x.y()",
    "string.nofn()", "math.floor.x.y = 1", "local s = 'str' s:nometh()",
    "local s = 'str' s.x.y = 1", "(function() end)()()", "local t = {f = 5} t.f()",
    "local t = {f = 5} t:f()", "return (nil)()", "return (1)()", "return ('x')()", "return ({})()",
    "return true + 1", "return nil .. 'x'", "return ({}).x.y", "return (nil).x",
    "local a <const> = nil; return a.x", "local a <const> = 5; return a()",
    "local a <const> = 'k'; local t = {} t[a]()", "_ENV.foo()", "_ENV.a.b = 1",
    "local _ENV = {} foo()", "local _ENV = {} return foo.bar", "local t = {} t.a.b.c = 1",
    "return ...  + 1", "local a = ... return a.b", "local function f(p) return p.x end f()",
    "local function f(p) p() end f()", "for i = 1, 2 do i() end", "for k, v in pairs{1} do v() end",
    "for k, v in pairs{1} do k.x = 1 end", "local a, b = 1 b.x = 1", "goto l ::l:: x()",
    "local a = {} a.b:c()", "local a = {} a.b.c:d()", "local a = 'x' < 1", "return 1 < 'x'",
    "return {} <= 1", "return nil > 1", "return 1 >= nil", "local t = {} t[nil] = 1",
    "local t = {} t[0/0] = 1", "return 1 // 0", "return 1 % 0", "local a = 0 return 5 // a",
    "local a = 0 return 5 % a", "return math.maxinteger // 0", "return 1 << {}",
    "local a = {} a = a .. 'x'", "return 2^1000 & 1", "return '1' & 1.5",
    "local t = {} t.x = t.x + 1", "cnt = cnt + 1", "local t = {n = {}} t.n = t.n - 1", "return #5",
    "return -{}", "return ~{}", "return ~1.5"} do
      try(s)
    end
