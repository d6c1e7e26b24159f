-- LZ77 compression with a table of recent positions, and decompression back to the same text.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function compress(s)
    local recent, out, at, literals = {}, {}, 1, 0
    while at <= #s do
        local key = s:sub(at, at + 3)
        local before, length = recent[key], 0
        if before and at - before < 4096 and #key == 4 then
            length = 4
            while length < 66 and at + length <= #s
                and s:byte(before + length) == s:byte(at + length) do
                length = length + 1
            end
        end
        recent[key] = at
        if length > 0 then
            out[#out + 1] = { at - before, length }
            at = at + length
        else
            out[#out + 1] = s:sub(at, at)
            literals = literals + 1
            at = at + 1
        end
    end
    return out, literals
end

local function decompress(tokens)
    local text = {}
    for _, token in ipairs(tokens) do
        if type(token) == "string" then
            text[#text + 1] = token
        else
            local from = #text - token[1]
            for i = 1, token[2] do
                text[#text + 1] = text[from + i]
            end
        end
    end
    return table.concat(text)
end

local function setup(n)
    local words = { "the ", "moon ", "is ", "fastest ", "at ", "perigee ", "and ", "slow ", "far ",
        "away, " }
    local random, parts, bytes = H.random(33), {}, 0
    while bytes < n do
        local w = words[random(#words)] .. (random(5) == 1 and random(1000) .. " " or "")
        parts[#parts + 1] = w
        bytes = bytes + #w
    end
    return table.concat(parts)
end

local function run(n, text)
    local tokens = compress(text)
    assert(decompress(tokens) == text, "round trip")
    return #tokens
end

H.main {
    size = 200000, quick = 50000, reps = 15, setup = setup, run = run,
    expect = { [200000] = 44117, [50000] = 11094 },
}
