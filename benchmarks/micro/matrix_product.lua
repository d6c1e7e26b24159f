-- Product of two n x n matrices as arrays of arrays.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function matrix(n, f)
    local m = {}
    for i = 1, n do
        local row = {}
        for j = 1, n do
            row[j] = f(i, j)
        end
        m[i] = row
    end
    return m
end

local function product(a, b, n)
    local c = {}
    for i = 1, n do
        local row, ai = {}, a[i]
        for j = 1, n do
            local sum = 0.0
            for k = 1, n do
                sum = sum + ai[k] * b[k][j]
            end
            row[j] = sum
        end
        c[i] = row
    end
    return c
end

local function run(n)
    local a = matrix(n, function(i, j) return i + j + 0.5 end)
    local b = matrix(n, function(i, j) return i == j and 2.0 or 0.0 end)
    return product(a, b, n)[n][n]
end

H.main {
    size = 160, quick = 80, reps = 3, run = run,
    check = function(r, n) return r == 4 * n + 1 end,
}
