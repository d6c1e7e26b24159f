-- A million metatables, or a million different orders of keys: what the runtime remembers of the dead ones must not grow.
--
--     bounded.lua metatables|sequences|orders
--
-- Prints the kilobytes in use after full collections at a tenth of the way (`early`) and at the end (`end`), and the highest count seen between.
local N, KEPT = 1000000, 1000
local class = {}
function class.get(o) return o.v end

local function count()
    collectgarbage()
    collectgarbage()
    return collectgarbage("count")
end

local makers = {}
-- the metatable is fresh, and so is what __index leads to
function makers.metatables(i)
    local o = setmetatable({ v = i }, { __index = setmetatable({ w = i }, { __index = class }) })
    return o, o:get() == i and o.w == i
end
function makers.sequences(i) -- keys never seen before
    local o = {}
    o["a" .. i] = i
    o["b" .. i] = i
    o["c" .. i % 1000] = i
    return o, o["a" .. i] == i
end
local names = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" }
function makers.orders(i) -- the same ten keys in different orders
    local o, left, rest = {}, table.move(names, 1, 10, 1, {}), i * 2654435761 % 3628800
    for n = 10, 1, -1 do
        o[table.remove(left, rest % n + 1)] = i
        rest = rest // n
    end
    return o, o.a == i and o.j == i
end

local make, kept, highest, early = makers[arg[1]], {}, 0, 0
local start = os.clock()
for i = 1, N do
    local o, good = make(i)
    assert(good)
    kept[i % KEPT] = o
    if i % 1000 == 0 then highest = math.max(highest, collectgarbage("count")) end
    if i == N // 10 then early = count() end
end
print(("seconds %.3f"):format(os.clock() - start))
print(("early %.0f"):format(early))
print(("end %.0f"):format(count()))
print(("highest %.0f"):format(highest))
