-- Nothing: the start of the runtime and the harness alone.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

H.main { size = 1, run = function(n) return n end, expect = 1 }
