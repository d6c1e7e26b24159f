-- Patterns: classes, sets, anchors, captures, balanced, frontier.
print(("hello world"):find("wor"), ("hello"):find("l"), ("hello"):find("l", 4),
    ("hello"):find("xyz"), ("hello"):find(""), ("hello"):find("", 6), ("hello"):find("", 7),
    ("a.b"):find(".", 1, true), ("a.b"):find("%."), ("abc"):find("b", -2), ("abc"):find("a", -1))
print(("key = value"):match("^(%w+)%s*=%s*(%w+)$"))
print(("2024-01-15"):match("(%d+)-(%d+)-(%d+)"))
print(("abc"):match("()b()"))
print(("abc"):match(".-"), ("abc"):match(".-$"), ("aaa"):match("a-b"), ("aaab"):match("a-b"),
    ("<<a>>"):match("<(.-)>"), ("<<a>>"):match("<(.*)>"))
print(("f(a(b)c)d"):match("%b()"), ("[[x]]"):match("%b[]"), ("THE (quick) fox"):find("%((%a+)%)"))
print(("THE (quick) fox"):gsub("%f[%a]%a+", "W"))
print(("hello"):match("(h)(e)(l)%3"), ("abab"):match("(ab)%1"), ("x"):match("(x)(y?)"))
print(("  trim  "):match("^%s*(.-)%s*$") .. "|")
print(("%d"):gsub("%%d", "%%%%"), ("a+b"):gsub("%+", "-"), ("x^y"):find("^", 1, true),
    ("a-z"):match("[a%-z]+"), ("]"):match("[]]"), ("^"):match("[%^]"), ("a^"):match("[a^]+"),
    ("b"):match("[^a]"), ("-"):match("[a-]"), ("é"):match("[\xc0-\xff]") ~= nil)
for _, c in ipairs{"a", "c", "d", "g", "l", "p", "s", "u", "w", "x"} do
  local n, m = 0, 0
  for b = 0, 255 do
    if string.char(b):match("%" .. c) then n = n + 1 end
    if string.char(b):match("%" .. c:upper()) then m = m + 1 end
  end
  io.write(c, n, " ", m, " ")
end
print()
for _, p in ipairs{"(", ")", "[", "[a", "%", "(()", "%1", "(x)%2", "%b", "%bx", "%f", "[%", "[a-",
    "%f(", "((((((((((((((((((((((((((((((((((x))))))))))))))))))))))))))))))))))"} do
      print(p, pcall(string.find, "xxx", p))
    end
print(pcall(string.rep("x", 10).find, ("a"):rep(300000), (".-"):rep(300000) .. "b") == false)
print(("a\0b\0c"):find("\0", 3), ("a\0b"):match("%z"), ("x\0y"):match("[\0]") == "\0")
local n = 0
for i = 1, 2000 do
  local a, b = ("item" .. i):match("(%a+)(%d+)")
  if a == "item" then n = n + b end
end
print(n)
