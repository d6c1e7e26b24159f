-- The longest pause of a program that allocates beside something large.
--
--     pause.lua CASE incremental|generational
--
-- The clock (CPU time, so other processes do not count) is read every 100 allocations. Prints `longest` in milliseconds, `late`, the number
-- of gaps above 1 ms, and, in a host that offers `gcstats` (gc_host.c), the longest step of the collector.
local clock = os.clock

local function observe(n, work)
    local longest, late, recent = 0, 0, {}
    local before = clock()
    for step = 1, n / 100 do
        for i = 1, 100 do recent[i] = { id = step, next = recent[i - 1] } end
        recent[1].next = nil
        if work then work(step, recent) end
        local now = clock()
        local gap = now - before
        if gap > longest then longest = gap end
        if gap > 0.001 then late = late + 1 end
        before = now
    end
    return longest, late
end

local function fill(n, value)
    local t = {}
    for i = 1, n do t[i] = value(i) end
    return t
end
local function fresh(i) return { id = i } end

-- Each case hands back, after the figures, what it keeps alive: a tail call would let go of it.
local function keeping(kept, longest, late) return longest, late, kept end

local cases = {}

function cases.live(ready) -- 100 MB of linked objects, some replaced
    local kept = fill(1200000, fresh)
    ready()
    return observe(6000000, function(step, recent) kept[step] = recent[1] end)
end

function cases.table(ready) -- 10^7 elements, some replaced
    local few = fill(1000, fresh)
    local big = fill(10000000, function(i) return few[i % 1000 + 1] end)
    ready()
    return observe(5000000, function(step, recent) big[step * 197] = recent[2] end)
end

function cases.dictionary(ready) -- 10^6 string keys, some replaced, none new
    local big = {}
    for i = 1, 1000000 do big["k" .. i] = { i } end
    ready()
    return observe(6000000, function(step, recent) big["k" .. step] = recent[2] end)
end

function cases.weak_values(ready) -- all alive but those stored now
    local kept = fill(1000000, fresh)
    local weak = setmetatable({}, { __mode = "v" })
    for i = 1, #kept do weak[i] = kept[i] end
    ready()
    return keeping(kept, observe(5000000, function(step, recent) weak[step * 17] = recent[2] end))
end

function cases.weak_values_half_die(ready)
    local kept = fill(1000000, fresh)
    local weak = setmetatable({}, { __mode = "v" })
    for i = 1, #kept do weak[i] = kept[i] end
    ready()
    for i = 1, #kept, 2 do kept[i] = false end
    return keeping({ kept, weak }, observe(5000000))
end

function cases.weak_values_all_die(ready)
    local kept = fill(1000000, fresh)
    local weak = setmetatable({}, { __mode = "v" })
    for i = 1, #kept do weak[i] = kept[i] end
    ready()
    kept = nil
    return keeping(weak, observe(5000000))
end

local function weak_keys(n)
    local kept = fill(n, fresh)
    local weak = setmetatable({}, { __mode = "k" })
    for i = 1, n do weak[kept[i]] = { kept[i] } end -- ephemerons: the value refers to the key
    return weak, kept
end

function cases.weak_keys(ready) -- all alive, values replaced
    local weak, kept = weak_keys(1000000)
    ready()
    return observe(5000000, function(step, recent) weak[kept[step]] = recent[2] end)
end

function cases.weak_keys_inserted(ready) -- a cache: new keys all the time, that die soon
    local weak = weak_keys(850000)
    local kept = {}
    for o in pairs(weak) do kept[#kept + 1] = o end
    ready()
    return keeping(kept, observe(10000000, function(step, recent) weak[recent[2]] = step end))
end

function cases.weak_keys_half_die(ready)
    local weak, kept = weak_keys(1000000)
    ready()
    for i = 1, #kept, 2 do kept[i] = false end
    return keeping({ kept, weak }, observe(5000000))
end

local function descend(depth, body)
    if depth == 0 then return body() end
    local longest, late = descend(depth - 1, body)
    return longest, late
end

function cases.stack(ready) -- 190,000 frames, none of them returning
    return descend(190000, function()
        ready()
        return observe(6000000)
    end)
end

local case = cases[arg[1]]
if case == nil then
    local names = {}
    for name in pairs(cases) do names[#names + 1] = name end
    table.sort(names)
    print(table.concat(names, "\n"))
    return
end
collectgarbage("stop") -- while the large thing is made
local longest, late = case(function()
    collectgarbage("restart")
    collectgarbage(arg[2])
    collectgarbage()
    if gcstats then gcstats(true) end
end)
print(("longest %.3f"):format(longest * 1e3))
print(("late %d"):format(late))
if gcstats then
    for name, value in pairs(gcstats(false)) do print(name, value) end
end
