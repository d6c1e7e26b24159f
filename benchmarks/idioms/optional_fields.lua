-- Optional fields set to a value, to nil and back, in objects that differ in which they have.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function setup()
    local t = {}
    for i = 1, 100 do
        t[i] = { id = i }
        if i % 2 == 0 then t[i].parent = t[i - 1] end
        if i % 3 == 0 then t[i].note = "n" end
    end
    return t
end

local function run(n, objects)
    local seen = 0
    for i = 1, n do
        local o = objects[i % 100 + 1]
        if o.pending then
            seen = seen + 1
            o.pending = nil
        else
            o.pending = o.parent or o
        end
        if o.note then
            o.note = nil
        elseif o.pending then
            o.note = "x"
        end
    end
    for i = 1, 100 do
        objects[i].pending = nil
    end
    return seen
end

H.main {
    size = 2000000, quick = 400000, reps = 2, setup = setup, run = run,
    check = function(r, n) return r == n / 2 end,
}
