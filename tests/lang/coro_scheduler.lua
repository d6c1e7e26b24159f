-- A round-robin scheduler with messages and sleeping, over many tasks.
local ready, time, trace, mail = {}, 0, {}, {}
local function spawn(name, f, ...)
  ready[#ready + 1] = {name = name, co = coroutine.create(f), wake = 0, args = table.pack(...)}
end
local function sleep(n) coroutine.yield("sleep", n) end
local function send(to, m)
  mail[to] = mail[to] or {}
  table.insert(mail[to], m)
end
local function receive(me)
  while not (mail[me] and mail[me][1]) do coroutine.yield("wait") end
  return table.remove(mail[me], 1)
end
spawn("ticker", function(n)
  for i = 1, n do
    trace[#trace + 1] = "tick" .. i .. "@" .. time
    sleep(3)
  end
end, 4)
spawn("pinger", function()
  for i = 1, 3 do
    send("ponger", "ping" .. i)
    trace[#trace + 1] = receive("pinger")
  end
  send("ponger", "stop")
end)
spawn("ponger", function()
  while true do
    local m = receive("ponger")
    if m == "stop" then return end
    trace[#trace + 1] = m
    send("pinger", "pong" .. m:sub(5))
  end
end)
spawn("failing", function() sleep(2) error("task failed", 0) end)
local total = 0
for i = 1, 100 do
  spawn("w" .. i, function()
    for j = 1, 20 do total = total + j coroutine.yield("run") end
  end)
end
while #ready > 0 do
  local nextReady = {}
  for _, t in ipairs(ready) do
    if t.wake <= time then
      local ok, op, arg = coroutine.resume(t.co, table.unpack(t.args, 1, t.args.n))
      t.args = {n = 0}
      if not ok then
        trace[#trace + 1] = t.name .. ": " .. op
      elseif coroutine.status(t.co) ~= "dead" then
        if op == "sleep" then t.wake = time + arg end
        nextReady[#nextReady + 1] = t
      end
    else
      nextReady[#nextReady + 1] = t
    end
  end
  ready = nextReady
  time = time + 1
end
print(table.concat(trace, " "))
print(total, time)
