-- A call site that sees objects of one class.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")
dofile(H.dir .. "../lib/call_sites.lua")(H, 1, 1600000)
