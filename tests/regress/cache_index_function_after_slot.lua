-- An access site that has learnt a slot and then meets a table whose __index (or __newindex) is a function: the function
-- must not become an entry of a polymorphic cache, whose entries are slots.
local function get(o) return o.x end
local function set(o, v) o.x = v end
local log = 0
local called = setmetatable({}, {__index = function(_, k) return k .. "!" end, __newindex = function() log = log + 1 end})
local function kinds()
    local class = {x = "class"}
    return {{x = 1}, {a = 1, x = 2}, called, setmetatable({}, {__index = class}), {b = 1, c = 2, x = 3}, {d = 0, x = 4}, {e = 0, f = 1, x = 5}, called}
end
local seen = {}
for _ = 1, 40 do
    for i, o in ipairs(kinds()) do
        seen[i] = get(o)
        set(o, i * 10)
        if o ~= called then seen[i] = tostring(seen[i]) .. ">" .. get(o) end
    end
end
print(table.concat(seen, " "), log)
-- the same one kind after the other, so that each is met by a site that knows the kinds before
for first = 1, 8 do
    local function one(o) return o.x end
    local out = {}
    for n = 0, 7 do
        local i = (first + n - 1) % 8 + 1
        for _ = 1, 6 do out[n + 1] = tostring(one(kinds()[i])) end
    end
    print(first, table.concat(out, " "))
end
-- a method of strings after methods of tables of several kinds
local function m(o) return o:len() end
local A, B = {len = function() return "A" end}, {}
B.__index = {len = function() return "B" end}
for _ = 1, 10 do
    for _, o in ipairs {A, setmetatable({}, B), {z = 1, len = function() return "C" end}, "four", setmetatable({q = 1}, B), "x"} do
        seen[#seen + 1] = m(o)
    end
end
print(table.concat(seen, " ", 9))
