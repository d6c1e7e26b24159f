-- Fannkuch: the longest run of prefix reversals over all permutations of n, with a checksum.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local p, q, count = {}, {}, {}
    for i = 1, n do
        p[i], count[i] = i, i
    end
    local sign, longest, checksum = 1, 0, 0
    while true do
        local first = p[1]
        if first ~= 1 then
            for i = 2, n do
                q[i] = p[i]
            end
            local flips = 1
            while true do
                local next = q[first]
                if next == 1 then
                    break
                end
                q[first] = first
                local i, j = 2, first - 1
                while i < j do
                    q[i], q[j] = q[j], q[i]
                    i, j = i + 1, j - 1
                end
                first = next
                flips = flips + 1
            end
            checksum = checksum + sign * flips
            if flips > longest then
                longest = flips
            end
        end
        if sign == 1 then
            p[1], p[2] = p[2], p[1]
            sign = -1
        else
            p[2], p[3] = p[3], p[2]
            sign = 1
            local i = 3
            while count[i] == 1 do
                if i == n then
                    return checksum * 1000 + longest
                end
                count[i] = i
                local head = p[1]
                for j = 1, i do
                    p[j] = p[j + 1]
                end
                i = i + 1
                p[i] = head
            end
            count[i] = count[i] - 1
        end
    end
end

H.main {
    size = 9, quick = 8, reps = 4, run = run,
    expect = { [7] = 228016, [8] = 1616022, [9] = 8629030, [10] = 73196038 },
}
