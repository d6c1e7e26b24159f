-- SHA-256 of n bytes, checked against known digests. The rounds use the operators of Lua 5.3 and
-- later, or LuaJIT's bit library; the two texts of the compression function differ in nothing
-- else.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")
local compress = assert(dofile(H.dir .. "../lib/sha256_" .. (H.integers and "operators" or "bit")
    .. ".lua"))

local function word(n)
    n = n % 4294967296
    return string.char(math.floor(n / 16777216), math.floor(n / 65536) % 256,
        math.floor(n / 256) % 256, n % 256)
end

local function pad(s)
    local bits = #s * 8
    return s .. "\128" .. ("\0"):rep((55 - #s) % 64) .. word(math.floor(bits / 4294967296))
        .. word(bits)
end

local function sha256(s)
    local h = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
        0x5be0cd19 }
    local text, w = pad(s), {}
    for at = 1, #text, 64 do
        for i = 1, 16 do
            local a, b, c, d = text:byte(at + 4 * i - 4, at + 4 * i - 1)
            w[i] = a * 16777216 + b * 65536 + c * 256 + d
        end
        compress(h, w)
    end
    local hex = {}
    for i = 1, 8 do
        hex[i] = ("%08x"):format(h[i] % 4294967296)
    end
    return table.concat(hex)
end

local function run(n)
    assert(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    return sha256(("a"):rep(n))
end

H.main {
    size = 300000, quick = 50000, reps = 8, run = run,
    expect = { [0] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        [1000000] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        [300000] = "12e1b9b179b29a4f7e5889b185d7ac71bff0ad1f49a7b391d0911b737a0f5381",
        [50000] = "77a0f923b96d18567b52376c56638acc5f030009735888bc47f2da5b4b65e3af" },
}
