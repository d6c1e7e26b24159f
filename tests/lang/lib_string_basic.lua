-- len, sub, upper, lower, rep, reverse, byte, char.
local s = "hello"
print(s:len(), s:sub(2), s:sub(2, 3), s:sub(-3), s:sub(-3, -2), s:sub(0), s:sub(10), s:sub(3, 2),
    s:sub(-100, 100), s:sub(2, -2), s:sub(math.mininteger, math.maxinteger))
print(s:upper(), ("aBC"):lower(), s:reverse(), (""):reverse(), s:rep(3), s:rep(0), s:rep(-1),
    s:rep(2, ","), s:rep(1, ","), (""):rep(100))
print(s:byte(), s:byte(2), s:byte(-1), s:byte(1, -1))
print(s:byte(10), select("#", s:byte(10)), ("\0\255"):byte(1, 2))
print(string.char(), string.char(72, 105), #string.char(0, 1, 255))
print(pcall(string.char, 256))
print(pcall(string.char, -1))
print(pcall(string.char, "x"))
print(pcall(string.rep, "x", 1 << 62))
print(pcall(string.rep, "abc", math.maxinteger, "d"))
print(pcall(string.sub))
print(pcall(string.sub, "x"))
print(pcall(string.len, nil))
print(pcall(string.upper, {}))
