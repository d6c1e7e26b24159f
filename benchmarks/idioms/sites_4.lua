-- A call site that sees objects of four classes.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")
dofile(H.dir .. "../lib/call_sites.lua")(H, 4, 1600000)
