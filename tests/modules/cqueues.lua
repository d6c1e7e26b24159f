-- needs: cqueues (lua-cqueues)
-- cqueues resumes Lua coroutines itself, with yields across its C frames and 64-bit continuation contexts.
local cqueues = require "cqueues"
local condition, socket, promise = require "cqueues.condition", require "cqueues.socket", require "cqueues.promise"
local loop, log = cqueues.new(), {}
for i = 3, 1, -1 do
  loop:wrap(function() cqueues.sleep(i * 0.02); log[#log + 1] = i end)
end
local ended = loop:loop()
table.sort(log) -- on a busy machine several may wake at once
print(ended, table.concat(log, " "))

local ready = condition.new()
loop:wrap(function() print("waits", ready:wait()) end)
loop:wrap(function() cqueues.sleep(0.01); ready:signal() end)
print(loop:loop())

local a, b = socket.pair()
loop:wrap(function() for line in a:lines() do a:write(line:upper(), "\n"); a:flush() if line == "end" then break end end a:close() end)
loop:wrap(function()
  for _, w in ipairs { "one", "two", "end" } do b:write(w, "\n"); b:flush(); print(b:read "*l") end
  b:close()
end)
print(loop:loop())

loop:wrap(function() error "inside the queue" end)
local ok, message = loop:loop()
print(ok, tostring(message):match "inside the queue")
loop:wrap(function()
  local p = promise.new(function(x) cqueues.sleep(0.01); return x * 2 end, 21)
  print("promise", p:get())
end)
print(loop:loop())

-- a coroutine inside a coroutine, both under the controller
loop:wrap(function()
  local inner = cqueues.new()
  inner:wrap(function() cqueues.sleep(0.01); print "inner" end)
  assert(inner:loop())
  print(pcall(function() cqueues.sleep(0.01); error("after a sleep", 0) end))
end)
print(loop:loop(), loop:empty(), loop:count())
