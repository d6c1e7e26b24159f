-- The constructor idiom alone: a fresh table with a metatable, kept for sixteen steps.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local C = { __index = {} }

local function run(n)
    local kept = {}
    for i = 1, n do
        kept[i % 16 + 1] = setmetatable({ id = i }, C)
    end
    return kept[n % 16 + 1].id
end

H.main {
    size = 1000000, quick = 200000, reps = 2, run = run,
    check = function(r, n) return r == n end,
}
