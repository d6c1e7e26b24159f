-- K-nucleotide: counts of all substrings of several lengths in a random sequence, sorted, in hash
-- tables.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function setup(n)
    local random, letters = H.random(17), {}
    local alphabet = { "A", "C", "G", "T", "A", "T" }
    for i = 1, n do
        letters[i] = alphabet[random(6)]
    end
    return table.concat(letters)
end

local function counts(sequence, k)
    local t = {}
    for i = 1, #sequence - k + 1 do
        local s = sequence:sub(i, i + k - 1)
        t[s] = (t[s] or 0) + 1
    end
    return t
end

local function ranked(t)
    local list = {}
    for s, c in pairs(t) do
        list[#list + 1] = { s = s, c = c }
    end
    table.sort(list, function(a, b)
        return a.c > b.c or a.c == b.c and a.s < b.s
    end)
    return list
end

local function run(n, sequence)
    local parts = {}
    for _, k in ipairs { 1, 2, 4, 6, 12 } do
        local list, total = ranked(counts(sequence, k)), 0
        for _, entry in ipairs(list) do
            total = total + entry.c
        end
        assert(total == n - k + 1)
        parts[#parts + 1] = list[1].s .. list[1].c
    end
    return table.concat(parts, " ")
end

H.main {
    size = 100000, quick = 20000, reps = 2, setup = setup, run = run,
    expect = {
        [100000] = "A33357 AA11165 TAAT1282 TTTTAA158 AACTATATGAAA3",
        [20000] = "A6657 AT2242 ATAT262 TAATAT38 TTAATTTAATTA3",
    },
}
