-- First baseline code: calls by one handler, elements of arrays by the runtime, exits by number, any entry.
-- Everything once with what it learnt nothing of, then with what it was made for.
local function get(t, i) return t[i] end
local function set(t, i, v) t[i] = v end
local function call(f, ...) return f(...) end
local function method(o, n) return o:add(n) + 1 end
local function add(a, b) return a + b end

local holes = setmetatable({1, 2, nil, 4}, {__index = function(_, i) return "m" .. tostring(i) end})
local log = setmetatable({}, {__newindex = function(t, i, v) rawset(t, i, v * 2) end})
local Counter = {}
Counter.__index = Counter
function Counter:add(n) self.n = self.n + n return self.n end
local counter = setmetatable({n = 0}, Counter)
local callable = setmetatable({}, {__call = function(_, a, b) return a, b, "called" end})
local vector = setmetatable({}, {__add = function(a, b) return type(a) .. type(b) end})

for round = 1, 300 do
    local ints, floats, mixed = {1, 2, 3}, {0.5, 1.5}, {true, "s", 7}
    assert(get(ints, 2) == 2 and get(floats, 1) == 0.5 and get(mixed, 2) == "s" and get(mixed, 4) == nil)
    assert(get(holes, 3) == "m3" and get(holes, 4) == 4 and get("x", "len") == string.len)
    assert(get(ints, 2.0) == 2 and get(ints, -1) == nil and get({[2^53] = 1}, 2^53) == 1)
    set(ints, 4, 4) set(ints, 2, 2.5) set(floats, 1, 1) set(mixed, 2, nil) set(log, round, 1)
    assert(ints[4] == 4 and math.type(ints[2]) == "float" and math.type(floats[1]) == "integer" and mixed[2] == nil and log[round] == 2)
    assert(call(math.max, 3, round, 2) == math.max(3, round) and call(select, "#", 1, nil, nil) == 3 and call(tostring, 12) == "12")
    assert(select("#", call(callable, 1, 2)) == 3 and call(call, math.abs, -round) == round and call(get, ints, 1) == 1)
    assert(method(counter, 2) == 2 * round + 1)
    assert(add(1, 2) == 3 and add(1.5, 2) == 3.5 and add(1, 0.5) == 1.5 and add("10", 1) == 11 and add(vector, 1) == "tablenumber")
    local ok, e = pcall(get, nil, 1)
    assert(not ok and e:find("attempt to index a nil value", 1, true))
    ok, e = pcall(call, 12)
    assert(not ok and e:find("attempt to call a number value", 1, true))
    ok, e = pcall(set, setmetatable({}, {__newindex = error}), 1, 2)
    assert(not ok)
    local co = coroutine.wrap(function(f, x) return f(f(x)) end)
    assert(co(coroutine.yield, round) == round and co(5) == 5 and co(6) == 6)
end
