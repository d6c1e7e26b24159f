-- Spectral norm of the infinite matrix 1 / ((i + j)(i + j + 1) / 2 + i + 1), by the power method
-- on its n x n corner.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function entry(i, j)
    local k = i + j - 2
    return 1.0 / (k * (k + 1) * 0.5 + i)
end

local function times(v, n, transposed)
    local r = {}
    for i = 1, n do
        local sum = 0.0
        for j = 1, n do
            sum = sum + (transposed and entry(j, i) or entry(i, j)) * v[j]
        end
        r[i] = sum
    end
    return r
end

local function run(n)
    local u, v = {}, nil
    for i = 1, n do
        u[i] = 1.0
    end
    for _ = 1, 5 do
        v = times(times(u, n, false), n, true)
        u = times(times(v, n, false), n, true)
    end
    local uv, vv = 0.0, 0.0
    for i = 1, n do
        uv = uv + u[i] * v[i]
        vv = vv + v[i] * v[i]
    end
    return string.format("%.6f", math.sqrt(uv / vv))
end

H.main {
    size = 350, quick = 120, reps = 4, run = run,
    expect = { [100] = "1.274220" },
    check = function(r) return r:find("^1%.2742") end,
}
