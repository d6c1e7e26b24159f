-- A map with churn: keys come and go, the number alive stays the same.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local m, sum = {}, 0
    for i = 1, n do
        m[i * 17] = i
        m["k" .. i % 500] = i
        if i > 1000 then
            local old = (i - 1000) * 17
            sum = sum + m[old]
            m[old] = nil
        end
    end
    return sum
end

H.main {
    size = 400000, quick = 80000, reps = 2, run = run,
    check = function(r, n) return r == (n - 1000) * (n - 999) / 2 end,
}
