-- Tables that only hot code itself sees are not made, and nobody can tell: exits, errors, the debug library, yields and
-- the collector find them where the source has them.
local function heat(f, ...) for _ = 1, 60 do f(...) end end

local Vec = {}
Vec.__index = Vec
local function vec(x, y) return setmetatable({ x = x, y = y }, Vec) end
function Vec:add(o) return vec(self.x + o.x, self.y + o.y) end
function Vec:scale(k) return vec(self.x * k, self.y * k) end
function Vec:dot(o) return self.x * o.x + self.y * o.y end
Vec.__eq = function(a, b) return a.x == b.x and a.y == b.y end
Vec.__tostring = function(v) return "(" .. v.x .. "," .. v.y .. ")" end

-- straight lines, and types that change under way
local function sum(a, b, n)
    local s = 0
    for i = 1, n do
        local c = a:add(b):scale(i)
        s = s + c:dot(a)
    end
    return s
end
heat(sum, vec(1, 2), vec(3, 4), 20)
print(sum(vec(1, 2), vec(3, 4), 100), sum(vec(1.5, 2), vec(3, 4), 100))
print(pcall(sum, vec(1, 2), vec({}, 4), 1))
print(pcall(sum, vec(1, 2), vec("3", "4"), 2))

-- branches and merges: fields assigned on some ways
local function branches(n, limit)
    local s = 0
    for i = 1, n do
        local p = { x = i, y = 0, z = 1 }
        if i % 3 == 0 then p.y = i elseif i % 3 == 1 then p.x = -i end
        if i > limit then p.z = "12" end
        s = s + p.x + p.y + p.z
    end
    return s
end
heat(branches, 30, 1000)
print(branches(100, 1000), branches(100, 90))

-- loops inside the life of a table
local function loops(n)
    local acc = { sum = 0, count = 0 }
    for i = 1, n do
        acc.sum = acc.sum + i
        if i % 2 == 0 then acc.count = acc.count + 1 end
    end
    return acc.sum * 1000 + acc.count
end
heat(loops, 30)
print(loops(100), loops(7))
local function overflowing(n)
    local acc = { v = 1 }
    for i = 1, n do acc.v = acc.v * 2 if i == 80 then acc.v = acc.v + 0.5 end end
    return acc.v
end
heat(overflowing, 30)
print(overflowing(62), overflowing(63), overflowing(100))

-- a table seen by a path that never ran before: identity, fields, metatable
local out = {}
local function rare(n, at)
    local s = 0
    for i = 1, n do
        local p = vec(i, 1)
        local q = { first = p, second = p, n = i }
        if i == at then
            out[#out + 1] = q
            out[#out + 1] = p
            q.n = -1
        end
        s = s + q.first.x + q.second.y + q.n
    end
    return s
end
heat(rare, 20, 0)
print(rare(20, 7))
local q, p = out[1], out[2]
print(q.first == p, rawequal(q.second, p), q.n, tostring(p), getmetatable(p) == Vec, rawlen(q))
for _ = 1, 5 do rare(20, 7) end
print(#out, rawequal(out[3].first, out[4]), rawequal(out[3].first, p))

-- locals of frames in the middle of inlined calls
local seen
local function look(level)
    local names = {}
    for i = 1, 10 do
        local name, value = debug.getlocal(level + 1, i)
        if name == nil then break end
        if type(value) == "table" then value = tostring(value.x) .. "/" .. tostring(value.y) end
        if name:sub(1, 1) ~= "(" then names[#names + 1] = name .. "=" .. tostring(value) end
    end
    return table.concat(names, " ")
end
local trouble = false
local function inner(a)
    local d = { x = a.x + 1, y = a.y }
    if trouble then seen = look(1) .. "; " .. look(2) end
    return d.x + d.y
end
local function outer(n)
    local s = 0
    for i = 1, n do
        local here = { x = i, y = 2 * i }
        s = s + inner(here)
    end
    return s
end
heat(outer, 20)
print(outer(20), seen)
trouble = true
print(outer(3), seen)
trouble = false

-- errors and tracebacks
local function fails(n, bad)
    local s = 0
    for i = 1, n do
        local t = { value = i }
        if i == bad then t.value = nil end
        s = s + t.value
    end
    return s
end
heat(fails, 20, 0)
print(pcall(fails, 20, 5))
print((select(2, xpcall(fails, debug.traceback, 20, 5)):gsub("\n.*", "")))

-- yields with tables on the way
local function generator(n, where)
    return coroutine.wrap(function()
        local s = 0
        for i = 1, n do
            local t = { a = i, b = { c = i * 2 } }
            if i == where then coroutine.yield(t.b.c) end
            s = s + t.a + t.b.c
        end
        return s
    end)
end
for _ = 1, 60 do generator(20, 0)() end
local g = generator(20, 11)
print(g(), g())

-- the collector runs while tables exist as values only; what they hold lives
local function strings(n)
    local total = 0
    for i = 1, n do
        local t = { s = "number " .. i, tail = ("x"):rep(5) .. i }
        local keep = { t = t, junk = ("y"):rep(20) .. i }
        if i % 50 == 0 then collectgarbage() end
        total = total + #keep.t.s + #t.tail + #keep.junk
    end
    return total
end
heat(strings, 10)
print(strings(200))
local function allocates(n)
    local kept = {}
    for i = 1, n do
        local t = { s = i .. "!", u = i .. "?" }
        kept[i % 10 + 1] = { i }
        kept[i % 10 + 11] = i .. ""
        if #t.s ~= #t.u then error("lost") end
    end
    return #kept
end
heat(allocates, 50)
print(allocates(3000))

-- comparisons by identity and by metamethod
local function compare(n)
    local same, equal = 0, 0
    for i = 1, n do
        local a, b = vec(i, 1), vec(i, 1)
        local c = a
        if rawequal(a, b) then same = same + 100 end
        if rawequal(a, c) then same = same + 1 end
        if a == b then equal = equal + 1 end
        if a ~= c then equal = equal + 100 end
    end
    return same, equal
end
heat(compare, 20)
print(compare(20))

-- the metatable changes while the table exists as values only
local function changing(n, at)
    local s = 0
    for i = 1, n do
        local v = vec(i, 2)
        if i == at then Vec.extra = 5 Vec.dot = function() return 1 end end
        s = s + v:dot(v) + (v.extra or 0)
    end
    return s
end
heat(changing, 20, 0)
print(changing(20, 10), changing(20, 0))

-- multiple values and tables as tuples
local function divmod(a, b) return { q = a // b, r = a % b } end
local function tuples(n)
    local s = 0
    for i = 1, n do
        local t = divmod(i, 7)
        local u = i % 2 == 0 and t or divmod(i + 1, 7)
        s = s + t.q * 10 + t.r + u.q
    end
    return s
end
heat(tuples, 20)
print(tuples(100))
