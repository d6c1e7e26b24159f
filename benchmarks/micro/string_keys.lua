-- String keys built at run time: interning and lookup.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local t, hits = {}, 0
    for i = 1, n do
        local key = "user:" .. i % 1000
        local v = t[key]
        if v then
            hits = hits + 1
            t[key] = v + 1
        else
            t[key] = 1
        end
    end
    return hits
end

H.main {
    size = 800000, quick = 100000, reps = 2, run = run,
    check = function(r, n) return r == n - 1000 end,
}
