-- Appends of short varied pieces to strings of up to a thousand bytes.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local bytes = 0
    for i = 1, n do
        local s = ""
        for j = 1, 100 do
            s = s .. "item " .. (i + j) % 10 .. ","
        end
        bytes = bytes + #s
    end
    return bytes
end

H.main {
    size = 4000, quick = 1000, reps = 3, run = run,
    check = function(r, n) return r == 700 * n end,
}
