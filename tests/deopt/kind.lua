-- deopt: kind, expected array of integers, seen array of floats, at 6 GETTABLE, count 20 to 200
-- (an array of floats where arrays of integers came)
local function sum(a)
  local s = 0
  for i = 1, #a do
    s = s + a[i]
  end
  return s
end
for i = 1, 2000 do local _, s = pcall(sum, {i, 1, 2}) assert(s == i + 3) end
for i = 1, 60 do local _, s = pcall(sum, {i + 0.5, 1.0, 2.0}) assert(s == i + 3.5) end
print("ok")
