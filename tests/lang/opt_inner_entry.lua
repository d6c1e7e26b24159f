-- Functions that are compiled while they spin in an inner loop, and enter the code there.
local N = 35000
local function add(a, b) return a + b end
local function plain(n)
    local s = 0
    for r = 1, 3 do for i = 1, n do s = s + i % 7 end s = s * 2 end
    return s
end
local function deep(n)
    local s, t = 0, {}
    for r = 1, 2 do
        for i = 1, n // 50 do
            local x = i
            for j = 1, 50 do x = x ~ (j * s) s = s + (x & 3) end
            t[#t + 1] = x
        end
    end
    return s, #t, t[#t]
end
local function whiles(n)
    local r, s, f = 0, 0, 0.5
    while r < 3 do
        local i = 0
        while i < n do
            i = i + 1
            if i % 1000 == 999 then f = f + s end
            if i == n - 3 and r == 1 then goto out end
            s = s + r
        end
        ::out::
        r = r + 1
    end
    return s, f
end
local function calls(n)
    local s = 0
    for r = 1, 3 do
        for i = 1, n do s = add(s, i) end
        for i = 1, n do s = s + math.floor(i / 2) + #tostring(i) end
    end
    return s
end
local function returns(n)
    for r = 1, 3 do
        local s = "r" .. r
        for i = 1, n do
            if r == 2 and i == n - 1 then return s, i end
        end
    end
end
local function fails(n)
    for r = 1, 3 do
        local t = { n }
        for i = 1, n do
            if r == 2 and i == n - 1 then t = nil end
            local x = t[1]
        end
    end
end
local function captures(n)
    local out = {}
    for r = 1, 3 do
        local c = 0
        local function inc() c = c + r end
        for i = 1, n do inc() end
        out[#out + 1] = function() return c end
    end
    return out[1](), out[2](), out[3]()
end
local function changes(n)
    local s = 0
    for r = 1, 4 do
        if r == 3 then s = s + 0.5 end
        for i = 1, n do s = s + i end
    end
    return s
end
local function iterates(n)
    local t, s = {}, 0
    for i = 1, 50 do t[i] = i end
    for r = 1, 2 do
        for k = 1, n // 50 do for i, v in ipairs(t) do s = s + i * v end end
        for k = 1, n // 50 do for _, v in pairs(t) do s = s - v end end
    end
    return s
end
local function yields(n)
    local s = 0
    for r = 1, 3 do for i = 1, n do s = s + i if i == n // 2 then coroutine.yield(s) end end end
    return s
end
for round = 1, 3 do
    print(plain(N), deep(N))
    print(whiles(N))
    print(calls(N), returns(N))
    print(select("#", pcall(fails, N)), (select(2, pcall(fails, N)):gsub("^.-:", "")))
    print(captures(N))
    print(changes(N), iterates(N))
    local co = coroutine.wrap(yields)
    print(co(N), co(), co(), co())
end
for r = 1, 2 do
    local s = 0
    for i = 1, N do s = s + i * r end
    print(s)
end
