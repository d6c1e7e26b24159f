-- Binary trees of pairs: allocate, walk, drop.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function bottom_up(depth)
    if depth == 0 then
        return {}
    end
    return { bottom_up(depth - 1), bottom_up(depth - 1) }
end

local function count(tree)
    if tree[1] then
        return 1 + count(tree[1]) + count(tree[2])
    end
    return 1
end

local function run(n)
    return count(bottom_up(n))
end

H.main {
    size = 14, quick = 12, reps = 35, run = run,
    check = function(r, n) return r == 2 ^ (n + 1) - 1 end,
}
