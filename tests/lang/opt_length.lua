-- Lengths of strings, tables, and what has __len.
local function count(s) local n, i = 0, 1 while i <= #s do n = n + i i = i + 1 end return n end
local function len(x) return #x end
local function twice(x) return len(x) + len(x) end
local long = ("x"):rep(100)
for _ = 1, 300 do count("hello") count(long) len("a") len({ 1, 2 }) twice("abc") twice(long) end
print(count(""), count("abc"), count(long), len(long), len(""), len({ 1, 2, 3 }), twice("abc"), twice({ 1 }))
local t = setmetatable({}, { __len = function() return 7 end })
print(len(t), twice(t), count(t))
for _ = 1, 300 do len(t) twice(t) count(t) end
print(len(t), twice(t), count(t), len("xy"))
print(pcall(len, 5), pcall(len, nil), select(2, pcall(count, true)))
local function strings(n) local s, total = "", 0 for i = 1, n do s = s .. "ab" total = total + #s end return total end
for _ = 1, 50 do strings(30) end
print(strings(100))
