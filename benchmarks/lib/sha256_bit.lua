-- The compression function of SHA-256 (FIPS 180-4) with LuaJIT's bit library.
local k = dofile((arg[0]:match("^(.*/)") or "") .. "../lib/sha256_constants.lua")
local band, bnot, bxor, ror, shr, tobit = bit.band, bit.bnot, bit.bxor, bit.ror, bit.rshift,
    bit.tobit

return function(h, w)
    for i = 17, 64 do
        local x, y = w[i - 15], w[i - 2]
        local s0 = bxor(ror(x, 7), ror(x, 18), shr(x, 3))
        local s1 = bxor(ror(y, 17), ror(y, 19), shr(y, 10))
        w[i] = tobit(w[i - 16] + s0 + w[i - 7] + s1)
    end
    local a, b, c, d, e, f, g, hh = h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8]
    for i = 1, 64 do
        local s1 = bxor(ror(e, 6), ror(e, 11), ror(e, 25))
        local t1 = tobit(hh + s1 + bxor(band(e, f), band(bnot(e), g)) + k[i] + w[i])
        local s0 = bxor(ror(a, 2), ror(a, 13), ror(a, 22))
        local t2 = s0 + bxor(band(a, b), band(a, c), band(b, c))
        hh, g, f, e = g, f, e, tobit(d + t1)
        d, c, b, a = c, b, a, tobit(t1 + t2)
    end
    h[1], h[2], h[3], h[4] = tobit(h[1] + a), tobit(h[2] + b), tobit(h[3] + c), tobit(h[4] + d)
    h[5], h[6], h[7], h[8] = tobit(h[5] + e), tobit(h[6] + f), tobit(h[7] + g), tobit(h[8] + hh)
end
