-- Reads and writes of constant fields of one record.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local p = { x = 0, y = 1, z = 2 }
    for i = 1, n do
        p.x = p.y + i
        p.y = p.z
        p.z = p.x % 16
    end
    return p.x + p.y + p.z
end

H.main {
    size = 1500000, quick = 300000, reps = 4, run = run,
    check = function(r, n)
        local x, y, z = 0, 1, 2
        for i = 1, n do
            x = y + i
            y = z
            z = x % 16
        end
        return r == x + y + z
    end,
}
