-- A backward goto over a local makes a fresh variable each time round.
local fs = {}
do
  local i = 1
  ::top::
  local x = i * 10
  fs[#fs + 1] = function() x = x + 1 return x end
  i = i + 1
  if i <= 4 then goto top end
end
for _, f in ipairs(fs) do io.write(f(), " ", f(), " ") end print()
local gs = {}
for i = 1, 5 do
  local y = i
  if i % 2 == 0 then goto continue end
  gs[#gs + 1] = function() y = y + 100 return y end
  ::continue::
end
print(#gs, gs[1](), gs[1](), gs[3]())
local n = 0
do
  ::again::
  local c <close> = setmetatable({}, {__close = function() n = n + 1 end})
  if n < 10 then goto again end
end
print(n)
local total = 0
local i = 0
::hot::
local v = i
local get = function() return v end
i = i + 1
total = total + get()
if i < 3000 then goto hot end
print(total)
