-- Product of two n x n matrices with the second transposed first; doubles in arrays of arrays.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function make(n, seed)
    local m = {}
    for i = 1, n do
        local row = {}
        for j = 1, n do
            row[j] = seed * (i - j) * (i + j - 2) / (n * n)
        end
        m[i] = row
    end
    return m
end

local function transpose(m, n)
    local t = {}
    for i = 1, n do
        local row = {}
        for j = 1, n do
            row[j] = m[j][i]
        end
        t[i] = row
    end
    return t
end

local function multiply(a, b, n)
    local columns, c = transpose(b, n), {}
    for i = 1, n do
        local row, ai = {}, a[i]
        for j = 1, n do
            local column, sum = columns[j], 0.0
            for k = 1, n do
                sum = sum + ai[k] * column[k]
            end
            row[j] = sum
        end
        c[i] = row
    end
    return c
end

-- The trace of a product equals the sum of a[i][j] * b[j][i].
local function check(r, n)
    local a, b, trace = make(n, 1.0), make(n, 2.0), 0.0
    for i = 1, n do
        for j = 1, n do
            trace = trace + a[i][j] * b[j][i]
        end
    end
    return math.abs(r - trace) < 1e-6 * math.abs(trace)
end

local function run(n)
    local c, trace = multiply(make(n, 1.0), make(n, 2.0), n), 0.0
    for i = 1, n do
        trace = trace + c[i][i]
    end
    return trace
end

H.main { size = 300, quick = 120, run = run, check = check }
