-- What every generated program starts with: a trace that does not depend on addresses, bounded work, a pool of values.
local TRACE_LINES = 4000
local trace_lines, trace_sum = 0, 0
local names = setmetatable({}, {__mode = "k"})

local function show(v)
    local kind = math.type(v) or type(v)
    if v ~= v then return "nan" end
    if kind == "string" then return #v > 300 and string.format("%d:%q", #v, v:sub(1, 300)) or string.format("%q", v) end
    if kind == "integer" or kind == "float" or kind == "boolean" or kind == "nil" then return tostring(v) end
    return rawequal(names[v], nil) and kind or names[v]
end

local function emit(...)
    local line = {}
    for i = 1, select("#", ...) do line[i] = show((select(i, ...))) end
    line = table.concat(line, " ")
    for i = 1, #line do trace_sum = (trace_sum * 31 + line:byte(i)) & 0xffffffffffff end
    trace_lines = trace_lines + 1
    if trace_lines <= TRACE_LINES then print(line) end
end

local function emit_sum() print("lines", trace_lines, "sum", trace_sum) end

-- Every function pays at its entry, so that all programs end.
-- They also drive the collector, so that its phases meet all that the programs do.
local fuel, collect_every, collect_step = 0, 1 << 30, 0
local function tick()
    fuel = fuel - 1
    if fuel % collect_every == 0 then collectgarbage("step", collect_step) end
    if fuel < 0 then error("out of fuel", 0) end
end
local function refuel(n) fuel = n end

local function clip(v)
    if type(v) == "string" and #v > 120 then return v:sub(1, 40) end
    return v
end

-- A length that is the same for every right answer.
local function len(t)
    if type(t) ~= "table" or (getmetatable(t) or {}).__len then return #t end
    local n = #t
    assert(n == 0 or t[n] ~= nil)
    assert(rawget(t, n + 1) == nil)
    return "border"
end

-- Order of traversal does not show: a sum over what is met.
local function digest(t)
    local sum, count = 0, 0
    for k, v in next, t do
        local h = 7
        local text = show(k) .. "=" .. show(v)
        for i = 1, #text do h = (h * 33 + text:byte(i)) & 0xffffffff end
        sum, count = sum + h, count + 1
    end
    return sum * 1000 + count
end

local function yv(...)
    if coroutine.isyieldable() then return coroutine.yield(...) end
    return ...
end

local function closer(n, quiet)
    return setmetatable({n = n}, {__close = function(o, e)
        if quiet == 1 then yv("closing", n) end
        emit("close", n, e)
        if quiet == 2 then error("close" .. tostring(n), 0) end
    end})
end

local seed = 12345
local function random(n)
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return (seed >> 8) % n + 1
end

local function named(name, t)
    names[t] = name
    return t
end

local function try(f, ...)
    local ok, v = pcall(f, ...)
    if ok then return v end
    if v == "out of fuel" then error(v, 0) end
    emit("caught", v)
end

local function int(x) return math.tointeger(x) or (x ~= x and 7) or (x > 5 and 64) or 3 end
local function div(x, y)
    if y == 0 and math.type(x) == "integer" and math.type(y) == "integer" then return x / y end
    return x // y - x % y
end

local maxint, mint, huge, nan = math.maxinteger, math.mininteger, math.huge, 0/0

