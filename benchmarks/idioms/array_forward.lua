-- Arrays of many sizes filled in order by t[#t + 1].
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local sum = 0
    for k = 1, n do
        local t = {}
        for i = 1, k % 100 do
            t[#t + 1] = i
        end
        sum = sum + #t
    end
    return sum
end

H.main {
    size = 40000, quick = 10000, reps = 3, run = run,
    check = function(r, n) return r == n / 100 * 4950 end,
}
