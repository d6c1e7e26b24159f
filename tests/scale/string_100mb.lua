-- Strings of 100 MB: repeated, searched, cut, hashed as keys.
local s = ("0123456789"):rep(10000000)
local u = s .. "x"
local t = {[s] = 1, [u] = 2}
print("string_100mb", #s, s:find("x", 1, true), u:find("x", 1, true), t[u], #s:sub(2), #s:upper(), select(2, u:gsub("9x", "")))
