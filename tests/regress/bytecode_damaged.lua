-- Damaged chunks are refused or run without harm: a SETLIST onto something else than a table passed the verifier once.
local write = print
arg = {[0] = "mutate", "103400", "400"}
print = function() end
dofile("../fuzz/mutate_bytecode.lua")
write("survived")
