-- string.gsub with a string, a table and a function.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local names = { name = "world", mood = "fine", n = "7" }

local function run(n)
    local text, bytes = "hello $name, are you $mood today at $n o'clock?", 0
    for i = 1, n do
        local a = text:gsub("$(%w+)", names)
        local b = a:gsub("%w+", "<%0>")
        local c = b:gsub("%d", function(d) return d + 1 end)
        bytes = bytes + #c
    end
    return bytes
end

H.main {
    size = 30000, quick = 6000, reps = 2, run = run,
    expect = { [30000] = 1950000, [6000] = 390000 },
}
