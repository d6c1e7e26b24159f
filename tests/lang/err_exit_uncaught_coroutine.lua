-- An error propagated out of coroutine.wrap.
local gen = coroutine.wrap(function()
  coroutine.yield(1)
  error("inside the generator")
end)
for v in gen do print(v) end
