-- Library functions that baseline code calls without a frame: each from a site of its own that has met the usual
-- arguments before, then with every odd value, with several numbers of results.
local odd = {
    0, 1, -1, 2, 3, 2^53, -0.0, 0.5, -1.5, 1e308 * 10, 0 / 0, math.mininteger, math.maxinteger, 2^63, -2^63, "", "a", "10", "0x10", "1e1", "x1",
    ("long"):rep(20), true, false, {}, { 1, 2, 3 }, setmetatable({ 7, 8 }, { __index = {}, __len = function() return 9 end, __metatable = "locked",
    __pairs = function() return "p", "q", "r" end }), print, function() end,
}

local function text(...)
    local out = {}
    for i = 1, select("#", ...) do
        local x = (select(i, ...))
        out[i] = type(x) == "number" and string.format(math.type(x) == "integer" and "%d" or "%.17g", x)
            or type(x) == "string" and string.format("%q", x) or type(x)
    end
    return table.concat(out, " ")
end

local functions = {
    { "math.abs", 1, -3 }, { "math.ceil", 1, 2.5 }, { "math.floor", 1, 2.5 }, { "math.sqrt", 1, 4.0 }, { "math.cos", 1, 0.0 }, { "math.exp", 1, 0 },
    { "math.log", 1, 1 }, { "math.sin", 1, 0.0 }, { "math.max", 2, 1, 2 }, { "math.min", 2, 1.5, 2.5 }, { "math.max", 3, 1, 2, 3 },
    { "string.byte", 1, "abc" }, { "string.byte", 2, "abc", 2 }, { "string.char", 1, 65 }, { "string.len", 1, "abc" }, { "string.sub", 2, "abc", 2 },
    { "string.sub", 3, "abc", 1, 2 }, { "table.remove", 1, { 1, 2, 3 } }, { "rawequal", 2, 1, 1 }, { "rawget", 2, { 5 }, 1 }, { "rawlen", 1, { 5 } },
    { "select", 2, 1, "a" }, { "select", 2, "#", "a" }, { "tonumber", 1, "12" }, { "tostring", 1, 12 }, { "type", 1, 12 }, { "getmetatable", 1, "" },
    { "assert", 1, 1 }, { "assert", 2, 1, 2 }, { "ipairs", 1, {} }, { "pairs", 1, {} }, { "math.floor", 0 }, { "type", 0 }, { "assert", 0 },
}

local sources = [[
    local f, usual, odd, text = ...
    local function one(A) local r = f(A) return text(r) end
    local function none(A) f(A) return "" end
    local function open(A) return text(f(A)) end
    local function three(A) local r, s, t = f(A) return text(r, s, t) end
    local function five(A) local r, s, t, u, v = f(A) return text(r, s, t, u, v) end
    for _, way in ipairs { one, none, open, three, five } do
        for i = 1, 30 do pcall(way, table.unpack(usual)) end
        coroutine.yield(way)
    end
]]

local function values(n, at)
    if n == 0 then return {} end
    return { odd[at % #odd + 1], odd[(at * 7 + 3) % #odd + 1], odd[(at * 5 + 1) % #odd + 1] }
end

for _, spec in ipairs(functions) do
    local name, n = spec[1], spec[2]
    local f = load("return " .. name)()
    local names = ({ [0] = "", "a", "a, b", "a, b, c" })[n]
    local maker = coroutine.wrap(assert(load((sources:gsub("A", names)))))
    local way = maker(f, { table.unpack(spec, 3) }, odd, text)
    local lines, sum = 0, 0
    while way do
        for at = 0, n == 1 and #odd - 1 or 3 * #odd do
            local ok, s = pcall(way, table.unpack(values(n, at), 1, n))
            s = tostring(s):gsub("0x%x+", "0x")
            lines = lines + 1
            for k = 1, #s do sum = (sum * 31 + s:byte(k)) % 1000000007 end
            if at < 6 then print(name, n, at, ok, s) end
        end
        way = maker()
    end
    print(name, n, lines, sum)
end

-- appending
local t = {}
for i = 1, 100 do table.insert(t, i) end
for i = 1, 50 do table.insert(t, i / 2) end
for i = 1, 50 do table.insert(t, "s" .. i) end
print(#t, t[100], t[150], t[200])
local log = {}
local proxy = setmetatable({}, { __newindex = function(_, k, v) log[#log + 1] = k .. "=" .. tostring(v) end, __len = function() return 10 end })
local function append(to, x) table.insert(to, x) end
for i = 1, 60 do append(t, i) end
append(proxy, 1)
print(#t, table.concat(log, " "), pcall(append, 1, 2))
append(t, nil)
print(#t)

-- methods of strings, also of numbers of bytes beyond the string
local function bytes(s)
    local n = 0
    for i = 1, #s do n = n + s:byte(i) end
    return n, s:byte(#s + 1), s:byte(-1), s:byte(0)
end
for i = 1, 100 do bytes("hello") end
print(bytes("hello"))
print(bytes(("hello"):rep(100)))

-- select of open arguments
local function count(...) return select("#", ...), (select(2, ...)), select(-1, ...) end
for i = 1, 100 do count(1, 2, 3) end
print(count(1, 2, 3), count(nil, nil))

-- another function in the place of the one that was met
local function call(f, x) return (f(x)) end
for i = 1, 100 do call(math.floor, 1.5) end
print(call(math.ceil, 1.5), call(tostring, 2), call(function(x) return x * 2 end, 3), pcall(call, nil, 1))

-- results that are garbage at once, and a finalizer that looks at its callers
local seen
local function churn(n)
    local s = ("x"):rep(50)
    for i = 1, n do
        local a, b = s:sub(i % 40 + 1, i % 40 + 8), tostring(i)
        seen = #a + #b
    end
end
for i = 1, 20 do
    setmetatable({}, { __gc = function() debug.traceback() end })
    churn(500)
end
print(seen)

-- metatables
local class = {}
class.__index = class
local function object(x) return setmetatable({ x = x }, class) end
for i = 1, 200 do object(i) end
print(getmetatable(object(1)) == class, pcall(setmetatable, 1, class), pcall(setmetatable, setmetatable({}, { __metatable = 1 }), class))
