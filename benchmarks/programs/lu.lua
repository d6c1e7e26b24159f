-- LU decomposition with partial pivoting, then the solution of a system with a known answer.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function decompose(a, n)
    local pivots = {}
    for k = 1, n do
        local p = k
        for i = k + 1, n do
            if math.abs(a[i][k]) > math.abs(a[p][k]) then
                p = i
            end
        end
        a[k], a[p] = a[p], a[k]
        pivots[k] = p
        local row = a[k]
        local inverse = 1.0 / row[k]
        for i = k + 1, n do
            local target = a[i]
            local factor = target[k] * inverse
            target[k] = factor
            for j = k + 1, n do
                target[j] = target[j] - factor * row[j]
            end
        end
    end
    return pivots
end

local function solve(a, pivots, b, n)
    for k = 1, n do
        local p = pivots[k]
        b[k], b[p] = b[p], b[k]
    end
    for i = 1, n do
        local sum, row = b[i], a[i]
        for j = 1, i - 1 do
            sum = sum - row[j] * b[j]
        end
        b[i] = sum
    end
    for i = n, 1, -1 do
        local sum, row = b[i], a[i]
        for j = i + 1, n do
            sum = sum - row[j] * b[j]
        end
        b[i] = sum / row[i]
    end
    return b
end

-- The right-hand side is chosen so that the solution is 1, 2, ..., n.
local function run(n)
    local random, a, b = H.random(9), {}, {}
    for i = 1, n do
        local row, sum = {}, 0.0
        for j = 1, n do
            row[j] = random() - 0.5
            sum = sum + row[j] * j
        end
        a[i], b[i] = row, sum
    end
    local x, worst = solve(a, decompose(a, n), b, n), 0
    for i = 1, n do
        worst = math.max(worst, math.abs(x[i] - i))
    end
    return worst
end

H.main { size = 250, quick = 100, reps = 6, run = run, check = function(r) return r < 1e-6 end }
