-- The 64 constants of SHA-256: the first 32 bits of the fractional parts of the cube roots of the
-- first 64 primes, computed (in doubles, whose 53 bits suffice: a cube root below 7 leaves 50
-- bits of fraction).
local k, candidate = {}, 2

local function prime(n)
    for d = 2, math.floor(math.sqrt(n)) do
        if n % d == 0 then
            return false
        end
    end
    return true
end

-- A step of Newton's method brings the power's rounding error down to that of the last place.
local function cube_root(n)
    local x = n ^ (1 / 3)
    return x - (x * x * x - n) / (3 * x * x)
end

while #k < 64 do
    if prime(candidate) then
        k[#k + 1] = math.floor(cube_root(candidate) % 1 * 4294967296)
    end
    candidate = candidate + 1
end

return k
