-- Levenshtein distances between words, two rows of the table at a time.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function distance(a, b)
    local la, lb = #a, #b
    local previous, current = {}, {}
    for j = 0, lb do
        previous[j] = j
    end
    for i = 1, la do
        current[0] = i
        local c = a:byte(i)
        for j = 1, lb do
            local best = previous[j - 1]
            if c ~= b:byte(j) then
                best = best + 1
            end
            if previous[j] + 1 < best then
                best = previous[j] + 1
            end
            if current[j - 1] + 1 < best then
                best = current[j - 1] + 1
            end
            current[j] = best
        end
        previous, current = current, previous
    end
    return previous[lb]
end

local function setup(n)
    local random, words = H.random(21), {}
    for i = 1, n do
        local letters = {}
        for j = 1, 5 + random(8) do
            letters[j] = string.char(96 + random(6))
        end
        words[i] = table.concat(letters)
    end
    return words
end

local function run(n, words)
    assert(distance("kitten", "sitting") == 3)
    local sum = 0
    for i = 1, n do
        for j = i + 1, n do
            sum = sum + distance(words[i], words[j])
        end
    end
    return sum
end

H.main {
    size = 170, quick = 70, reps = 4, setup = setup, run = run,
    expect = { [170] = 115164, [70] = 19473 },
}
