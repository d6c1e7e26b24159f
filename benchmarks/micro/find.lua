-- string.find and match: plain text, anchored patterns, captures.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function setup()
    local lines = {}
    for i = 1, 100 do
        lines[i] = "host" .. i .. " - [" .. i % 60 .. ":00] \"GET /page/" .. i * 7 .. ".html\" 200 "
            .. i * 100
    end
    return lines
end

local function run(n, lines)
    local hits, bytes = 0, 0
    for i = 1, n do
        local line = lines[i % 100 + 1]
        if line:find(".html", 1, true) then
            hits = hits + 1
        end
        local page, size = line:match("/page/(%d+)%.html\" %d+ (%d+)$")
        bytes = bytes + size - page * 100 / 7
        if line:find("^host%d+ %- %[") then
            hits = hits + 1
        end
    end
    return hits + math.floor(bytes + 0.5)
end

H.main {
    size = 200000, quick = 40000, setup = setup, run = run,
    check = function(r, n) return r == 2 * n end,
}
