-- A million coroutines alive at once, each suspended in the middle of a loop, then all finished.
local cos = {}
local function body(a)
    for i = 1, 2 do a = a + coroutine.yield(a) end
    return a
end
for i = 1, 1000000 do
    local co = coroutine.create(body)
    coroutine.resume(co, i)
    cos[i] = co
end
local sum = 0
for i = 1, #cos do
    local _, v = coroutine.resume(cos[i], 1)
    sum = sum + v
end
print("coroutines", sum)
