-- A report from CSV: lines split with quoted fields, rows as records, grouping, totals, a
-- formatted table.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function fields(line)
    local out, at = {}, 1
    while at <= #line + 1 do
        if line:byte(at) == 34 then
            local value, to = line:match('^"(.-)"()', at)
            out[#out + 1] = value
            at = to + 1
        else
            local value, to = line:match("^([^,]*)()", at)
            out[#out + 1] = value
            at = to + 1
        end
    end
    return out
end

local function records(text)
    local header, rows
    for line in text:gmatch("[^\n]+") do
        local f = fields(line)
        if not header then
            header, rows = f, {}
        else
            local r = {}
            for i, name in ipairs(header) do
                r[name] = f[i]
            end
            rows[#rows + 1] = r
        end
    end
    return rows
end

local function setup(n)
    local random, lines = H.random(91), { "date,region,product,quantity,price" }
    local regions, products = { "north", "south", '"east, far"', "west" },
        { "pen", "book", "lamp", "desk", "chair" }
    for i = 1, n do
        lines[#lines + 1] = ("2026-%02d-%02d,%s,%s,%d,%.2f"):format(i % 12 + 1, i % 28 + 1,
            regions[random(4)],
            products[random(5)], random(20), random(10000) / 100)
    end
    return table.concat(lines, "\n")
end

local function report(rows)
    local groups, names = {}, {}
    for _, r in ipairs(rows) do
        local key = r.region .. "/" .. r.product
        local g = groups[key]
        if not g then
            g = { key = key, count = 0, total = 0, months = {} }
            groups[key] = g
            names[#names + 1] = key
        end
        local month = r.date:sub(6, 7)
        g.count = g.count + 1
        g.total = g.total + tonumber(r.quantity) * tonumber(r.price)
        g.months[month] = (g.months[month] or 0) + 1
    end
    table.sort(names)
    local out = {}
    for _, name in ipairs(names) do
        local g = groups[name]
        out[#out + 1] = ("%-20s %6d %12.2f %4d"):format(name, g.count, g.total, g.months["03"] or 0)
    end
    return table.concat(out, "\n")
end

local function run(n, text)
    local rows = records(text)
    assert(#rows == n)
    local r = report(rows)
    return #r .. r:match("^([^\n]*)")
end

H.main {
    size = 15000, quick = 3000, reps = 11, setup = setup, run = run,
    expect = {
        [15000] = "919east, far/book          770    405642.90   75",
        [3000] = "919east, far/book          162     90212.61   16",
    },
}
