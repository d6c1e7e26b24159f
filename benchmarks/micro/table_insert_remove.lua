-- table.insert and table.remove at the end, in front and in the middle of small arrays.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local insert, remove, sum = table.insert, table.remove, 0
    local t = {}
    for i = 1, n do
        insert(t, i)
        insert(t, 1, i + 1)
        if #t > 20 then
            sum = sum + remove(t, 10) - remove(t, 1) + remove(t) + remove(t)
        end
    end
    return (sum + #t) % 1000003
end

H.main {
    size = 500000, quick = 100000, run = run,
    expect = { [500000] = 125111, [100000] = 85099 },
}
