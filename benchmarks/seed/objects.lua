-- n objects of three fields, all kept alive.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local kept = {}
    for i = 1, n do
        kept[i] = { id = i, value = i * 2, name = "object" }
    end
    local last = kept[n]
    return last.id + last.value + #kept
end

H.main {
    size = 100000, quick = 20000, reps = 5,
    run = run,
    check = function(r, n) return r == 4 * n end,
}
