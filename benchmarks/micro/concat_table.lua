-- table.concat of an array of pieces, with and without a separator.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local bytes = 0
    for i = 1, n do
        local t = {}
        for j = 1, 100 do
            t[j] = j % 2 == 0 and "piece" or j
        end
        bytes = bytes + #table.concat(t, ", ") + #table.concat(t)
    end
    return bytes
end

H.main {
    size = 10000, quick = 2000, reps = 2, run = run,
    check = function(r, n) return r == n * 888 end,
}
