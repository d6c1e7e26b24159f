-- Messages of operators on every pair of unsuitable types.
local function run(snippets)
  for snippet in snippets:gmatch("[^\n]+") do
    local chunk, message = load(snippet, "=s")
    local ok = chunk == nil
    if chunk then ok, message = pcall(chunk) end
    print(snippet .. "  -->  " .. (ok and "no error" or tostring(message)))
  end
end

run [==[
return nil + 1
return 1 + nil
return true + 1
return {} + 1
return 1 + {}
return print + 1
return "a" + 1
return 1 + "a"
return "a" + "b"
return "1" + {}
return {} + "1"
return nil - 1
return "a" - 1
return 2 * true
return "a" * 2
return {} / 1
return "a" / 1
return 1 // nil
return 1 // 0
return 1 % 0
return 1 % "a"
return "a" % 1
return nil ^ 2
return "a" ^ 2
return -nil
return -{}
return -"a"
return -print
return 1 & 1.5
return 1.5 | 1
return 2^63 ~ 1
return 1 & nil
return 1 & "1"
return "a" & 1
return "1.5" | 1
return {} << 1
return 1 >> {}
return 1e300 << 1
return ~nil
return ~1.5
return ~"a"
return ~{}
return #nil
return #5
return #print
return #true
return 1 < "1"
return "1" < 1
return nil < nil
return {} < {}
return {} <= 1
return print > print
return true >= false
return nil > 1
return "a" < {}
return "a" .. nil
return nil .. "a"
return 1 .. {}
return {} .. {}
return true .. "x"
return "a" .. "b" .. nil
return "a" .. {} .. "b"
return print .. 1
return (nil)()
return (1)()
return ("x")()
return ({})()
return (true)()
return (nil).x
return (1).x.y
return (true).x
return (print).x
return ({}).x.y
return ("x").y.z
local t = {} t.x.y = 1
local t = 5 t.x = 1
local t = nil t[1] = 1
local t = {} t[nil] = 1
local t = {} t[0/0] = 1
local t = true t.x = 1
("x").y = 1
x.y = 1
x.y.z = 1
x()
x.y()
x:y()
local a a()
local a = {} a.b()
local a = {} a:b()
local a = {} a.b.c()
local a = {} a["b"]()
local a = {} a[1]()
local a = {} a[1].b = 2
local a = {} a[true]()
local a = {} local k = "kk" a[k]()
local a = {} local k = {} a[k]()
local a = 1 local function f() return a.b end f()
local a = 1 local function f() return a.b.c end f()
local a local function f() a() end f()
local a local function f() a.b = 1 end f()
local a local function f() return a .. "x" end f()
local a local function f() return a + 1 end f()
local a local function f() return a < 1 end f()
local a = {} return a.x + 1
local a = {} return 1 + a.x
local a = {} return a.x .. "s"
local a = {} return a.x < 1
local a = {} return -a.x
local a = {} return #a.x
local a = {} return ~a.x
local a = {} return a[1] + 1
local a = {} return a.b.c
local a = {} return a.x & 1
return gx + 1
return gx < 1
return gx .. ""
return -gx
return #gx
return gx.y
return gx & 1
for i = nil, 1 do end
for i = 1, nil do end
for i = 1, 2, nil do end
for i = "a", 2 do end
for i = 1, "b" do end
for i = 1, 2, "c" do end
for i = 1, 2, 0 do end
for i = 1.5, 2, 0 do end
for i = {}, {}, {} do end
for k in 5 do end
for k in nil do end
for k in {} do end
for k in next, nil do end
for k, v in next, {}, 5 do end
for k in pairs({}), {}, 1, 5 do end
local x <close> = 5
local x <close> = {}
local x <close> = "s"
local x <close> = setmetatable({}, {__close = 5})
return setmetatable({}, {__add = 5}) + 1
return setmetatable({}, {__concat = {}}) .. "x"
return setmetatable({}, {__index = 5}).x
return setmetatable({}, {__index = true}).x
setmetatable({}, {__newindex = 5}).x = 1
return setmetatable({}, {__call = 5})()
return setmetatable({}, {__len = 5}) and #setmetatable({}, {__len = 5})
return setmetatable({}, {__lt = 5}) < 1
return setmetatable({}, {__eq = 5}) == setmetatable({}, {})
return -setmetatable({}, {__unm = "x"})
return setmetatable({}, {__name = "My.Type"}) + 1
return setmetatable({}, {__name = "My.Type"}) < 1
return setmetatable({}, {__name = "My.Type"}) < setmetatable({}, {__name = "My.Type"})
return setmetatable({}, {__name = "My.Type"}) .. "x"
return setmetatable({}, {__name = "My.Type"})()
string.rep(setmetatable({}, {__name = "My.Type"}))
local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x
local t = setmetatable({}, {}) getmetatable(t).__newindex = t t.x = 1
error("plain")
error("plain", 0)
error("level two", 2)
error(setmetatable({}, {__tostring = function() return "object" end}))
error(nil)
error(5)
error(true)
error(setmetatable({}, {__tostring = function() return "stringified" end}))
local function f() error("in function") end f()
local function f() error("at the caller", 2) end f()
assert(1 == 2)
assert(false, "assertion text")
assert(nil, 5)
]==]
