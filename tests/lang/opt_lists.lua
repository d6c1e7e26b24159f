-- Lists whose length the code shows and that only hot code itself reads are not made, and nobody can tell.
local unpack = table.unpack
local function heat(f, ...) for _ = 1, 60 do f(...) end end

local function constant(n)
    local s = 0
    for i = 1, n do
        local t = { i, i + 1, i * 2 }
        s = s + t[1] + t[2] * t[3] + #t
    end
    return s
end
heat(constant, 20)
print(constant(50))

local function mixed(n)
    local s = 0
    for i = 1, n do
        local t = { i, i + 0.5, "7", x = i }
        s = s + t[1] + t[2] + t[3] + t.x + #t
    end
    return s
end
heat(mixed, 20)
print(mixed(50))

local function written(n)
    local s = 0
    for i = 1, n do
        local t = { 0, i, 1 }
        t[1] = t[2] + t[3]
        if i % 2 == 0 then t[3] = t[1] end
        s = s + t[1] + t[3]
    end
    return s
end
heat(written, 20)
print(written(50))

-- at any place, behind the last, before the first
local function places(n, more)
    local s = 0
    for i = 1, n do
        local t = { i, 10, 100 }
        for j = 1, #t + more do
            local x = t[j]
            if x == nil then s = s + 100000 else s = s + x * j end
        end
        for j, x in ipairs(t) do s = s + j * x end
        t[i % 3 + 1] = 5
        s = s + t[1] + t[2] + t[3]
        if t[0] then s = -1 end
    end
    return s
end
heat(places, 20, 0)
print(places(20, 0), places(20, 2), places(20, -1))

-- an exit sees it
local kept
local function seen(n, at, grow)
    local s = 0
    for i = 1, n do
        local t = { i, { i }, "x" .. i }
        t[2][1] = t[2][1] + 1
        if i == at then
            kept = t
            if grow then t[#t + 1] = "more" end
        end
        s = s + t[2][1] + #t[3] + #t
    end
    return s
end
heat(seen, 20, 0)
print(seen(20, 7), #kept, kept[1], kept[2][1], kept[3], kept[4])
print(seen(20, 9, true), #kept, kept[1], kept[2][1], kept[3], kept[4])

-- types that change, nils
local function nils(a, b, c, n)
    local s = 0
    for i = 1, n do
        local t = { a, b, c }
        s = s + #t
        if t[2] == nil then s = s + 100 end
        if t[1] then s = s + 1 end
    end
    return s
end
heat(nils, 1, 2, 3, 10)
print(nils(1, 2, 3, 10), nils(1, "2", 3, 10), nils(1.5, 2, 3, 10), nils(1, nil, 3, 10), nils(nil, nil, 3, 10), nils(1, 2, nil, 10))
heat(nils, 1, nil, 3, 10)
print(nils(1, 2, 3, 10), nils(1, nil, 3, 10), nils(nil, nil, nil, 10))

-- extra arguments
local function add(a, b, c) return a + b + c end
local function packed(...)
    local t = { ... }
    return add(unpack(t))
end
local function total(...)
    local s = 0
    for i = 1, select("#", ...) do s = s + (select(i, ...)) end
    return s
end
local function counted(...)
    local t, s = { ... }, 0
    for i = 1, #t do s = s + t[i] end
    return s, #t
end
local function extra(n)
    local s = 0
    for i = 1, n do
        s = s + packed(i, 3, 4) + total(i, 2) + total(i) + total() + counted(i, 1, 2) + select(2, counted(5, i))
    end
    return s
end
heat(extra, 20)
print(extra(50))
print(pcall(packed, 1, 2), pcall(packed, 1, {}, 3))

-- metatables, comparisons, whole tables as keys
local V = {}
V.__index = function(t, k) return k * 1000 end
V.__eq = function(a, b) return a[1] == b[1] end
local function vec(x, y) return setmetatable({ x, y }, V) end
local function meta(n)
    local s = 0
    for i = 1, n do
        local a, b = vec(i, 2), vec(i, 3)
        if a == b then s = s + 1 end
        if rawequal(a, b) then s = s + 1000000 end
        s = s + a[1] + b[2] + a[3] + rawlen(a)
    end
    return s
end
heat(meta, 20)
print(meta(30))

-- the debug library, errors
local function failing(n, bad)
    local s = 0
    for i = 1, n do
        local t = { i, i }
        if i == bad then t[2] = {} end
        s = s + t[1] + t[2]
    end
    return s
end
heat(failing, 20, 0)
print(pcall(failing, 20, 5))
