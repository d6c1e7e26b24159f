-- utf8: char, len, codepoint, offset, codes, strict and lax.
print(utf8.char(72, 228, 8364, 128512), utf8.char(), #utf8.char(0x7fffffff))
print(utf8.len("häß€😀"), utf8.len(""), utf8.len("abc", 2), utf8.len("abc", 4), utf8.len("\xff"),
    utf8.len("ab\x80c"), utf8.len("äöü", 3), utf8.len("äöü", -2))
print(utf8.codepoint("hä€", 1, -1))
print(utf8.codepoint("abc"), utf8.codepoint("abc", -1))
print(utf8.offset("aä€b", 1), utf8.offset("aä€b", 2), utf8.offset("aä€b", 3), utf8.offset("aä€b",
    4), utf8.offset("aä€b", 5), utf8.offset("aä€b", 6), utf8.offset("aä€b", -1), utf8.offset("aä€b",
    -2), utf8.offset("aä€b", 0, 3), utf8.offset("abc", 0))
for p, c in utf8.codes("aé€😀") do io.write(p, ":", c, " ") end
print()
print(("aé€"):match(utf8.charpattern, 2))
for c in ("xéy"):gmatch(utf8.charpattern) do io.write("[", c, "]") end
print()
print(pcall(function() for _ in utf8.codes("a\xffb") do end end))
print(pcall(function() for _ in utf8.codes("a\x80") do end end))
print(pcall(utf8.codepoint, "\xff"))
print(pcall(utf8.codepoint, "abc", 4))
print(pcall(utf8.codepoint, "abc", 1, 4))
print(pcall(utf8.char, -1))
print(pcall(utf8.char, 0x80000000))
print(pcall(utf8.len, "abc", 5))
print(pcall(utf8.len, "abc", 1, 4))
print(pcall(utf8.offset, "ä", 1, 2))
print(pcall(utf8.offset, "abc", 1, 5))
print(utf8.len("\u{D800}"), utf8.len("\u{D800}", 1, -1, true), utf8.len("\u{110000}"),
    utf8.len("\u{7FFFFFFF}", 1, -1, true), utf8.codepoint("\u{7FFFFFFF}", 1, 1, true))
print(utf8.len("\xC0\x80"), utf8.len("\xE0\x80\x80"), utf8.len("\xF8\x88\x80\x80\x80"))
local n = 0
for i = 1, 2000 do
  local c = utf8.char(i * 17)
  n = n + #c + utf8.codepoint(c) + utf8.len(c .. "x")
end
print(n)
for p, c in utf8.codes("ab", true) do io.write(p, c, " ") end
print()
