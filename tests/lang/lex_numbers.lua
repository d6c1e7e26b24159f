-- Every form of numeral gives the right value and the right subtype.
local function show(x) print(math.type(x), x) end
show(0) show(007) show(3) show(3.0) show(3.) show(.5) show(3e2) show(3E+2) show(3e-2)
show(0x10) show(0XfF) show(0x.8) show(0x8.) show(0xA.8p1) show(0x1p-2) show(0x1P4)
show(9223372036854775807)      -- largest integer
show(9223372036854775808)      -- one more is a float
show(0x7fffffffffffffff)
show(0xffffffffffffffff)       -- hexadecimal integers wrap
show(0x1ffffffffffffffff)      -- high digits are lost
show(0x123456789abcdef01)
show(1e308) show(1e309) show(-1e309) show(1e-400)
show(5e-324) show(2^53) show(2^63) show(-2^63)
show(1e15) show(1e14) show(1e16) show(1e100) show(123456789012345678)
show(0.1) show(1/3) show(100000000000000.0) show(3.14159265358979)
show(0x0.0000000000001p0) show(0x1.fffffffffffffp1023)
show(-0x8000000000000000) show(-9223372036854775808) show(0xep1) show(0xe+1)
print(1//1, 2 .. 3, 1. .. 2)
