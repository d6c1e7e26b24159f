-- The compression function of SHA-256 (FIPS 180-4) with 64-bit integers and bit operators.
local k = dofile((arg[0]:match("^(.*/)") or "") .. "../lib/sha256_constants.lua")

return function(h, w)
    for i = 17, 64 do
        local x, y = w[i - 15], w[i - 2]
        local s0 = (x >> 7 | x << 25) ~ (x >> 18 | x << 14) ~ x >> 3
        local s1 = (y >> 17 | y << 15) ~ (y >> 19 | y << 13) ~ y >> 10
        w[i] = (w[i - 16] + (s0 & 0xffffffff) + w[i - 7] + (s1 & 0xffffffff)) & 0xffffffff
    end
    local a, b, c, d, e, f, g, hh = h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8]
    for i = 1, 64 do
        local s1 = ((e >> 6 | e << 26) ~ (e >> 11 | e << 21) ~ (e >> 25 | e << 7)) & 0xffffffff
        local t1 = hh + s1 + (e & f ~ ~e & g) + k[i] + w[i]
        local s0 = ((a >> 2 | a << 30) ~ (a >> 13 | a << 19) ~ (a >> 22 | a << 10)) & 0xffffffff
        local t2 = s0 + (a & b ~ a & c ~ b & c)
        hh, g, f, e = g, f, e, (d + t1) & 0xffffffff
        d, c, b, a = c, b, a, (t1 + t2) & 0xffffffff
    end
    h[1], h[2], h[3], h[4] = (h[1] + a) & 0xffffffff, (h[2] + b) & 0xffffffff,
        (h[3] + c) & 0xffffffff, (h[4] + d) & 0xffffffff
    h[5], h[6], h[7], h[8] = (h[5] + e) & 0xffffffff, (h[6] + f) & 0xffffffff,
        (h[7] + g) & 0xffffffff, (h[8] + hh) & 0xffffffff
end
