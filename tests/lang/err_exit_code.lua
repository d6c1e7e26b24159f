-- os.exit with a status, flushing output and closing the state on request.
io.write("buffered output")
local t = setmetatable({}, {__gc = function() print(" and finalized") end})
local c <close> = setmetatable({}, {__close = function() print(" closed") end})
os.exit(7, true)
