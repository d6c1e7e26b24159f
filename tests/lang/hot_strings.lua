-- String operations in hot code: comparison, keys, building, methods, numbers.
local words = {}
for i = 1, 500 do words[i] = ("w%03d"):format(i * 37 % 500) end
local counts = {}
for r = 1, 10 do
  for i = 1, #words do
    local k = words[i] .. (r % 2)
    counts[k] = (counts[k] or 0) + 1
  end
end
local n = 0
for k, v in pairs(counts) do n = n + v * #k end
print(n)
local s = ("abcdefghij"):rep(20)
local h = 5381
for i = 1, #s do h = (h * 33 ~ s:byte(i)) & 0xffffffff end
print(h)
local v = 0
for i = 1, #s - 1 do
  local c = s:sub(i, i)
  if c == "a" or c == "e" or c == "i" then
    v = v + 1
  elseif c < "e" then
    v = v + 10
  end
end
print(v)
local parts = {}
for i = 1, 1000 do parts[#parts + 1] = i .. ":" .. i * 2 .. ";" end
local joined = table.concat(parts)
print(#joined)
local sum = 0
for a, b in joined:gmatch("(%d+):(%d+);") do sum = sum + a + b end
print(sum)
local rev = {}
for i = #s, 1, -1 do rev[#rev + 1] = s:sub(i, i) end
print(table.concat(rev) == s:reverse())
local function ispal(x)
  for i = 1, #x // 2 do
    if x:byte(i) ~= x:byte(-i) then return false end
  end
  return true
end
local p = 0
for i = 1, 5000 do if ispal(tostring(i)) then p = p + 1 end end
print(p)
local acc = ""
for i = 1, 1000 do
  acc = acc .. (i % 10)
  if #acc > 50 then acc = acc:sub(-25) end
end
print(acc)
local t = {}
for i = 1, 2000 do t["k" .. i % 50] = i .. "" end
sum = 0
for i = 0, 49 do sum = sum + t["k" .. i] end
print(sum)
local up = 0
for i = 1, 2000 do
  if ("Mixed" .. i):upper() == "MIXED" .. i then up = up + 1 end
end
print(up)
local lev = {}
local a, b = "kitten sitting on the mat", "sitting kitten at the mall"
for i = 0, #a do lev[i] = {[0] = i} end
for j = 0, #b do lev[0][j] = j end
for i = 1, #a do
  for j = 1, #b do
    local cost = a:byte(i) == b:byte(j) and 0 or 1
    lev[i][j] = math.min(lev[i - 1][j] + 1, lev[i][j - 1] + 1, lev[i - 1][j - 1] + cost)
  end
end
print(lev[#a][#b])
