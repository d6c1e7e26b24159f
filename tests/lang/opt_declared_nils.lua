-- Fields set to nil when an object is made have a place from then on, which no program can tell.
local function count(t) local n = 0 for k, v in pairs(t) do assert(v ~= nil) n = n + 1 end return n end
local function keys(t) local s = {} for k in pairs(t) do s[#s + 1] = tostring(k) end table.sort(s) return table.concat(s, " ") end

local Node = {}
Node.__index = Node
Node.left = "class left"
function Node.new(k, parent) return setmetatable({ key = k, left = nil, right = nil, parent = parent, [k] = nil }, Node) end
function Node:clear() self.left = nil self.mark = nil self.right = nil end
local function insert(n, k)
    if not n then return Node.new(k, nil) end
    if k < n.key then n.below = insert(n.below, k) else n.right = insert(rawget(n, "right"), k) end
    return n
end
local function size(n) return n and 1 + size(n.below) + size(n.right) or 0 end

for round = 1, 3 do
    local root
    for i = 1, 300 do root = insert(root, i * 7919 % 301) end
    print(size(root), root.left, rawget(root, "left"), next({ a = nil }), next({ a = nil, b = 1 }))
    for i = 1, 200 do
        local n = Node.new(i, root)
        n:clear()
        n.left = i
        n:clear()
        if i % 50 == 0 then print(keys(n), count(n), n.left, rawlen(n)) end
    end
end

-- handlers are asked although there is a place
local asked = 0
local function make(n) return { x = n, y = nil, z = nil } end
local function put(t, v) t.y = v return rawget(t, "y"), t.z end
for i = 1, 300 do
    local t = make(i)
    local mt = { __newindex = function(o, k, v) asked = asked + 1 rawset(o, k, v) end, __index = function(o, k) return k .. "?" end }
    local before = put(t, i)
    t = setmetatable(make(i), mt)
    local a, b = put(t, i)
    assert(before == i and a == i and b == "z?")
    put(t, i)
end
print(asked)

-- nil while traversed
for i = 1, 100 do
    local t, n = { a = 1, b = 2, c = 3, d = nil }, 0
    for k in pairs(t) do t[k] = nil t.e = nil t.f = nil n = n + 1 end
    assert(n == 3 and next(t) == nil)
end

-- many names
local code = {}
for i = 1, 80 do code[#code + 1] = "t.n" .. i .. " = nil if n == " .. i .. " then t.n" .. i .. " = " .. i .. " end" end
local many = assert(load("local t, n = ... " .. table.concat(code, "\n") .. " return t"))
for i = 1, 160 do
    local t = many({}, i % 80 + 1)
    if i % 40 == 0 then print(keys(t), count(t)) end
end

-- names taken by classes
local C = { __index = nil, __newindex = nil, __add = nil, field = nil }
local o = setmetatable({}, C)
o.field = 1
C.__index = function() return "index" end
C.__add = function() return "added" end
print(o.none, o + 1, o.field, keys(C), C.__newindex)
