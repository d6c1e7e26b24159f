-- Word counts of a generated text: gmatch, lower, a hash of counts, the most frequent words by
-- sort.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function setup(n)
    local random, syllables = H.random(13), { "lo", "ra", "mi", "tek", "sun", "Per", "i", "gee",
        "ban", "do" }
    local words, text = {}, {}
    for i = 1, 2000 do
        words[i] = syllables[random(10)] .. syllables[random(10)] .. syllables[random(10)]
    end
    for i = 1, n do
        local skewed = math.floor(2000 * random() * random()) + 1
        text[i] = words[skewed] .. (i % 12 == 0 and ".\n" or i % 5 == 0 and "," or "")
    end
    return table.concat(text, " ")
end

local function run(n, text)
    local counts, total = {}, 0
    for word in text:gmatch("%a+") do
        word = word:lower()
        counts[word] = (counts[word] or 0) + 1
        total = total + 1
    end
    local list = {}
    for word, count in pairs(counts) do
        list[#list + 1] = { word = word, count = count }
    end
    table.sort(list, function(a, b)
        if a.count ~= b.count then
            return a.count > b.count
        end
        return a.word < b.word
    end)
    assert(total == n)
    return string.format("%d %s %d %s", #list, list[1].word, list[1].count, list[10].word)
end

H.main {
    size = 300000, quick = 60000, reps = 8, setup = setup, run = run,
    expect = { [300000] = "884 tekmitek 1889 sunperper", [60000] = "878 tekmitek 381 doperra" },
}
