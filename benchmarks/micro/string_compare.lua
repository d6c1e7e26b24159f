-- Order of strings: < on words with common beginnings.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function setup()
    local words = {}
    for i = 1, 256 do
        words[i] = "common prefix " .. i * 37 % 256
    end
    return words
end

local function run(n, words)
    local less = 0
    for i = 1, n do
        local a, b = words[i % 256 + 1], words[i * 7 % 256 + 1]
        if a < b then
            less = less + 1
        elseif b < a then
            less = less - 1
        end
    end
    return less
end

H.main {
    size = 1500000, quick = 300000, reps = 3, setup = setup, run = run,
    expect = { [1500000] = -58582, [300000] = -11719 },
}
