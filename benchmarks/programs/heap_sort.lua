-- Heap sort in place of n pseudo-random floats.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function sift(a, root, last)
    local v = a[root]
    while true do
        local child = 2 * root
        if child > last then
            break
        end
        if child < last and a[child] < a[child + 1] then
            child = child + 1
        end
        if v >= a[child] then
            break
        end
        a[root] = a[child]
        root = child
    end
    a[root] = v
end

local function heap_sort(a, n)
    for i = math.floor(n / 2), 1, -1 do
        sift(a, i, n)
    end
    for last = n, 2, -1 do
        a[1], a[last] = a[last], a[1]
        sift(a, 1, last - 1)
    end
end

local function run(n)
    local random, a = H.random(42), {}
    for i = 1, n do
        a[i] = random()
    end
    heap_sort(a, n)
    for i = 2, n do
        if a[i - 1] > a[i] then
            return false
        end
    end
    return true
end

H.main { size = 200000, quick = 50000, reps = 3, run = run, check = function(r) return r end }
