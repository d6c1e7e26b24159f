-- The rendering of static_site in memory: n pages, no files.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")
local site = dofile(H.dir .. "../lib/site.lua")

local function setup(n)
    local sources = {}
    for i = 1, n do
        sources[i] = site.source(i)
    end
    return sources
end

local function run(n, sources)
    local bytes = 0
    for i = 1, n do
        bytes = bytes + #site.page("Page " .. i, sources[i])
    end
    return bytes
end

H.main {
    size = 10000, quick = 2000, setup = setup,
    run = run,
    check = function(r, n) return r > 200 * n end,
}
