-- Tables made in hot code: constructors of all forms, collected while under construction, stored, compared, returned.
local function point(x, y) return {x = x, y = y} end
local function add(a, b) return {x = a.x + b.x, y = a.y + b.y} end
local s = point(0, 0)
for i = 1, 2000 do s = add(s, point(i, -i / 2)) end
print(s.x, s.y)

local function length2(n)
  local sum = 0
  for i = 1, n do
    local v = {x = i, y = i + 1, z = 0.5}
    sum = sum + v.x * v.x + v.y * v.y + v.z
  end
  return sum
end
for i = 1, 20 do length2(100) end
print(length2(1000))

-- nil among the values: the field stays away
local function partial(a, b, c) return {a = a, b = b, c = c} end
local function fields(t) local n = {} for k in pairs(t) do n[#n + 1] = k end table.sort(n) return table.concat(n, ",") end
for i = 1, 300 do partial(1, 2, 3) end
print(fields(partial(1, 2, 3)), fields(partial(nil, 2, 3)), fields(partial(1, nil, nil)), fields(partial()))
for i = 1, 300 do partial(i, i % 2 == 0 and i or nil, 3) end
print(fields(partial(1, 2, 3)), fields(partial(nil, 2, 3)), fields(partial(1, nil, nil)), fields(partial()))

-- values with effects between the fields
local log = {}
local function note(x) log[#log + 1] = x return x end
local function build(i) return {first = note(i), second = note(i + 1), third = {inner = note(i + 2)}} end
for i = 1, 300 do build(i) end
local b = build(7)
print(b.first, b.second, b.third.inner, #log)
print(pcall(function(x) return {a = 1, b = x.y, c = 2} end))
local function failing(x) return {a = 1, b = x.y, c = 2} end
for i = 1, 200 do failing {y = i} end
print(pcall(failing, nil), failing({y = 5}).b)

-- lists
local function list(a, b, c) return {a, b, c} end
local function long(x) return {x, x + 1, x + 2, x + 3, x + 4, x + 5, x + 6, x + 7, n = 8} end
for i = 1, 500 do list(i, i, i) list(i, "s", nil) list(1.5, 2.5, i + 0.5) long(i) end
print(table.concat(list(1, 2, 3), " "), #list(1, nil, 3), #list(nil, nil, nil), table.concat(list(1.5, 2, 3.5), " "))
print(table.concat(long(10), " "), long(1).n)
local function open(...) return {1, 2, ...} end
for i = 1, 300 do open(i, i) end
print(#open(), #open(1, 2, 3), open("a", "b")[4])

-- linked structures that live on
local head
for i = 1, 3000 do head = {value = i, next = head} end
local n, sum = 0, 0
while head do n, sum, head = n + 1, sum + head.value, head.next end
print(n, sum)
local function tree(d) if d == 0 then return {} end return {left = tree(d - 1), right = tree(d - 1)} end
local function check(t) if t.left then return 1 + check(t.left) + check(t.right) end return 1 end
for d = 1, 9 do io.write(check(tree(d)), " ") end
print()

-- an object stored before it is complete
local keep = {}
local function early(i)
  local t = {}
  keep[i % 10 + 1] = t
  t.a = i
  keep[(i + 1) % 10 + 1].b = i
  t.c = t.b
  return t
end
for i = 1, 10 do keep[i] = {} end
for i = 1, 500 do early(i) end
local e = early(7)
print(e.a, e.b, e.c, fields(e))
local function alias(i)
  local t = {}
  local box = {ref = t}
  local u = box.ref
  u.x = i
  t.y = i + 1
  u.x = u.x + t.y
  return t.x, u.y, t == u
end
for i = 1, 300 do alias(i) end
print(alias(10))

-- finalizers and weak references while code keeps things in registers
local finalized = 0
local gc = {__gc = function() finalized = finalized + 1 end}
local function churn(n)
  local last
  for i = 1, n do
    local t = {id = i, prev = nil}
    if i % 50 == 0 then setmetatable({}, gc) end
    last = {of = t, id = t.id}
  end
  return last.of.id
end
for i = 1, 10 do churn(500) end
print(churn(5000))
collectgarbage()
print(finalized > 0)
local weak = setmetatable({}, {__mode = "v"})
local function drop(n)
  local lost = 0
  weak[1] = {id = 0}
  for i = 1, n do
    local t = {id = i}
    if weak[1] == nil then lost = lost + 1 weak[1] = {id = i} end
    t.id = t.id + 1
  end
  return lost >= 0
end
for i = 1, 20 do drop(500) end
print(drop(20000))

-- constructors in loops of every depth
local function grid(w, h)
  local rows = {}
  for y = 1, h do
    local row = {}
    for x = 1, w do row[x] = {x = x, y = y, value = x * y} end
    rows[y] = row
  end
  local sum = 0
  for y = 1, h do for x = 1, w do local c = rows[y][x] sum = sum + c.value - c.x + c.y end end
  return sum
end
for i = 1, 10 do grid(8, 8) end
print(grid(40, 30))

-- identity
local function fresh() return {} end
local seen = {}
local same = 0
for i = 1, 500 do local t = fresh() if seen[t] then same = same + 1 end seen[t] = true end
print(same, fresh() == fresh(), rawequal(fresh(), fresh()))
