-- Vector arithmetic by __add, __mul, __sub and __eq.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local V = {}
V.__index = V

local function vec(x, y)
    return setmetatable({ x = x, y = y }, V)
end

V.__add = function(a, b) return vec(a.x + b.x, a.y + b.y) end
V.__sub = function(a, b) return vec(a.x - b.x, a.y - b.y) end
V.__mul = function(a, k) return vec(a.x * k, a.y * k) end
V.__eq = function(a, b) return a.x == b.x and a.y == b.y end

local function run(n)
    local a, b, same = vec(0, 0), vec(1, 2), 0
    for _ = 1, n do
        local c = a + b * 3
        if c - b * 2 == a + b then
            same = same + 1
        end
        a = a + b
    end
    return same + a.x + a.y
end

H.main { size = 150000, quick = 30000, run = run, check = function(r, n) return r == 4 * n end }
