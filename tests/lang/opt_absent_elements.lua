-- Elements that are not in the array: before it, behind it, holes, in the dictionary, with metatables that answer, of what is no table.
local function get(t, i) return t[i] end
local function third(t) return t[3] end
local function sum(t, n)
    local s, missing = 0, 0
    for i = -2, n do
        local x = t[i]
        if x then s = s + x else missing = missing + 1 end
    end
    return s, missing
end
local dense, holes, sparse, floats = {}, {}, {}, {}
for i = 1, 50 do dense[i] = i floats[i] = i / 2 if i % 3 ~= 0 then holes[i] = i end sparse[i * 1000] = i end
local with = setmetatable({ 1, 2 }, { __index = function(_, k) return type(k) == "number" and k * 10 or nil end })
local chain = setmetatable({ 5 }, { __index = dense })
for round = 1, 200 do
    assert(sum(dense, 60) == 1275 and select(2, sum(dense, 60)) == 13)
    assert(sum(holes, 60) == 867 and sum(floats, 60) == 637.5 and sum({}, 20) == 0)
    assert(get(sparse, 3000) == 3 and get(sparse, 3001) == nil and get(dense, 0) == nil and get(dense, math.mininteger) == nil)
    assert(third({ 1, 2 }) == nil and third({ 1, 2, 3 }) == 3 and third({ [3] = "x" }) == "x" and third({ nil, nil, false }) == false)
    if round % 50 == 0 then
        print(get(with, 7), third(with), get(chain, 2), get(chain, 99), third(chain), sum(with, 4), sum(chain, 55))
        print(pcall(get, nil, 1) == false, get("text", 1), get("text", "len") == string.len, (pcall(third, 5)))
        print(get(dense, 2.0), get(dense, 2.5), get(dense, "2"), get(floats, 51))
    end
end
