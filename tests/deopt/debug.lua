-- deopt: debug access, count 1 to 100
-- (debug.setlocal changes a variable of a frame in optimised code)
local function set(v) debug.setlocal(2, 1, v) end
local function f(x, v)
  if v then set(v) end
  return x
end
for i = 1, 2000 do local _, x = pcall(f, i, i % 50 == 0 and i) assert(x == i) end
for i = 1, 20 do local _, x = pcall(f, i, "other") assert(x == "other") end
print("ok")
