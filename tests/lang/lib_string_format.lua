-- string.format: conversions, flags, coercions, %q and errors.
local f = string.format
print(f("%d|%5d|%-5d|%05d|%+d|% d|%.3d|%i", 42, 42, 42, 42, 42, 42, 42, 42))
print(f("%x|%X|%#x|%o|%08x|%x", 255, 255, 255, 8, 48879, -1))
print(f("%f|%.2f|%10.3f|%-10.1f|%+.0f|%e|%.3E|%g|%G|%g", 1.5, 2.345, 3.14159, 2.5, 2.5, 12345.678,
    0.00012, 1e20, 1e-10, 100000))
print(f("%a|%.1a|%A", 1.0, 0.5, 255.5))
print(f("%c%c%c", 76, 117, 97), f("%5c|%-5c|", 65, 66))
print(f("%s|%10s|%-10s|%.2s|%5.1s|", "hello", "hi", "hi", "hello", "xyz"))
print(f("%s %s %s %s", nil, true, 1.0, {} ~= nil))
print(f("%%|%5s|%s", 1, 2))
print(f("%q", 'a "quoted"\n\\ \0 \1\0002 \r \200'), f("%q", 1), f("%q", 1.5), f("%q",
    math.mininteger), f("%q", 1 / 0), f("%q", -1 / 0), f("%q", 0 / 0), f("%q", true), f("%q", nil),
    f("%q", 0.1))
print(f("%d", 3.0), f("%d", "10"), f("%s", 10), f("%x", 15.0), f("%.14g", 0.1), f("%.17g", 0.1),
    f("%5.2s|", "abc"), f("%i", "0x10"))
for _, a in ipairs{{"%d", 1.5}, {"%d", "x"}, {"%d", "1.5"}, {"%d"}, {"%y", 1}, {"%"}, {"%10"},
    {"%0100d", 1}, {"%.100f", 1}, {"%q", {}}, {"%10q", "x"}, {"%s"}, {"%c", "x"}, {"%f", {}}, {"%x",
    -1.5}, {"%.3c", 65}, {"%#d", 1}, {"%--------d", 1}, {"%l", 1}, {"%d", 2 ^ 63}, {"%a", "x"},
    {"%p"}} do
      print(a[1], pcall(f, table.unpack(a, 1, #a)))
    end
print(f("%p", nil), f("%p", 1), f("%p", print) == f("%p", print), #f("%20p", nil))
print(#f("%99.99f", 1e10), f("%.20s", ("x"):rep(50)), #f("%s", ("y"):rep(1000)),
    #f("%-200s" == "" and "" or "%-99s", "x"))
print(f("%s", setmetatable({}, {__tostring = function() return "TS" end})), pcall(f, "%s",
    setmetatable({}, {__tostring = function() return 5 end})))
print(f("%s%s", "a\0b", "c") == "a\0bc", pcall(f, "%10s", "a\0b"))
print(f("%.0f %.0f %.0f", 0.5, 1.5, 2.5), f("%5.1f|%-8.3e|", -0.05, 12345.6789), f("%g %g %g", 1e15,
    1e16, 123456789), f("%f", -0.0))
print(f("%.3f %d", 2 ^ 53, 2 ^ 53), f("%i", -0x8000000000000000))
local n = 0
for i = 1, 2000 do n = n + #f("%d:%s:%.2f", i, "x", i / 3) end
print(n)
print(pcall(f))
print(pcall(f, {}))
print(f("no conversions"), f(""), f("%s", ("%d"):format(3)))
