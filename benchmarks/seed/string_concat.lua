-- r = r .. "x", n times: quadratic where every append copies.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local r = ""
    for _ = 1, n do
        r = r .. "x"
    end
    return #r
end

H.main {
    size = 10000, reps = 60,
    run = run,
    check = function(r, n) return r == n end,
}
