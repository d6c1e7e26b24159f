-- 1,000,000 tables whose keys come in as many different sequences; most of them die.
local keep, n = {}, 0
for i = 1, 1000000 do
    local t = {}
    t["a" .. i] = 1
    t["b" .. i % 1000] = 2
    t["c" .. i * 7 % 1000003] = 3
    keep[i % 1000] = t
    n = n + (t["a" .. i] or 0)
end
print("key_sequences", n)
