-- Binary trees: many short-lived trees of several depths beside one long-lived tree; nodes are
-- records.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function make(depth)
    if depth == 0 then
        return { left = nil, right = nil }
    end
    depth = depth - 1
    return { left = make(depth), right = make(depth) }
end

local function check(node)
    if node.left then
        return 1 + check(node.left) + check(node.right)
    end
    return 1
end

local function run(n)
    local long_lived, sum = make(n), 0
    for depth = 4, n, 4 do
        for _ = 1, 2 ^ (n - depth + 4) / 4 do
            sum = sum + check(make(depth))
        end
    end
    return sum + check(long_lived)
end

local function expected(r, n)
    local sum = 2 ^ (n + 1) - 1
    for depth = 4, n, 4 do
        sum = sum + 2 ^ (n - depth + 4) / 4 * (2 ^ (depth + 1) - 1)
    end
    return r == sum
end

H.main { size = 14, quick = 12, reps = 8, run = run, check = expected }
