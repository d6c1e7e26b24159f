-- A queue by two indices that grow for ever: the array part must move along.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local q, first, last, sum = {}, 1, 0, 0
    for i = 1, n do
        last = last + 1
        q[last] = i
        if i % 3 ~= 0 or last - first > 1000 then
            sum = sum + q[first]
            q[first] = nil
            first = first + 1
        end
    end
    while first <= last do
        sum = sum + q[first]
        q[first] = nil
        first = first + 1
    end
    return sum
end

H.main {
    size = 1000000, quick = 200000, reps = 5, run = run,
    check = function(r, n) return r == n * (n + 1) / 2 end,
}
