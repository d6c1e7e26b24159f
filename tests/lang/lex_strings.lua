-- Quotes, escapes, line continuation and long brackets.
local function bytes(s) print(#s, s:gsub(".", function(c) return c:byte() .. " " end), nil) end
bytes("\a\b\f\n\r\t\v\\\"\'")
bytes('\0\00\000\1\12\123\255')
bytes("\x00\x7F\xff\xAb")
bytes("\z   a\z
       b")
bytes("line\
next")
bytes("\u{0}\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}")
bytes("\u{7FFFFFFF}\u{000041}")
bytes("\65\066\0677")
bytes([[
first newline dropped]])
bytes([[

second kept]])
bytes([==[ ]] ]=] ]==])
bytes([[a\n\z]])
print("tab\tquote\"done", 'single"', "double'")
print(#[[]], #"", #'', #[==[]==], #"\z")
print(("x"):rep(3), #"a\0b", "a\0b" == "a\0c", "a\0b" < "a\0c")
print(load("return 'a\\\r\nb'")() == "a\nb", load("return 'a\\\n\rb'")() == "a\nb")
print(load("return [[a\r\nb\rc\n\rd]]")() == "a\nb\nc\nd")
