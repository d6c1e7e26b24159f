-- deopt: global changed, count 0 to 0
-- (a global variable that is assigned all the time disturbs no code that does not call it)
function scale(x) return 2 * x end
local function hot(n) local s = 0 for i = 1, n do s = s + scale(i) end return s end
for round = 1, 200 do
  assert(hot(100) == 10100)
  function other() return round end
  assert(other() == round)
  another = round
end
print("ok")
