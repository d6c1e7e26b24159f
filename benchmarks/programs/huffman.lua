-- Huffman coding: frequencies, the tree by a sorted list of nodes, a code table, encoding to
-- strings of bits and back.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function frequencies(text)
    local f = {}
    for c in text:gmatch(".") do
        f[c] = (f[c] or 0) + 1
    end
    return f
end

local function insert(list, node)
    local lo, hi = 1, #list + 1
    while lo < hi do
        local mid = math.floor((lo + hi) / 2)
        local other = list[mid]
        if other.weight > node.weight or other.weight == node.weight
            and other.order > node.order then
            lo = mid + 1
        else
            hi = mid
        end
    end
    table.insert(list, lo, node)
end

local function tree(f)
    local list = {}
    for c, weight in pairs(f) do
        insert(list, { weight = weight, order = c:byte(), symbol = c })
    end
    while #list > 1 do
        local a, b = table.remove(list), table.remove(list)
        insert(list, { weight = a.weight + b.weight, order = 256 + #list, zero = a, one = b })
    end
    return list[1]
end

local function codes(node, prefix, out)
    if node.symbol then
        out[node.symbol] = prefix
    else
        codes(node.zero, prefix .. "0", out)
        codes(node.one, prefix .. "1", out)
    end
    return out
end

local function encode(text, code)
    return (text:gsub(".", code))
end

local function decode(bits, root)
    local out, node = {}, root
    for i = 1, #bits do
        node = bits:byte(i) == 48 and node.zero or node.one
        if node.symbol then
            out[#out + 1] = node.symbol
            node = root
        end
    end
    return table.concat(out)
end

local function setup(n)
    local random, letters, out = H.random(61), "eeeeeettttaaaooinnshrdlucmfwypvbgkjqxz    ", {}
    for i = 1, n do
        local at = random(#letters)
        out[i] = letters:sub(at, at)
    end
    return table.concat(out)
end

local function run(n, text)
    local root = tree(frequencies(text))
    local bits = encode(text, codes(root, "", {}))
    return decode(bits, root) == text and #bits
end

H.main {
    size = 100000, quick = 20000, reps = 13, setup = setup, run = run,
    check = function(r, n) return r and r > 4 * n and r < 4.6 * n end,
}
