-- Fast Fourier transform of 2^n points in place, there and back.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function reverse_bits(re, im, n)
    local j = 1
    for i = 1, n - 1 do
        if i < j then
            re[i], re[j] = re[j], re[i]
            im[i], im[j] = im[j], im[i]
        end
        local m = n / 2
        while m >= 1 and j > m do
            j = j - m
            m = m / 2
        end
        j = j + m
    end
end

local function transform(re, im, n, direction)
    reverse_bits(re, im, n)
    local half = 1
    while half < n do
        local angle = direction * math.pi / half
        local sr, si = math.cos(angle), math.sin(angle)
        local wr, wi = 1.0, 0.0
        for offset = 1, half do
            for i = offset, n, 2 * half do
                local j = i + half
                local tr = wr * re[j] - wi * im[j]
                local ti = wr * im[j] + wi * re[j]
                re[j], im[j] = re[i] - tr, im[i] - ti
                re[i], im[i] = re[i] + tr, im[i] + ti
            end
            wr, wi = wr * sr - wi * si, wr * si + wi * sr
        end
        half = 2 * half
    end
end

local function run(log2)
    local n, random = 1, H.random(5)
    for _ = 1, log2 do
        n = 2 * n
    end
    local re, im, original = {}, {}, {}
    for i = 1, n do
        original[i] = random()
        re[i], im[i] = original[i], 0.0
    end
    transform(re, im, n, 1)
    transform(re, im, n, -1)
    local worst = 0
    for i = 1, n do
        worst = math.max(worst, math.abs(re[i] / n - original[i]))
    end
    return worst
end

H.main { size = 15, quick = 13, reps = 10, run = run, check = function(r) return r < 1e-8 end }
