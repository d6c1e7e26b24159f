-- Objects with metatables of their own: functions as __index, __newindex and __call in place; what else may be met there.

local function proxy(target, log)
    local mt = {}
    function mt.__index(_, k) log.reads = log.reads + 1 return target[k] end
    function mt.__newindex(_, k, v) log.writes = log.writes + 1 target[k] = v end
    function mt.__call(_, f, ...) return target[f](target, ...) end
    return setmetatable({}, mt)
end

local function run(n)
    local log = { reads = 0, writes = 0 }
    local target = { total = 0, add = function(self, v, w)
        self.total = self.total + v + (w or 0)
        return self.total
    end }
    local p, last = proxy(target, log)
    for i = 1, n do
        p.total = p.total + 1
        last = p("add", i)
        p[i % 2 == 0 and "even" or "odd"] = i
    end
    return last, log.reads, log.writes, target.even, target.odd, rawget(p, "even")
end
for _ = 1, 25 do run(60) end
print(run(100))

-- every other kind of access, many objects
local function counter(step)
    local t = { n = 0 }
    return setmetatable({ own = 1 }, {
        __index = function(self, k) return k == "step" and step or type(k) == "number" and k * step or nil end,
        __newindex = function(self, k, v) if v == "raw" then rawset(self, k, v) else t.n = t.n + step end end,
        __call = function(self, a, b) return t.n, a, b end,
    })
end
local function use(o, key, value)
    local x, y, z, own = o.step, o[key], o.none, o.own
    o.field = value
    o[key] = value
    o.fixed = "k"
    o[key] = 7
    local n, a, b = o(key, value)
    return x, y, z, own, n, a, b
end
local function objects(n, key, value)
    local x, y, z, own, m, a, b
    for i = 1, n do x, y, z, own, m, a, b = use(counter(i), key, value) end
    return x, y, z, own, m, a, b
end
for _ = 1, 60 do objects(10, 2, false) end
print(objects(10, 2, true))
print(objects(10, "other", 1.5))
print(objects(10, "own", 1))
print(objects(3, 2, "raw"))
print(objects(10, 2.5, nil))
print(pcall(objects, 10, nil, 1))
print(use(setmetatable({ field = 1, fixed = 2, x = 3 }, { __index = { step = 9 }, __call = function(...) return select("#", ...), ... end }), "x", 4) == 9)
print(pcall(use, setmetatable({}, { __index = math.max }), 1, 1))
print(pcall(use, setmetatable({}, { __call = 3 }), "k", 1))
print(pcall(use, {}, "k", 1))
print(pcall(use, "text", "len", 1))
print(select("#", use(setmetatable({}, { __call = type }), "k", "v")))
for _ = 1, 3 do print(objects(10, 2, false)) end

-- calls: results, extra arguments, open ones, nested objects
local function callable(f) return setmetatable({}, { __call = f }) end
local function calls(n, f)
    local s, c = 0, 0
    for i = 1, n do
        local o = callable(f)
        local x, y = o(i, 2, 3)
        s = s + x + (y or 0) + #{ o(i) } + (o())
        o(1)
        c = c + select("#", o(i, i))
    end
    return s, c
end
local function first(self, a) return a or 0 end
local function pairwise(self, a, b) return a or 1, b end
local function extra(self, ...) return select("#", ...), (...) end
local function nothing(self, a) return 1, nil end
for _ = 1, 30 do calls(10, first) end
print(calls(20, first))
for _ = 1, 30 do calls(10, pairwise) end
print(calls(20, pairwise))
for _ = 1, 30 do calls(10, extra) end
print(calls(20, extra))
print(calls(20, nothing))
print(pcall(calls, 20, callable(first)))
print(calls(20, first))

-- errors inside: where, and by what name
local function fragile(kind)
    return setmetatable({}, {
        __index = function(_, k) if k == kind then error("index " .. k) end return 1 end,
        __newindex = function(_, k, v) if k == kind then error({ k }) end end,
        __call = function(_, k) if k == kind then return nil + k end return k end,
    })
end
local function touch(o)
    local x = o.a + o.b
    o.c = x
    return o("d")
end
local function touches(n, kind)
    local bad, last = 0
    for i = 1, n do
        local ok, e = pcall(touch, fragile(i % 10 == 0 and kind or nil))
        if not ok then bad, last = bad + 1, type(e) == "table" and e[1] or e end
    end
    return bad, last
