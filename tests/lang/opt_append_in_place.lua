-- r = r .. x grows in place while nobody else has the string; whoever took it before keeps what it took.
local N = 400

local function plain(n)
    local r = ""
    for i = 1, n do r = r .. "x" end
    return r
end

local function several(n, a, b)
    local r = "begin"
    for i = 1, n do r = r .. a .. "," .. b end
    return r
end

local function kept(n) -- each state of r is taken, by different instructions
    local r, all, last = "", {}, nil
    for i = 1, n do
        r = r .. "abcdefgh"
        if i % 3 == 0 then all[#all + 1] = r end
        if i % 5 == 0 then last = r end
        if i % 7 == 0 then all[r] = #all end
    end
    return r, all, last
end

local function two(n) -- two variables of one origin
    local r, s = ("-"):rep(100), nil
    for i = 1, n do
        r = r .. "ab"
        s = r
        s = s .. "cd"
        if #s ~= #r + 2 then return "wrong" end
    end
    return r, s
end

local function escapes_inside(n, f)
    local r, t = "", {}
    for i = 1, n do
        r = r .. "0123456789"
        if i % 10 == 0 then t[#t + 1] = f(r) end
    end
    return t
end

local function measured(n)
    local r, sum = "", 0
    for i = 1, n do
        local before = #r
        r = r .. "xy"
        sum = sum + #r - before
    end
    return sum
end

local function nested(n)
    local t = {}
    local r = ""
    for i = 1, n do
        for j = 1, 5 do r = r .. "z" end
        t[i] = r
    end
    return t
end

local function itself(n)
    local r = "ab"
    for i = 1, n do r = r .. r end
    return r
end

local function numbers(n)
    local r = ""
    for i = 1, n do r = r .. i end
    return r
end

local function captured(n)
    local r, fs = "", {}
    for i = 1, n do
        r = r .. "q"
        if i % 50 == 0 then
            local s = r
            fs[#fs + 1] = function() return s, r end
        end
    end
    return fs
end

local function shown(n) -- the debug library takes it while a function that is called looks
    local r, t = "", {}
    local function look() local _, v = debug.getlocal(2, 2) return v end
    for i = 1, n do
        r = r .. "123456789012345678901234567890"
        if i % 100 == 0 then t[#t + 1] = look() end
    end
    return t
end

local function yields(n)
    local r = ""
    for i = 1, n do
        r = r .. "yy"
        if i % 40 == 0 then coroutine.yield(r) end
    end
    return r
end

local function chosen(n, c)
    local r, o = "r", "other"
    for i = 1, n do r = (c and i % 4 == 0 and o or r) .. "+" end
    return r
end

local function fails(n)
    local r, before = "", nil
    for i = 1, n do
        if i == n then before = r end
        r = r .. (i < n and "w" or {})
    end
    return r
end

local function grow(s) s = s .. "!" return s end
local function by_call(n)
    local r, first = ("g"):rep(50), nil
    for i = 1, n do
        r = grow(r)
        if i == 10 then first = r end
    end
    return r, first
end

for round = 1, 30 do
    assert(plain(N) == ("x"):rep(N))
    assert(several(N, "a", "bb") == "begin" .. ("a,bb"):rep(N))
    local r, all, last = kept(N)
    assert(r == ("abcdefgh"):rep(N) and last == ("abcdefgh"):rep(N))
    for i = 1, #all do assert(all[i] == ("abcdefgh"):rep(3 * i)) end
    assert(all[("abcdefgh"):rep(7)] == 2 and all[("abcdefgh"):rep(70)] == 23)
    local a, b = two(N)
    assert(a == ("-"):rep(100) .. ("ab"):rep(N) and b == a .. "cd")
    for i, s in ipairs(escapes_inside(N, function(s) return s end)) do assert(s == ("0123456789"):rep(10 * i)) end
    assert(measured(N) == 2 * N)
    for i, s in ipairs(nested(N)) do assert(s == ("z"):rep(5 * i)) end
    assert(itself(8) == ("ab"):rep(256))
    assert(#numbers(N) == 9 + 90 * 2 + 301 * 3 and numbers(12) == "123456789101112")
    for i, f in ipairs(captured(N)) do
        local s, whole = f()
        assert(s == ("q"):rep(50 * i) and whole == ("q"):rep(N))
    end
    for i, s in ipairs(shown(N)) do assert(s == ("123456789012345678901234567890"):rep(100 * i)) end
    local co, i, seen = coroutine.wrap(yields), 0, {}
    local v = co(N)
    while v do
        seen[#seen + 1] = v
        if #v == 2 * N and i == 1 then break end
        if #v == 2 * N then i = 1 end
        v = co()
    end
    for k = 1, N // 40 do assert(seen[k] == ("yy"):rep(40 * k)) end
    assert(chosen(N, false) == "r" .. ("+"):rep(N) and chosen(N, true) == "other+")
    local ok, e = pcall(fails, 200)
    assert(not ok and e:find("attempt to concatenate a table value", 1, true))
    local g, first = by_call(N)
    assert(g == ("g"):rep(50) .. ("!"):rep(N) and first == ("g"):rep(50) .. ("!"):rep(10))
end
