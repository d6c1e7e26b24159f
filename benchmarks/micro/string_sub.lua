-- string.sub and comparison of short strings.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n, text)
    local vowels, len = 0, #text
    for i = 1, n do
        local at = i % len + 1
        local c = text:sub(at, at)
        if c == "a" or c == "e" or c == "i" or c == "o" or c == "u" then
            vowels = vowels + 1
        end
    end
    return vowels
end

H.main {
    size = 2000000, quick = 300000, reps = 2,
    setup = function() return ("abcdefghij"):rep(10) end,
    run = run,
    check = function(r, n) return r == n * 3 / 10 end,
}