end
for _ = 1, 8 do touches(40) end
for _, kind in ipairs { "a", "b", "c", "d" } do print(kind, touches(40, kind)) end
local function trace(o, deep)
    local x = o.a
    if deep then return x end
    return #o.b
end
local function tracer()
    return setmetatable({}, { __index = function(_, k) return k == "t" and debug.traceback("trace") or "text" end })
end
for _ = 1, 200 do trace(tracer()) end
local function traced(o) return (o.t:gsub("\n%s*%[C%].*", "")) end
for _ = 1, 200 do traced(tracer()) end
print(traced(tracer()))

-- yields inside
local function yielding()
    return setmetatable({}, {
        __index = function(_, k) return k == "y" and coroutine.yield("index") or 1 end,
        __newindex = function(_, k) if k == "y" then coroutine.yield("newindex") end end,
        __call = function(_, k) return k == "y" and coroutine.yield("call") or k end,
    })
end
local function works(n, key)
    local s = 0
    for i = 1, n do
        local o, k = yielding(), i == n and key or "x"
        s = s + o[k]
        o[k] = s
        s = s + #o(k)
    end
    return s
end
for _ = 1, 30 do works(20, "x") end
local co = coroutine.wrap(works)
print(co(30, "y"))
print(co(100))
print(co())
print(co("result"))

-- stores by string keys: present, absent, nil, guarded
local function fill(t, keys, v)
    for i = 1, #keys do t[keys[i]] = v end
end
local names = { "x", "y", "z" }
local t = { x = 1, y = 2, z = 3 }
for i = 1, 300 do fill(t, names, i) end
print(t.x, t.y, t.z)
fill(t, names, nil)
print(next(t))
fill(t, names, "back")
print(t.x, t.y, t.z)
local log = {}
local guarded = setmetatable({ y = 0 }, { __newindex = function(_, k, v) log[#log + 1] = k .. tostring(v) end })
for i = 1, 3 do fill(guarded, names, i) end
print(guarded.y, table.concat(log, " "))
fill(guarded, names, nil)
fill(guarded, names, 5)
print(guarded.y, table.concat(log, " "))
local inherits = setmetatable({}, { __newindex = t })
fill(inherits, names, 6)
print(t.x, next(inherits))
local shared = {}
for i = 1, 40 do fill(shared, { "k" .. i }, i) end
for i = 1, 40 do fill(shared, { "k" .. i }, -i) end
local sum = 0
for _, v in pairs(shared) do sum = sum + v end
print(sum, pcall(fill, nil, names, 1))

-- lengths
local function list(n)
    return setmetatable({ n = n }, { __len = function(self, other) return rawequal(self, other) and self.n or -1 end })
end
local function lengths(n, make)
    local s = 0
    for i = 1, n do
        local l = make(i)
        s = s + #l
        if #l == 3 then s = s + 100 end
    end
    return s
end
for _ = 1, 30 do lengths(20, list) end
print(lengths(30, list))
print(lengths(5, function(i) return ("x"):rep(i) end))
print(lengths(5, function(i) return { 1, i } end))
print(lengths(5, function(i) return setmetatable({ 1, i, 2 }, {}) end))
print(lengths(5, function(i) return list(i + 0.5) end))
print(pcall(lengths, 5, function(i) return list({}) end))
print(pcall(lengths, 5, function(i) return i end))
print(pcall(lengths, 5, function() return setmetatable({}, { __len = 5 }) end))
print(lengths(5, function(i) return setmetatable({}, { __len = function() return i, 2 end }) end))
print(lengths(2, function(i) return setmetatable({}, { __len = rawlen }) end))
print(pcall(lengths, 5, function(i) return setmetatable({}, { __len = function() error("len " .. i) end }) end))
print(pcall(lengths, 5, function(i) return setmetatable({}, { __len = function() end }) end))
local asked = coroutine.wrap(lengths)
print(asked(2, function() return setmetatable({}, { __len = function() return coroutine.yield("len?") end }) end))
print(asked(3), asked(4), asked(5), asked(6))
print(select(2, pcall(lengths, 1, function() return setmetatable({}, { __len = function() return debug.traceback("in") end }) end)) ~= nil)
for _ = 1, 5 do io.write(lengths(30, list), " ") end
print(rawlen(list(4)), #list(4))
