-- A key that moved from the dictionary to the array leaves a dead node behind; a generic `for` once took its stale hint for the
-- place of the key and left elements out.
local failures = 0
local function count(t)
    local n = 0
    for k, v in next, t do
        n = n + 1
        if type(v) == "number" then t[k] = v + 1 end
    end
    return n
end
for seed = 1, 40 do
    math.randomseed(seed)
    local t, model = {}, {}
    for _ = 1, 120 do
        local k, v = math.random(math.random(3) == 1 and 40 or 9), math.random(2) == 1 and "x" or math.random(5)
        if math.random(5) == 1 then v = nil end
        t[k], model["m" .. k] = v, v
        if count(t) ~= count(model) then failures = failures + 1 end
    end
end
print(failures)
