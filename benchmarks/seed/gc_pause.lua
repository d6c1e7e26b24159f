-- The longest pause while small objects are allocated beside about 100 MB of live ones. n is the
-- number of live objects; the metric is the longest time between two readings of the clock, 100
-- allocations apart, of CPU time.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function live(n)
    local kept = {}
    for i = 1, n do
        kept[i] = { id = i, next = kept[i - 1] }
    end
    return kept
end

local function run(n, kept)
    local clock, longest, recent = os.clock, 0, {}
    local before = clock()
    for step = 1, n / 50 do
        for i = 1, 100 do
            recent[i] = { id = step, next = kept[i] }
        end
        kept[step] = recent[step % 100 + 1]
        local now = clock()
        if now - before > longest then
            longest = now - before
        end
        before = now
    end
    H.metric("longest_pause", longest * 1e3, "ms")
    return #kept
end

H.main {
    size = 700000, quick = 200000, setup = live,
    run = run,
    check = function(r, n) return r == n end,
}
