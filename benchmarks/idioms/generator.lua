-- Coroutines as generators: a recursive tree walk and a filter chained to it.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function tree(lo, hi)
    if lo > hi then
        return nil
    end
    local mid = math.floor((lo + hi) / 2)
    return { key = mid, left = tree(lo, mid - 1), right = tree(mid + 1, hi) }
end

local function walk(node)
    if node then
        walk(node.left)
        coroutine.yield(node.key)
        walk(node.right)
    end
end

local function keys(root)
    return coroutine.wrap(function() walk(root) end)
end

local function even(source)
    return coroutine.wrap(function()
        for k in source do
            if k % 2 == 0 then
                coroutine.yield(k)
            end
        end
    end)
end

local function run(n, root)
    local sum = 0
    for k in even(keys(root)) do
        sum = sum + k
    end
    return sum
end

H.main {
    size = 100000, quick = 20000, reps = 9,
    setup = function(n) return tree(1, n) end,
    run = run,
    check = function(r, n) return r == n / 2 * (n / 2 + 1) end,
}
