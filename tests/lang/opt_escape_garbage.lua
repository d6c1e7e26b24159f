-- skip-with: gc-every
-- garbage that nobody reads is collected, finalizers run
local function garbage()
    local done = false
    setmetatable({}, { __gc = function() done = true end })
    repeat local junk = {} until done
    repeat local a = { x = 1 } a = { y = a } until done
    return done
end
for _ = 1, 5 do print(garbage()) end