local S, S2, SS, LOG, F = {}, {}, 'some text 12', named('LOG', {}), {}
collectgarbage("incremental", 100, 50, 1)
collect_every, collect_step = 1 << 30, 2
G1, G2, G3, gcount = 1, 2.5, 'g', 0
gfun = function(...) tick() return ... end
local C1 = named('C1', {m1 = function(self, a) tick() return self.x end, m2 = function(self, ...) return ... end})
C1.__index = C1
C1.__bxor = function(a, b) return yv(b) end
C1.__div = nil
C1.__lt = function(a, b) return rawequal(a, b) end
C1.__unm = function(a, b) return type(a) .. type(b) end
C1.__mod = function(a, b) return yv(b) end
function C1:get() return self.val, 1 end
function C1:add(n) self.count = (tonumber(self.count) or 0) + (tonumber(n) or 1) return self end
local C2 = named('C2', {m1 = function(self, a) tick() return self.x end, m2 = function(self, ...) return ... end})
C2.__index = C2
C2.__unm = function(a, b) tick() return 53 end
C2.__idiv = function(...) return ... end
C2.__sub = function(...) return ... end
C2.__eq = function() return nil end
C2.__add = nil
function C2:get() return self.val, 2 end
function C2:add(n) self.count = (tonumber(self.count) or 0) + (tonumber(n) or 1) return self end
local C3 = named('C3', {m1 = function(self, a) tick() return self.x end, m2 = function(self, ...) return ... end})
C3.__index = C3
C3.__eq = nil
C3.__add = nil
C3.__bnot = nil
C3.__bxor = nil
C3.__shr = function(a, b) tick() return 78 end
function C3:get() return self.val, 3 end
function C3:add(n) self.count = (tonumber(self.count) or 0) + (tonumber(n) or 1) return self end
local C4 = named('C4', {m1 = function(self, a) tick() return self.x end, m2 = function(self, ...) return ... end})
C4.__index = C4
C4.__lt = function() return nil end
C4.__bnot = nil
C4.__close = nil
C4.__sub = function(...) return ... end
C4.__eq = function() return nil end
function C4:get() return self.val, 4 end
function C4:add(n) self.count = (tonumber(self.count) or 0) + (tonumber(n) or 1) return self end
local obj1 = named('obj1', setmetatable({}, C4))
local obj2 = named('obj2', setmetatable({count = 0, z = {}, 10, 'a', 'b'}, nil))
local obj3 = named('obj3', setmetatable({y = 2.5, z = {}}, C2))
local obj4 = named('obj4', setmetatable({z = {}}, nil))
local obj5 = named('obj5', setmetatable({}, nil))
local obj6 = named('obj6', setmetatable({y = 2.5}, nil))
local O = {obj1, obj2, obj3, obj4, obj5, obj6}
F[1] = function(b, c, ...)
    tick()
    local n1 = 0
    while n1 < 8 and try(function(...) return clip((clip(O[random(6)].count .. gcount) and ({obj2.count, [2] = (select(-1, 0, ...)), obj1["k" .. 10], x = c})[1]) .. (...) .. obj6.z) end, ...) do
        tick()
        n1 = n1 + 1
        do
            local c2 <close> = nil
            if random(3) == 1 then C3.__band = function(a, b) tick() return 99 end end
        end
        c, b = b, c
    end
    return F[5]((select(-1, 0, ...)))
end
F[2] = function(a, c, b)
    tick()
    obj5[C4] = nil
    return try(function() return math.tointeger(random(15)) end), ("a\0b")
end
F[3] = function(a, c)
    tick()
    local co3 = coroutine.create(function(...)
        tick()
        if random(2) == 1 then C4.get = C1.get end
        return try(function(...) return ((function(p5) return ((tostring((3.0))):find("%d+")) end)(a)) end, ...), O[5].x
    end)
    for n4 = 1, 8 do
        emit(coroutine.status(co3), coroutine.resume(co3, n4, c))
        if coroutine.status(co3) == 'dead' then break end
    end
    emit(coroutine.close(co3))
    for i = 1, 17 do S2['k' .. i] = i end
    emit(292, ((1) - ((int((3)) | int((nan))) + (int((2147483647)) << int((1e308))))), c)
    for i = 1, 17 do S2[i] = i * 1.5 end
    for i = 1, 9 do S2['k' .. i] = i end
    return try(function() return len(S2) end), ("abc")
end
F[4] = function(c, a, b, ...)
    tick()
    c = try(function(...) return ({("3.0"), m3 = random(29)}).x end, ...)
    local n6 = 0
    while n6 < 9 and (2) do
        tick()
        n6 = n6 + 1
        for i = 1, 3 do S2[i] = i * 1.5 end
    end
    if random(4) == 1 then gcount = (select("#", ...)) end
    for i7, x8 in string.gmatch("a1b2", "(%a)(%d)") do
        tick()
        if #S > 40 then S = {} break end
        if random(5) == 1 then C4.get = C2.get end
        if random(3) == 1 then C1.__unm = nil end
        C2[4] = nil
        emit(xpcall(function(...)
            tick()
            emit(468, try(function(...) return ((-1) - x8) end, ...), c)
            for k9, x10 in next, obj3 do
                collectgarbage('step')
            end
            emit(digest(obj3))
            obj5.val = try(function(...) return (O[random(6)]:add((~c))) end, ...)
            return F[1]((nil))
        end, function(e) return 'handled', type(e) == 'string' and e end, random(43)))
    end
    local n11 = 0
    repeat
        tick()
        n11 = n11 + 1
        for i_13 = 1, 6 do
            tick()
            if i_13 % 3 == 0 then goto next14 end
            do
            emit(xpcall(function(...)
                tick()
                a = try(function(...) return (false) end, ...)
            end, show, (select(-1, 0, ...))))
            emit(597, try(function(...) return (~clip(((0) * random(25)) .. ("0x10"))) end, ...), a)
            end
            ::next14::
        end
        local u12 = function() return n11 end
    until u12() >= 4 or random(16)
    return ...
