-- skip-with: gc-every
-- what a call left in its argument slots does not keep garbage alive where optimised code makes tables
local function garbage()
    local done = false
    setmetatable({}, { __gc = function() done = true end })
    repeat local junk = {}  until done
    return done
end
for _ = 1, 5 do print(garbage()) end
