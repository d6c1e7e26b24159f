-- A variable that an inlined closure assigns and its own function too: the closure's next load has the function's value.
local function test(n)
    local c = 0
    local f = function() c = c + 1 return c end
    local s = 0
    for _ = 1, n do
        s = s + f()
        c = 0
        s = s + f() * 100
    end
    return s, c
end
for _ = 1, 50 do test(20) end
print(test(20))
