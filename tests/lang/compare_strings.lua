-- Strings compare bytewise in the C locale; embedded zeros count.
print("a" < "b", "a" < "A", "Z" < "a", "" < "a", "a" < "aa", "aa" < "b", "10" < "9", "a\0" > "a")
print("a\0b" < "a\0c", "a\0c" < "a\0b", "\0" < "\1", "\xff" > "\x7f", "a" <= "a", "b" <= "a",
    "a" >= "a\0")
print("abc" == "abc", "abc" == "ab" .. "c", ("x"):rep(50) == ("x"):rep(50),
    ("x"):rep(50) ~= ("x"):rep(49) .. "y")
print(("x"):rep(100) < ("x"):rep(101), ("x"):rep(100) .. "a" < ("x"):rep(100) .. "b")
local words = {"pear", "apple", "fig", "Fig", "", "app", "apples", "z\0a", "z", "z\0"}
table.sort(words)
for i, w in ipairs(words) do words[i] = (w:gsub("%z", "0")) end
print(table.concat(words, ","))
local n = 0
for i = 1, 5000 do
  local a, b = tostring(i), tostring(5000 - i)
  if a < b then n = n + 1 end
  if a <= b then n = n + 10000 end
  if a == b then n = n + 100000000 end
end
print(n)
print(pcall(function() return "a" < 1 end))
print(pcall(function() return {} < {} end))
print(pcall(function() return nil <= 1 end))
print(pcall(function() return print > print end))
