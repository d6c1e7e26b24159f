-- A call site that sees objects of two classes.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")
dofile(H.dir .. "../lib/call_sites.lua")(H, 2, 1600000)
