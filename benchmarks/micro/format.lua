-- string.format with integers, floats and strings.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local format, bytes = string.format, 0
    for i = 1, n do
        bytes = bytes + #format("%d: %s %5.2f %x", i, "name", i / 3, i)
    end
    return bytes
end

H.main {
    size = 300000, quick = 50000, run = run,
    expect = { [300000] = 7885699, [50000] = 1201232 },
}
