-- string.byte over a text and string.char back: a rotation by 13.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function rot13(s)
    local byte, char, out = string.byte, string.char, {}
    for i = 1, #s do
        local c = byte(s, i)
        if c >= 97 and c <= 122 then
            c = (c - 97 + 13) % 26 + 97
        end
        out[i] = char(c)
    end
    return table.concat(out)
end

local function run(n, text)
    return rot13(rot13(text)) == text and #text
end

H.main {
    size = 500000, quick = 100000, reps = 2,
    setup = function(n) return string.rep("the quick brown fox jumps; ", math.floor(n / 27)) end,
    run = run,
    check = function(r, n) return r and r > n - 28 end,
}