end
F[5] = function(c, a, b, ...)
    tick()
    for k15, x16 in next, S2 do
        if type(x16) == 'number' then S2[k15] = x16 + 1 end
    end
    emit(digest(S2))
    emit(xpcall(function(...)
        tick()
        for i_17 = 1, 4 do
            tick()
            if i_17 % 2 == 0 then goto next18 end
            do
            c = (int(((2^63) + (int(i_17) ~ int(i_17)))) ~ int((((1.0) < (-huge) and (1.0) or (-huge)) * (div(i_17, i_17)))))
            end
            ::next18::
        end
        emit(354, try(function(...) return ((function(p19) return ((true) == a) end)((mint))) end, ...), c)
    end, function(e) return 'handled', type(e) == 'string' and e end, (3.0)))
    local fs20 = {}
    do
        local i21 = 0
        ::again23::
        local u22 = i21 * 10
        fs20[#fs20 + 1] = function(d) u22 = u22 + (d or 1) i21 = i21 + 0 return u22, i21 end
        tick()
        do
        if random(4) == 1 then gfun = type end
        end
        i21 = i21 + 1
        if i21 < 5 then goto again23 end
    end
    for _, f in ipairs(fs20) do emit(f(), f(2)) end
end
F[6] = function(b, a)
    tick()
    for k24, x25 in next, S2 do
        collectgarbage('step')
    end
    emit(digest(S2))
    for i26, x27 in function(s, i) tick() if i < s then return i + 1, i * 2 end end, 5, 0, closer(63, 1) do
        tick()
        emit(pcall(function(...)
            tick()
            if #S > 20 then for i = #S, 1, -1 do S[i] = nil end end
            do
                local c28 <close> = nil
                rawset(_G, 'G1', nil)
                local k29 <const> = try(function(...) return ({G1, random(25), (true), (mint + 1)})[2] end, ...)
                do return  end
            end
            b, i26 = i26, b
        end, C1.count, i26))
        for k30, x31 in next, obj5 do
            if type(x31) == 'number' then obj5[k30] = x31 + 1 end
        end
        emit(digest(obj5))
        emit(xpcall(function(...)
            tick()
            emit(table.remove(S, 1))
            emit(593, try(function(...) return (maxint - 1) end, ...), x27)
            emit(pcall(function(...)
                tick()
                if random(2) == 1 then C1.__mod = nil end
                do
                    local c32 <close> = nil
                end
                return try(function(...) return i26 end, ...), obj3.val
            end, (1e-310), i26))
        end, function(e) return 'handled', type(e) == 'string' and e end, gfun))
    end
    local co33 = coroutine.create(function(...)
        tick()
        gfun = math.type
        for i_35 = 1, random(2) do
            tick()
            for i36, x37 in ipairs(obj2) do
                tick()
                if #S > 40 then S = {} break end
                if random(5) == 1 then C2.add = nil end
                local c39 = 0
                for i_38 = 2.0, -huge, maxint - 1 do
                    tick()
                    c39 = c39 + 1
                    emit(i_38)
                    if c39 > 4 then break end
                    if random(4) == 1 then gcount = a end
                end
            end
        end
    end)
    for n34 = 1, 7 do
        emit(coroutine.status(co33), coroutine.resume(co33, n34, C3["x"]))
        if coroutine.status(co33) == 'dead' then break end
    end
    emit(coroutine.status(co33))
    obj5.val = try(function() return (yv()) end)
    a = try(function() return ({(b and obj2[1.0]), z = (0.5)})[2] end)
    return (int((((65536) / (1e-310)) / ((-0.0) / (-huge)))) & int(((2) ^ (65536))))
end
local function argument() return (select(random(9), SS, obj2, C1, "0x10", -1.5, C1, ("long"):rep(15), -2147483648, 2)) end
for round = 1, 25 do
    for n = 1, 6 do
        if #S > 60 then S = {} end
        refuel(150)
        emit('call', round, n, pcall(F[n], argument(), argument(), argument()))
        refuel(100)
        local co = coroutine.create(F[n])
        for step = 1, 12 do
            local passed = argument()
            emit('resume', step, coroutine.resume(co, passed))
            if coroutine.status(co) == 'dead' then break end
        end
        emit(coroutine.close(co))
    end
end
emit(digest(obj1))
emit(digest(obj2))
emit(digest(obj3))
emit(digest(obj4))
emit(digest(obj5))
emit(digest(obj6))
emit(digest(S2), digest(S), digest(LOG), G1, G2, G3, gcount)
emit_sum()
