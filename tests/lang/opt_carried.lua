-- Tables carried round loops, each iteration making the next one: only their fields go round, and nobody can tell.
local function heat(f, ...) for _ = 1, 60 do f(...) end end

local Vec = {}
Vec.__index = Vec
local function vec(x, y) return setmetatable({ x = x, y = y }, Vec) end
function Vec:add(o) return vec(self.x + o.x, self.y + o.y) end
Vec.__add = Vec.add
Vec.__eq = function(a, b) return a.x == b.x and a.y == b.y end
local Other = { __index = { kind = "other" } }

local function sum(n, w)
    local v = vec(0, 1)
    for _ = 1, n do v = v:add(w) end
    return v.x + v.y
end
heat(sum, 30, vec(1, 2))
print(sum(100, vec(1, 2)), sum(100, vec(1, 0.5)), sum(0, vec(1, 2)))
print(pcall(sum, 10, vec(1, {})))

-- on some ways only; the old one or a new one; reset
local function some(n)
    local v, s = vec(0, 1), 0
    for i = 1, n do
        if i % 3 == 0 then v = v + v elseif i % 5 == 0 then v = vec(i, 1) end
        if v.x > 1000 then v = vec(1, 1) end
        s = s + v.x * v.y % 17
    end
    return s
end
heat(some, 30)
print(some(200))

-- plain records; assigned in place; two at a time, and exchanged
local function plain(n)
    local p = { a = 0, b = 1 }
    for _ = 1, n do
        p = { a = p.b, b = (p.a + p.b) % 1000 }
        p.a = p.a + 1
    end
    return p.a, p.b
end
heat(plain, 30)
print(plain(100))
local function exchange(n)
    local p, q = { v = 1 }, { v = 2 }
    for i = 1, n do
        if i % 4 == 0 then p, q = q, p end
        p.v = p.v + i
        if i % 5 == 0 then p = { v = q.v } end
    end
    return p.v, q.v
end
heat(exchange, 30)
print(exchange(100))
local function rotate(n)
    local p, q = { v = 1 }, { v = 2 }
    for i = 1, n do
        p, q = q, { v = (p.v + q.v) % 100 }
        q.v = q.v + i % 3
    end
    return p.v, q.v
end
heat(rotate, 30)
print(rotate(100))

-- one table by two names
local function names(n)
    local p = { v = 1 }
    local old = p
    local s = 0
    for i = 1, n do
        if i % 2 == 0 then p = { v = i } end
        old.v = old.v + 1
        s = s + p.v
        if p == old then s = s + 1000 end
        if i % 3 == 0 then old = p end
    end
    return s
end
heat(names, 30)
print(names(50))
local function choose(n)
    local s = 0
    for i = 1, n do
        local a, b = { v = i }, { v = -i }
        local c = i % 2 == 0 and a or b
        c.v = c.v * 10
        s = s + a.v + b.v + c.v
        local d
        if i % 3 == 0 then d = { v = 5 } else d = { v = i } end
        d.v = d.v + 1
        s = s + d.v
    end
    return s
end
heat(choose, 30)
print(choose(50))

-- exits on the way, which keep it
local kept = {}
local function exits(n, at)
    local v, s = vec(0, 1), 0
    for i = 1, n do
        local before = v
        v = v:add(vec(1, i))
        if i == at then
            kept.v, kept.before = v, before
            v.x = v.x + 0.5
            s = s + (v == kept.v and 1 or 0) + (rawequal(v, before) and 100 or 0)
        end
        s = s + v.x
    end
    return s, v.y
end
heat(exits, 30, 0)
print(exits(30, 7))
print(kept.v.x, kept.v.y, kept.before.x, kept.before.y, getmetatable(kept.v) == Vec, rawequal(kept.v, kept.before))
print(exits(30, 30))

-- it leaves the loop whole
local function returned(n)
    local v = vec(0, 1)
    for i = 1, n do v = v:add(vec(1, i)) end
    return v
end
heat(returned, 30)
local r = returned(30)
print(r.x, r.y, r == returned(30), rawequal(r, returned(30)))

-- metatables and shapes that differ, fields that come and go
local function classes(n)
    local v, s = vec(1, 2), 0
    for i = 1, n do
        if i % 2 == 0 then v = setmetatable({ x = i, y = 1 }, Other) else v = vec(i, 2) end
        s = s + v.x + (v.kind and 100 or 0)
    end
    return s
end
heat(classes, 30)
print(classes(50))
local function shapes(n)
    local p, s = { a = 1 }, 0
    for i = 1, n do
        s = s + p.a + (p.b or 0)
        p = { a = i }
        if i % 2 == 0 then p.b = i end
    end
    return s
end
heat(shapes, 30)
print(shapes(50))
local function gone(n)
    local p, s = { a = 1, b = 2 }, 0
    for i = 1, n do
        s = s + (p.b or 10)
        p = { a = i, b = i }
        if i % 7 == 0 then p.b = nil end
    end
    return s
end
heat(gone, 30)
print(gone(50))

-- loops in loops, while and repeat
local function nested(n)
    local total = 0
    for i = 1, n do
        local v = vec(i, 0)
        local j = 0
        while j < 5 do
            local w = v
            for _ = 1, 3 do w = w:add(vec(1, 1)) end
            v = vec(w.x - v.x, v.y + w.y)
            j = j + 1
        end
        repeat v = v:add(v) until v.x > 50
        total = total + v.x + v.y
    end
    return total
end
heat(nested, 10)
print(nested(20))

-- a loop that is entered while it runs, with tables of lower tiers
local v, other = vec(0, 1), nil
local alias = v
for i = 1, 30000 do
    v = v:add(vec(1, i % 3))
    if i == 20000 then other = v end
end
print(v.x, v.y, alias.x, other.x, other.y)
local function entered(n)
    local p = { v = 0 }
    local first = p
    for i = 1, n do
        p.v = p.v + 1
        if i % 100 == 0 then p = { v = p.v } end
    end
    return p.v, first.v
end
print(entered(30000))

-- yields, errors, the collector, the debug library
local function yielding(n, at)
    return coroutine.wrap(function()
        local p = { v = 0 }
        for i = 1, n do
            p = { v = p.v + i }
            if i == at then coroutine.yield(p) end
        end
        return p.v
    end)
end
for _ = 1, 60 do yielding(30, 0)() end
local co = yielding(30, 10)
local p = co()
p.v = p.v + 1000
print(p.v, co())
local function failing(n, bad)
    local p = { v = 0 }
    for i = 1, n do p = { v = p.v + (i == bad and {} or i) } end
    return p.v
end
heat(failing, 30, 0)
print(pcall(failing, 30, 7))
local function strings(n)
    local p = { s = "a" }
    for i = 1, n do
        p = { s = p.s .. i }
        if #p.s > 40 then p = { s = "b" .. i } end
        if i % 20 == 0 then collectgarbage() end
    end
    return p.s
end
heat(strings, 10)
print(strings(200))
local trouble, seen
local function look(x)
    if trouble then
        local _, value = debug.getlocal(2, 2)
        seen = type(value) == "table" and value.v or value
    end
    return x
end
local function watched(n)
    local q = { v = 0 }
    for i = 1, n do q = { v = look(q.v + i) } end
    return q.v
end
heat(watched, 30)
trouble = true
print(watched(10), seen)
