-- Integer arithmetic in a loop: multiply, add, remainder, compare.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local x, hits = 1, 0
    for i = 1, n do
        x = (x * 171 + i) % 30269
        if x < 1000 then
            hits = hits + 1
        end
    end
    return hits * 100000 + x
end

H.main {
    size = 8000000, quick = 1000000, reps = 2, run = run,
    expect = { [8000000] = 26380614526, [1000000] = 3257120075 },
}
