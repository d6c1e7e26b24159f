-- Successive over-relaxation of an n x n grid towards the harmonic function x + y given at its
-- edge.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function grid(n)
    local g = {}
    for i = 1, n do
        local row = {}
        for j = 1, n do
            local edge = i == 1 or j == 1 or i == n or j == n
            row[j] = edge and (i + j) / n or 0.0
        end
        g[i] = row
    end
    return g
end

local function relax(g, n, omega)
    local quarter, rest = omega * 0.25, 1.0 - omega
    for i = 2, n - 1 do
        local up, row, down = g[i - 1], g[i], g[i + 1]
        for j = 2, n - 1 do
            row[j] = quarter * (up[j] + down[j] + row[j - 1] + row[j + 1]) + rest * row[j]
        end
    end
end

local function run(n)
    local g = grid(n)
    for _ = 1, 3 * n do
        relax(g, n, 2 / (1 + math.pi / n))
    end
    local worst = 0
    for i = 1, n do
        for j = 1, n do
            worst = math.max(worst, math.abs(g[i][j] - (i + j) / n))
        end
    end
    return worst
end

H.main { size = 130, quick = 60, reps = 2, run = run, check = function(r) return r < 1e-3 end }
