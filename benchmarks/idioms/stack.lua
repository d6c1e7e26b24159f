-- A stack by #t: push with t[#t + 1] = v, pop with t[#t] = nil.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local t, sum = {}, 0
    for i = 1, n do
        t[#t + 1] = i
        t[#t + 1] = i + 1
        if i % 2 == 0 then
            sum = sum + t[#t]
            t[#t] = nil
            sum = sum + t[#t]
            t[#t] = nil
            t[#t] = nil
        end
    end
    return sum + #t
end

H.main {
    size = 800000, quick = 100000, reps = 4, run = run,
    check = function(r, n) return r == 2 * (n / 2) * (n / 2 + 1) + n / 2 + n / 2 end,
}
