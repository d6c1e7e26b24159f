-- 10^5 appends to one string: a linear-time runtime takes ten times as long as for 10^4, a
-- copying one a hundred times.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local r = ""
    for _ = 1, n do
        r = r .. "x"
    end
    return #r
end

H.main {
    size = 100000, quick = 50000,
    run = run,
    check = function(r, n) return r == n end,
}
