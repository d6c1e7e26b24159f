-- A frame spins in an inner loop that calls one of two functions: the copy of the loop that it enters has both inlined anew.
local steps = {function(a) if a > 60000 then return 1 end return a + 7 end, function(a) if a < 0 then return 2 end return a * 3 end}
local function spin(n)
    local s = 0
    for i = 1, 3 do
        for j = 1, n do s = steps[j % 2 + 1](s) & 0xffff end
    end
    return s
end
print(spin(10), spin(200000), spin(100))
