-- All orders of nine keys, several times: 362,880 sequences of the same keys.
local keys, count = {"a", "b", "c", "d", "e", "f", "g", "h", "i"}, 0
local function permute(n)
    if n == 0 then
        local t = {}
        for i = 1, #keys do t[keys[i]] = i end
        count = count + t.a + t.i
        return
    end
    for i = 1, n do
        keys[i], keys[n] = keys[n], keys[i]
        permute(n - 1)
        keys[i], keys[n] = keys[n], keys[i]
    end
end
for _ = 1, 2 do permute(#keys) end
print("key_orders", count)
