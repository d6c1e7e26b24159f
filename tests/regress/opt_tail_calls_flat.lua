-- Functions that call each other in tail position need no stack, also when one is inlined into the other.
local even, odd
function even(n)
  if n == 0 then return true end
  return odd(n - 1)
end
function odd(n)
  if n == 0 then return false end
  return even(n - 1)
end
print(even(3000000), even(200001))
print(collectgarbage("count") < 20000)
