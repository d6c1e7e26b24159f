-- tostring of numbers: shortest form with %.14g, ".0" for integral floats.
for _, v in ipairs{0, -0, 1, -1, 0.0, -0.0, 1.0, -1.5, 1e15, 1e14, 1e16, 1e100, 123456789012.5, 0.1,
    1 / 3, 2 ^ 53, 2 ^ 63, -2 ^ 63, math.huge, -math.huge, 1e-5, 1e-4, 3.14159265358979, 100,
    math.maxinteger, math.mininteger, 12345678901234.5, 99999999999999.9, 1e14 + 0.5} do
      print(tostring(v), v .. "", #tostring(v))
    end
local nan = tostring(0 / 0)
print(nan == "nan" or nan == "-nan")
print(tostring(nil), tostring(true), tostring(false), tostring("s"))
print(tostring(print):match("^builtin") or tostring(print):match("^function"), tostring(
    {}):match("^table: "), tostring(coroutine.create(print)):match("^thread: "),
    tostring(io.stdout):match("^file %("))
print(1 .. "", 1.0 .. "", -0.0 .. "", 2 ^ 31 .. "|" .. (1 << 31))
print(pcall(tostring))
local n = 0
for i = 1, 3000 do n = n + #tostring(i) + #tostring(i / 2) + #(i .. "") end
print(n)
