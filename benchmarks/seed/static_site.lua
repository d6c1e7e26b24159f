-- A static site: reads n small Markdown files, wraps them in HTML, writes them. The files lie in
-- a directory of the system's temporary place and are made once, outside the timed part;
-- static_render measures the rendering alone.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")
local site = dofile(H.dir .. "../lib/site.lua")

local function slurp(path)
    local f = assert(io.open(path, "rb"))
    local text = f:read("*a")
    f:close()
    return text
end

local function spill(path, text)
    local f = assert(io.open(path, "wb"))
    f:write(text)
    f:close()
end

local function run(n, dir)
    local bytes = 0
    for i = 1, n do
        local html = site.page("Page " .. i, slurp(dir .. i .. ".md"))
        spill(dir .. i .. ".html", html)
        bytes = bytes + #html
    end
    return bytes
end

local function setup(n)
    local dir = os.getenv("BENCH_SITE_DIR")
    if not dir then
        dir = os.tmpname()
        os.remove(dir)
        os.execute("mkdir -p " .. dir)
        H.remove = dir
    end
    dir = dir .. "/"
    local last = io.open(dir .. n .. ".md", "rb")
    if last then
        last:close()
        return dir
    end
    for i = 1, n do
        spill(dir .. i .. ".md", site.source(i))
    end
    return dir
end

H.main {
    size = 10000, quick = 2000, setup = setup, prepare = true,
    run = run,
    check = function(r, n) return r > 200 * n end,
}

if H.remove then
    os.execute("rm -rf " .. H.remove)
end
