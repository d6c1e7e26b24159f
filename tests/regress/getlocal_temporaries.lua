-- what the runtime left in temporaries is no value for debug.getlocal
local kinds = {["nil"] = true, boolean = true, number = true, string = true, table = true, ["function"] = true, thread = true, userdata = true}
local function look(depth)
  for level = 2, depth do
    local n = 1
    while true do
      local name, value = debug.getlocal(level, n)
      if name == nil then break end
      assert(kinds[type(value)], name)
      tostring(value)
      n = n + 1
    end
  end
end
local function busy(i)
  local t = setmetatable({["k" .. i % 50] = i}, {__index = {x = i}})
  return t.x + (function(a) look(4) return a end)(i)
end
for i = 1, 300 do assert(busy(i) == 2 * i) end
print("ok")
