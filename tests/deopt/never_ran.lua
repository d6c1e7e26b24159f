-- deopt: never ran, at 6, count 1 to 60
-- (a branch is taken that was never taken before)
local function f(x, t)
  local r
  if x < 0 then
    r = t.negative
  else
    r = t.x
  end
  return r
end
local t = {x = 1, negative = 2}
for i = 1, 2000 do local _, x = pcall(f, i, t) assert(x == 1) end
for i = 1, 60 do local _, x = pcall(f, -i, t) assert(x == 2) end
print("ok")
