-- Conway's Game of Life on an n x n torus: gliders that return to their places after 4n
-- generations.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local glider = { { 1, 2 }, { 2, 3 }, { 3, 1 }, { 3, 2 }, { 3, 3 } }

local function board(n)
    local b = {}
    for i = 1, n do
        b[i] = {}
        for j = 1, n do
            b[i][j] = 0
        end
    end
    for offset = 0, n - 12, 12 do
        for _, cell in ipairs(glider) do
            b[cell[1] + offset][cell[2] + offset] = 1
        end
    end
    return b
end

local function generation(old, new, n)
    for i = 1, n do
        local up, row, down = old[i > 1 and i - 1 or n], old[i], old[i < n and i + 1 or 1]
        local target = new[i]
        for j = 1, n do
            local l, r = j > 1 and j - 1 or n, j < n and j + 1 or 1
            local near = up[l] + up[j] + up[r] + row[l] + row[r] + down[l] + down[j] + down[r]
            target[j] = (near == 3 or near == 2 and row[j] == 1) and 1 or 0
        end
    end
end

local function picture(b)
    local lines = {}
    for i = 1, #b do
        lines[i] = table.concat(b[i])
    end
    return table.concat(lines, "\n")
end

local function run(n)
    local a, b = board(n), board(n)
    local before = picture(a)
    for _ = 1, 4 * n do
        generation(a, b, n)
        a, b = b, a
    end
    return picture(a) == before
end

H.main { size = 72, quick = 36, reps = 5, run = run, check = function(r) return r end }
