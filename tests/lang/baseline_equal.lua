-- Comparisons of values of all types for equality, from sites that have met everything.
local eq = { __eq = function(a, b) return a.v == b.v end }
local plain = {}
local values = {
    nil, false, true, 0, 1, 1.0, -0.0, 0 / 0, 0.5, 2^53, 2^53 | 0, math.maxinteger, 2^63, "", "a", "1", ("l"):rep(50), ("l"):rep(25) .. ("l"):rep(25),
    plain, {}, setmetatable({ v = 1 }, eq), setmetatable({ v = 1 }, eq), setmetatable({ v = 2 }, eq), setmetatable({ v = 1 }, {}), print, select,
    function() end, coroutine.create(print), io.stdout, io.stderr, string.gmatch, string.gsub,
}
local n = 32

local function equal(a, b) if a == b then return 1 else return 0 end end
local function unequal(a, b) if a ~= b then return 1 else return 0 end end
local function value(a, b) return a == b end

for round = 1, 20 do
    local sum, rows = 0, {}
    for i = 1, n do
        local row = {}
        for k = 1, n do
            local e = equal(values[i], values[k])
            assert(unequal(values[i], values[k]) == 1 - e)
            assert(value(values[i], values[k]) == (e == 1))
            row[k] = e
            sum = sum + e
        end
        rows[i] = table.concat(row)
    end
    if round == 20 then print(sum, table.concat(rows, "\n")) end
end

-- a metatable that gets __eq later
local mt = {}
local a, b = setmetatable({}, mt), setmetatable({}, mt)
for i = 1, 200 do assert(equal(a, b) == 0) end
mt.__eq = function() return true end
print(equal(a, b), unequal(a, b))
mt.__eq = nil
print(equal(a, b), unequal(a, b))

-- operators whose metamethods change
local num = {}
num.__lt = function(x, y) return x.v < y.v end
num.__add = function(x, y) return (type(x) == "table" and x.v or x) + (type(y) == "table" and y.v or y) end
local function less(x, y) return x < y end
local function add(x, y) return x + y end
local x, y = setmetatable({ v = 1 }, num), setmetatable({ v = 2 }, num)
for i = 1, 300 do assert(less(x, y) and add(x, y) == 3 and add(1, y) == 3) end
num.__lt = function(p, q) return p.v > q.v end
print(less(x, y), add(x, y), add(1, y))
num.__add = function() return "other" end
print(add(x, y), add(1, y), pcall(add, {}, 1))
