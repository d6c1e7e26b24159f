-- Bytes per element, object, entry, closure and coroutine.
--
--     size.lua CASE
--
-- Prints `count BYTES` (collectgarbage("count") after a full collection) and `peak BYTES` (growth of the process's peak resident
-- memory), both per item. What the items hold, numbers and names made before, is not counted.
local cases = {}

local function each(n, make)
    local kept = {}
    for i = 1, n do kept[i] = false end -- room made before measuring starts
    return n, kept, function()
        for i = 1, n do kept[i] = make(i) end
    end
end

local function array(n, value)
    return function()
        local t = {}
        return n, t, function()
            for i = 1, n do t[i] = value(i) end
        end
    end
end

local function int(i) return i end
local function float(i) return i + 0.5 end
local function mixed(i) return i % 2 == 0 and i or i + 0.5 end
local function boolean(i) return i % 2 == 0 end
local N, FULL = 1000000, 1 << 20 -- FULL: no slack after doubling
cases.array_ints = array(N, int)
cases.array_floats = array(N, float)
cases.array_mixed = array(N, mixed)
cases.array_booleans = array(N, boolean)
cases.array_ints_full = array(FULL, int)
cases.array_floats_full = array(FULL, float)
cases.array_mixed_full = array(FULL, mixed)

local OBJECTS = 100000
local class = { __index = {} }
local constructors = {
    [0] = function() return {} end,
    [1] = function(i) return { a = i } end,
    [3] = function(i) return { a = i, b = i, c = i } end,
    [8] = function(i) return { a = i, b = i, c = i, d = i, e = i, f = i, g = i, h = i } end,
}
local assignments = {
    [1] = function(i)
        local o = {}
        o.a = i
        return o
    end,
    [3] = function(i)
        local o = {}
        o.a, o.b, o.c = i, i, i
        return o
    end,
    [8] = function(i)
        local o = {}
        o.a, o.b, o.c, o.d = i, i, i, i
        o.e, o.f, o.g, o.h = i, i, i, i
        return o
    end,
}

local function with_metatable(make)
    return function(i) return setmetatable(make(i), class) end
end

for name, makers in pairs { literal = constructors, fields = assignments } do
    for n, make in pairs(makers) do
        cases[("object_%d_%s"):format(n, name)] = function() return each(OBJECTS, make) end
        cases[("object_%d_%s_meta"):format(n, name)] = function() return each(OBJECTS, with_metatable(make)) end
    end
end

-- `self` first, fields after: the usual constructor of a class
cases.object_3_new = function()
    return each(OBJECTS, function(i)
        local self = setmetatable({}, class)
        self.a, self.b, self.c = i, i, i
        return self
    end)
end

local function hash(key)
    return function()
        local keys, t = {}, {}
        for i = 1, OBJECTS do keys[i] = key(i) end
        return OBJECTS, { keys, t }, function()
            for i = 1, OBJECTS do t[keys[i]] = i end
        end
    end
end
cases.hash_strings = hash(function(i) return "key" .. i end)
cases.hash_ints = hash(function(i) return i * 1000003 end)
cases.hash_tables = hash(function() return {} end)

cases.closure_0 = function() -- returned by a fresh function each, so that nothing is shared
    return each(OBJECTS, function() return function() end end)
end
cases.closure_1 = function()
    return each(OBJECTS, function(i) return function() return i end end)
end
cases.closure_3 = function()
    return each(OBJECTS, function(i)
        local j, k = i, i
        return function() return i + j + k end
    end)
end
cases.coroutine_new = function()
    return each(OBJECTS, function() return coroutine.create(print) end)
end
cases.coroutine_suspended = function()
    local yield, wrap = coroutine.yield, coroutine.wrap
    local function body(i) yield(i) end
    return each(OBJECTS, function(i)
        local co = coroutine.create(body)
        coroutine.resume(co, i)
        return co
    end)
end
cases.string_8 = function()
    return each(OBJECTS, function(i) return ("%08d"):format(i) end)
end
cases.string_32 = function()
    return each(OBJECTS, function(i) return ("%032d"):format(i) end)
end
cases.string_100 = function()
    return each(OBJECTS, function(i) return ("%099d"):format(i) .. "x" end)
end

local function peak()
    for line in io.lines("/proc/self/status") do
        local kb = line:match("^VmHWM:%s*(%d+)")
        if kb then return kb * 1024 end
    end
    return 0
end

local function count()
    collectgarbage()
    collectgarbage()
    return collectgarbage("count") * 1024
end

local case = cases[arg[1]]
if case == nil then
    local names = {}
    for name in pairs(cases) do names[#names + 1] = name end
    table.sort(names)
    print(table.concat(names, "\n"))
    return
end
local n, holder, fill = case()
local bytes, resident = count(), peak()
fill()
local grown = peak() - resident
print(("count %.2f"):format((count() - bytes) / n))
print(("peak %.2f"):format(grown / n))
return holder
