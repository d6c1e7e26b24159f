-- pcall of a function that raises: an error object, then a message with position.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local signal = {}

local function fail(i)
    if i % 2 == 0 then
        error(signal)
    end
    error("odd number")
end

local function run(n)
    local objects, messages = 0, 0
    for i = 1, n do
        local ok, e = pcall(fail, i)
        if e == signal then
            objects = objects + 1
        elseif not ok and e:find("odd number", 1, true) then
            messages = messages + 1
        end
    end
    return objects - messages
end

H.main { size = 400000, quick = 50000, run = run, check = function(r, n) return r == 0 end }
