-- A 100 MB string out of pieces by table.concat, and a 2 MB one by repeated concatenation.
local pieces = {}
for i = 1, 2000000 do pieces[i] = "0123456789012345678901234567890123456789abcdefghij" end
local s = table.concat(pieces)
local grown = ""
for i = 1, 40000 do grown = grown .. "0123456789012345678901234567890123456789abcdefghij" end
print("string_pieces", #s, #grown)
