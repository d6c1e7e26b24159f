-- Mandelbrot: the number of points of an n x n grid that have not escaped after 50 steps.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function inside(cr, ci)
    local zr, zi = 0.0, 0.0
    for _ = 1, 50 do
        local r2, i2 = zr * zr, zi * zi
        if r2 + i2 > 4.0 then
            return 0
        end
        zi = 2.0 * zr * zi + ci
        zr = r2 - i2 + cr
    end
    return 1
end

local function run(n)
    local points = 0
    for y = 0, n - 1 do
        local ci = 2.0 * y / n - 1.0
        for x = 0, n - 1 do
            points = points + inside(2.0 * x / n - 1.5, ci)
        end
    end
    return points
end

H.main {
    size = 400, quick = 200, reps = 5, run = run,
    check = function(r, n) return r > 0.37 * n * n and r < 0.40 * n * n end,
}
