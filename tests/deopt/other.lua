-- deopt: other, at 4, count 1 to 100
-- (the key of a traversal is no more: fields were assigned meanwhile, which the manual forbids)
local function sum(t, spoil)
  for k, v in next, t do
    if spoil then spoil(t) end
  end
  return true
end
for i = 1, 300 do assert(pcall(sum, {a = 1, b = 2, [{}] = 3, [2.5] = 4})) end
local function spoil(t)
  for i = 1, 200 do t[i + 0.25] = i end
  for key in pairs(t) do t[key] = nil end
  collectgarbage()
  for i = 1, 2000 do t[i + 0.125] = i end
end
for i = 1, 20 do pcall(sum, {[{}] = 1, [2.5] = 4}, spoil) end
print("ok")
