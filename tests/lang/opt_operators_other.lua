-- Operators whose inlined metamethod was the only thing met meet other operands, again and again.
local V = {}
V.__index = V
local function vec(x, y) return setmetatable({ x = x, y = y }, V) end
V.__add = function(a, b) return vec(a.x + b.x, a.y + b.y) end
V.__mul = function(a, k) return vec(a.x * k, a.y * k) end
V.__eq = function(a, b) return a.x == b.x and a.y == b.y end
V.__lt = function(a, b) return a.x < b.x end
V.__unm = function(a) return vec(-a.x, -a.y) end

local W = { __add = function(a, b) return "W+" end, __mul = function() return "W*" end, __eq = function() return true end,
    __lt = function() return true end, __unm = function() return "-W" end }

local function add(a, b) return a + b end
local function mul(a, k) return a * k end
local function eq(a, b) if a == b then return 1 end return 0 end
local function lt(a, b) if a < b then return 1 end return 0 end
local function neg(a) return -a end
local function chain(a, b, n)
    local s = vec(0, 0)
    for i = 1, n do
        local c = a + b * i
        if c + -b * i == a then s = s + c end
    end
    return s
end

local function show(v)
    if getmetatable(v) == V then return "(" .. v.x .. "," .. v.y .. ")" end
    return tostring(v)
end

local a, b, w = vec(1, 2), vec(3, 5), setmetatable({}, W)
local w2 = setmetatable({}, W)
for round = 1, 4 do
    local n, s = 0, vec(0, 0)
    for i = 1, 300 do
        s = add(s, mul(a, 2))
        n = n + eq(a, vec(1, 2)) + lt(a, b) + neg(a).x
    end
    print(show(s), n, show(chain(a, b, 100)))
    -- others
    print(show(add(1, 2)), show(add(1.5, 2)), show(add("1", 2)), show(add(w, a)), show(add(a, w2 and b)))
    print(show(mul(3, 4)), show(mul(w, 2)), (pcall(mul, {}, 2)))
    print(eq(a, a), eq(w, w2), eq({}, {}), eq(1, 1.0), eq("a", "a"), eq(a, nil), eq(0.5, 0.5))
    print(lt(1, 2), lt(1.5, 1), lt("a", "b"), lt(w, w2), (pcall(lt, {}, a)))
    print(neg(3), neg(2.5), neg(w), (pcall(neg, {})))
    if round == 2 then
        V.__add = function(p, q) return vec(p.x + q.x + 1, p.y + q.y) end
    elseif round == 3 then
        V.__eq = nil
    end
end
