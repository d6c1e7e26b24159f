-- gmatch and gsub: anchors, empty matches, replacement kinds.
for w in ("one two  three"):gmatch("%a+") do io.write(w, ".") end
print()
for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do io.write(k, v, ";") end
print()
for p in ("abc"):gmatch("()") do io.write(p, " ") end
print()
for e in ("abc"):gmatch("x*") do io.write("[", e, "]") end
print()
for m in ("abcabc"):gmatch("^abc") do io.write(m, "!") end
print()
for m in ("hello"):gmatch("l", 4) do io.write(m) end
print()
print(("hello"):gsub("l", "L"), ("hello"):gsub("l", "L", 1), ("hello"):gsub("", "-"),
    ("hello"):gsub("x*", "-"), ("abc"):gsub("%w", "%0%0"), ("abc"):gsub("(%w)(%w)", "%2%1"),
    ("hello"):gsub("l", {l = "1"}), ("hello"):gsub("l", {}), ("hello"):gsub("(l)(.)", function(a, b)
      return b .. a
    end), ("hello"):gsub("l", function() end), ("hello"):gsub("l", function() return false end),
        ("a b"):gsub("%w", {a = 1, b = 2.5}), ("x"):gsub("x", "%%"))
print(("abc"):gsub("^a", "X"), ("aaa"):gsub("^a", "X"), ("abc"):gsub("c$", "X"), ("a$c"):gsub("$",
    "!"), ("abc"):gsub("b", "%1"), ("abc"):gsub("", "", 0), ("abc"):gsub(".", "x", -1))
print(pcall(string.gsub, "x", "x", "%2"))
print(pcall(string.gsub, "x", "x", "%a"))
print(pcall(string.gsub, "x", "x", "%"))
print(pcall(string.gsub, "x", "x", {x = {}}))
print(pcall(string.gsub, "x", "x", function() return {} end))
print(pcall(string.gsub, "x", "x"))
print(pcall(string.gsub, "x", "x", true))
print(pcall(string.gsub, "x", "(", "a"))
print(pcall(string.gmatch, "x"))
print(("$name is $age"):gsub("%$(%w+)", {name = "Io", age = 4}))
print(("héllo"):gsub("[\x80-\xff]", function(c) return ("\\x%02X"):format(c:byte()) end))
local s = 0
for i = 1, 1000 do
  local r, n = ("a" .. i .. "b"):gsub("%d", function(d) return d + 1 end)
  s = s + n + #r
end
print(s)
print(("x"):rep(100):gsub("x", "yy"))
print((("word "):rep(500):gsub("%w+", string.upper):sub(1, 10)))
print(("\n a\tb "):gsub("%s+", " "), ("abc"):gsub("(a)(b)(c)", "%3%2%1%0"), ("abc"):gsub("()",
    "%1"))
