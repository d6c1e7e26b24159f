-- Operations that met an integer and a float, in either order, and later two integers, strings, big numbers.
local ops = {
    function(a, b) return a + b end, function(a, b) return a - b end, function(a, b) return a * b end,
    function(a, b) return a % b end, function(a, b) return a // b end, function(a, b) return a / b end, function(a, b) return a ^ b end,
    function(a) return a + 2.5 end, function(a) return 3 * a end, function(a) return a - 1 end, function(a) return 7 % a end,
}
local function dot(p, q) return p.x * q.x + p.y * q.y + p.z * q.z end
local function show(x) return math.type(x) .. " " .. string.format("%.14g", x) end

local pairs_of = { { 1, 2.5 }, { 2.5, 1 }, { 3, 0.25 }, { 1e300, 7 }, { -4, 1.5 } }
for n, f in ipairs(ops) do
    local sum = 0.0
    for i = 1, 400 do
        local p = pairs_of[i % 5 + 1]
        sum = sum + f(p[1], p[2]) % 1000
    end
    print(n, show(sum), show(f(7, 2)), show(f(1 << 62, 2)), show(f(-7, 2)), show(f(7, -2)), (pcall(f, 7, 0)), show(f("10", 3)))
    for i = 1, 400 do sum = sum + f(i, 3) % 1000 + f(i, 2.5) % 1000 end
    print(n, show(sum), show(f(7, 2)), show(f(math.maxinteger, 2)), (pcall(f, {}, 2)))
end
local a, b, c = { x = 0, y = 0.5, z = 1 }, { x = 0.25, y = 3, z = 2.5 }, { x = 2, y = 3, z = 4 }
for round = 1, 3 do
    local s = 0
    for i = 1, 500 do s = s + dot(a, b) end
    print(show(s), show(dot(a, a)), show(dot(c, c)))
    for i = 1, 200 do s = s + dot(c, c) end
    print(show(s))
    a.x, b.x = b.x, a.x
end
