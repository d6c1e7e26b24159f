-- string.pack, unpack, packsize.
local function hex(s)
  return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end
print(hex(string.pack("<i4", 100)), hex(string.pack(">i4", 100)), hex(string.pack("<i2 i2", 1, -2)),
    hex(string.pack("bBhHlLjJ", -1, 255, -2, 65535, -3, 4, -5, 6)))
print(hex(string.pack("<f", 1.5)), hex(string.pack(">d", -2.5)), hex(string.pack("<n", 1)))
print(hex(string.pack("z", "hi")), hex(string.pack("s1", "hi")), hex(string.pack("<s4", "hi")),
    hex(string.pack("c5", "hi")), hex(string.pack("<!4 b i4", 1, 2)),
    hex(string.pack("<!8 b Xi8 i8", 1, 2)), hex(string.pack("bxb", 1, 2)), hex(string.pack("<i3",
    -2)), hex(string.pack("<I16", 5)))
print(string.unpack("<i4", "\x64\0\0\0"), string.unpack("<i2 >i2", "\1\0\0\1"), string.unpack("z",
    "hi\0x"), string.unpack("s1", "\2hix"), string.unpack("c3", "abcd"), string.unpack("<I3",
    "\1\2\3"), string.unpack("<d", string.pack("<d", 0.1)))
print(string.unpack("<i4", "\0\0\1\0\0\0", 3), string.unpack("b", "\xff", -1))
print(string.packsize("i4"), string.packsize("!8 b i8"), string.packsize("c10 b"),
    string.packsize("<!4 i1 i2 i4"), string.packsize(""))
for _, a in ipairs{{"i17", 1}, {"i0", 1}, {"I1", 256}, {"i1", 128}, {"b", -129}, {"B", -1},
    {"!3 i4", 1}, {"q", 1}, {"c", "x"}, {"c2", "abc"}, {"z", "a\0b"}, {"s1", ("x"):rep(300)}, {"i4",
    "x"}, {"d", "x"}, {"i4", 1.5}, {"i4"}, {"X", 1}, {"Xz", 1}, {"!17", 1}, {"s20", "x"}, {"!1 Xi3",
    1}} do
      print(a[1], pcall(string.pack, table.unpack(a)))
    end
for _, a in ipairs{{"i4", "abc"}, {"z", "abc"}, {"s1", "\5ab"}, {"c4", "abc"}, {"i4", "abcd", 10},
    {"<i9", "\0\0\0\0\0\0\0\0\1"}, {"i4", "abcd", -10}, {"b", "x", 3}} do
      print(a[1], pcall(string.unpack, table.unpack(a)))
    end
print(pcall(string.packsize, "s"))
print(pcall(string.packsize, "z"))
print(pcall(string.packsize, "c2147483647c2147483647"))
local s = 0
for i = 1, 2000 do
  local a, b, c = string.unpack("<i4 d s1", string.pack("<i4 d s1", i, i / 2, "x" .. i))
  s = s + a + b + #c
end
print(s)
