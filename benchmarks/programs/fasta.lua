-- Fasta: a repeated sequence and two random ones, cut in lines of 60; the checksum is over all
-- bytes written.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local alu = "GGCCGGGCGCGGTGGCTCACGCCTGTAATCCCAGCACTTTGG"
    .. "GAGGCCGAGGCGGGCGGATCACCTGAGGTCAGGAGTTCGAGA"
    .. "CCAGCCTGGCCAACATGGTGAAACCCCGTCTCTACTAAAAAT"
local iub = {
    { "a", 0.27 }, { "c", 0.12 }, { "g", 0.12 }, { "t", 0.27 }, { "B", 0.02 }, { "D", 0.02 },
    { "H", 0.02 }, { "K", 0.02 },
    { "M", 0.02 }, { "N", 0.02 }, { "R", 0.02 }, { "S", 0.02 }, { "V", 0.02 }, { "W", 0.02 },
    { "Y", 0.02 },
}
local human = { { "a", 0.3029549426680 }, { "c", 0.1979883004921 }, { "g", 0.1975473066391 },
    { "t", 0.3015094502008 } }

local Writer = {}
Writer.__index = Writer

function Writer.new()
    return setmetatable({ bytes = 0, sum = 0 }, Writer)
end

function Writer:line(s)
    self.bytes = self.bytes + #s + 1
    self.sum = (self.sum * 31 + s:byte(1) * 7 + s:byte(#s)) % 1000003
end

local function repeated(w, source, n)
    local doubled, at = source .. source, 1
    while n > 0 do
        local width = math.min(60, n)
        w:line(doubled:sub(at, at + width - 1))
        at = (at + width - 1) % #source + 1
        n = n - width
    end
end

local function cumulate(frequencies)
    local letters, bounds, p = {}, {}, 0
    for i, entry in ipairs(frequencies) do
        p = p + entry[2]
        letters[i], bounds[i] = entry[1], p
    end
    bounds[#bounds] = 1.0
    return letters, bounds
end

local function pick(letters, bounds, r)
    local i = 1
    while bounds[i] < r do
        i = i + 1
    end
    return letters[i]
end

local function random_lines(w, frequencies, n, random)
    local letters, bounds = cumulate(frequencies)
    local buffer = {}
    while n > 0 do
        local width = math.min(60, n)
        for i = 1, width do
            buffer[i] = pick(letters, bounds, random())
        end
        w:line(table.concat(buffer, "", 1, width))
        n = n - width
    end
end

local function run(n)
    local w, random = Writer.new(), H.random(42)
    repeated(w, alu, 2 * n)
    random_lines(w, iub, 3 * n, random)
    random_lines(w, human, 5 * n, random)
    return w.bytes * 1000003 + w.sum
end

H.main {
    size = 200000, quick = 40000, reps = 3, run = run,
    expect = { [200000] = 2033340902824, [40000] = 406669568612 },
}
