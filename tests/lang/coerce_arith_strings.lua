-- Arithmetic on strings that look like numbers.
print("10" + 1, "10" + "1", "0x10" + 0, " 10 " + 0, "1e1" + 0, "10" * "2", "7" // 2, "7" / "2",
    "7" % "4", "2" ^ "3", -"3")
print(math.type("10" + 1), math.type("10.0" + 1), math.type("1e1" + 0), math.type("0x1p4" + 0))
print("9223372036854775807" + 1, "9223372036854775808" + 0, "-9223372036854775808" + 0)
print("\t12\n" + 0, ("0x" .. "ff") + 0, "1" .. "2" + 3)
for _, s in ipairs{"", " ", "abc", "1x", "0x", "1e", "1e+", "--1", "1 2", "0xg", "1_000", "inf",
    "nan", ".", "1\0"} do
      print(pcall(function() return s + 1 end))
    end
print(pcall(function() return 1 + {} end))
print(pcall(function() return "a" + 1 end))
print(pcall(function() return "a" + {} end))
print(pcall(function() return {} .. "a" end))
print(pcall(function() return 1 < "2" end))
print("10" == 10, 10 .. "" == "10", "abc" .. 1.5 .. 2)
local s = 0
for i = 1, 3000 do s = s + tostring(i) + (i .. ".5") end
print(s)
getmetatable("").__add = function(a, b) return "add:" .. tostring(a) .. "," .. tostring(b) end
print("a" + 1, "1" + 1, 1 + "z", pcall(function() return "q" * 2 end))
