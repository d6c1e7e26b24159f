-- acc + i: a compiler may fold the loop to a formula; read it beside sum_loop, which cannot be
-- folded.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local acc = 0
    for i = 1, n do
        acc = acc + i
    end
    return acc
end

H.main {
    size = 100000, reps = 220,
    run = run,
    check = function(r, n) return r == n * (n + 1) / 2 end,
}
