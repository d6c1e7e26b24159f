-- tonumber with and without base.
for _, s in ipairs{"10", "10.", ".5", "0x1p4", " 7 ", "7 7", "", "0x", "1e5", "1E-2", "0b1", "１",
    "1e400", "-0", "-0x10", "+5", "- 5", "0x.1", "1..2", "99999999999999999999",
    "0xfffffffffffffffff", "infinity", "nan", "1e", "5\0", "\v8\f"} do
      print(("%q"):format(s), tonumber(s))
    end
print(tonumber(5), tonumber(5.5), tonumber(nil == 1), tonumber({}), tonumber(print))
for base = 2, 36 do io.write(tostring(tonumber("11", base)), " ") end
print()
print(tonumber("ff", 16), tonumber("FF", 16), tonumber("zZ", 36), tonumber("8", 8), tonumber("-101",
    2), tonumber(" -7f ", 16), tonumber("1.0", 10), tonumber("", 10), tonumber("- 1", 10))
print(tonumber("7fffffffffffffff", 16), tonumber("ffffffffffffffff", 16),
    tonumber("10000000000000000", 16), tonumber("1\0", 10))
print(pcall(tonumber), pcall(tonumber, "1", 1), pcall(tonumber, "1", 37))
print(pcall(tonumber, 10, 10))
print(pcall(tonumber, {}, 10))
print(math.tointeger(3.0), math.tointeger(3.5), math.tointeger("8"), math.tointeger("x"),
    math.tointeger(2 ^ 63), math.tointeger(-2 ^ 63), math.tointeger({}))
