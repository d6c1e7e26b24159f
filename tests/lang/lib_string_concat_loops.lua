-- Numbers as string arguments; strings in loops; building step by step.
print(string.len(12345), string.sub(12345, 2, 3), string.rep(1.5, 2), string.upper(0x10),
    ("x"):rep("3"), ("x"):rep(2.0), pcall(string.rep, "x", 2.5))
local s, n = "the quick brown fox", 0
for i = 1, 4000 do
  local a = i % #s + 1
  n = n + s:byte(a) + #s:sub(a, a + 3)
  if s:sub(a, a) == "o" then n = n + 1000 end
end
print(n)
local b = ""
for i = 1, 2000 do b = b .. string.char(97 + i % 26) end
print(#b, b:sub(1, 30), b:sub(-5))
local rev = b:reverse()
print(rev:sub(1, 5), rev:reverse() == b)
local parts = {}
for c in b:sub(1, 100):gmatch(".") do parts[#parts + 1] = c end
print(#parts, table.concat(parts) == b:sub(1, 100))
local x = "base"
local y = x .. "1"
local z = x .. "2"
local w = y .. "3"
print(x, y, z, w)
local acc = {}
local str = ""
for i = 1, 300 do str = str .. i acc[i] = str end
print(#acc[10], #acc[300], acc[12], acc[5])
local h = 0
for i = 1, #b do h = (h * 31 + b:byte(i)) & 0xffffffff end
print(h)
local eq = 0
for i = 1, 3000 do if "k" .. i % 10 == "k5" then eq = eq + 1 end end
print(eq)
