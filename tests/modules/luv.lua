-- needs: luv (lua-luv)
-- libuv calls Lua from its loop, in the main state, from inside luv.run.
local uv = require "luv"
print(type(uv.version()), uv.loop_alive())
local log = {}
local function note(...) log[#log + 1] = table.concat({ ... }, " ") end

local timer = uv.new_timer()
local ticks = 0
timer:start(5, 5, function()
  ticks = ticks + 1
  note("tick", ticks)
  if ticks == 3 then timer:stop(); timer:close(function() note "closed" end) end
end)
uv.run()
print(table.concat(log, ", "))

-- coroutines resumed from callbacks
local function sleep(ms)
  local co, t = coroutine.running(), uv.new_timer()
  t:start(ms, 0, function() t:close(); assert(coroutine.resume(co, ms)) end)
  return coroutine.yield()
end
coroutine.wrap(function() for i = 1, 3 do print("woke", sleep(i * 3)) end end)()
uv.run()

-- files
local path = os.tmpname()
uv.fs_open(path, "w", 420, function(err, fd)
  assert(not err, err)
  uv.fs_write(fd, "written by luv", -1, function(_, n)
    uv.fs_close(fd, function() print("wrote", n) end)
  end)
end)
uv.run()
print(uv.fs_stat(path).size, uv.fs_stat(path).type)
print(uv.fs_open(path .. ".none", "r", 0) == nil)
os.remove(path)

-- a pipe between a TCP server and a client
local server = uv.new_tcp()
server:bind("127.0.0.1", 0)
server:listen(8, function(err)
  assert(not err, err)
  local peer = uv.new_tcp()
  server:accept(peer)
  peer:read_start(function(e, chunk)
    if chunk then peer:write(chunk:upper()) else peer:close(); server:close() end
  end)
end)
local client = uv.new_tcp()
client:connect("127.0.0.1", server:getsockname().port, function(err)
  assert(not err, err)
  client:read_start(function(_, chunk) print("got", chunk); client:close() end)
  client:write "over tcp"
end)
uv.run()

-- a child process, its status and output
local out = uv.new_pipe(false)
local handle
handle = uv.spawn("sh", { args = { "-c", "echo child; exit 3" }, stdio = { nil, out, nil } }, function(code, signal)
  print("exit", code, signal)
  handle:close()
end)
local text = ""
out:read_start(function(_, chunk) if chunk then text = text .. chunk else out:close() end end)
uv.run()
io.write(text)

-- a thread with a Lua state of its own, and work for the pool
local worker = uv.new_work(function(n) local s = 0 for i = 1, n do s = s + i end return s end,
                           function(sum) print("sum", sum) end)
worker:queue(100000)
uv.run()
local thread = uv.new_thread(function(a, b) assert(a .. b == "ab") end, "a", "b")
print(thread:join())
local async
async = uv.new_async(function(x) print("async", x); async:close() end)
uv.new_thread(function(handle, v) handle:send(v) end, async, 42):join()
uv.run()
print(pcall(timer.start, timer, 1, 1))
print(pcall(uv.new_timer().start, {}, 1))
print(uv.os_getenv "NO_SUCH_VARIABLE_AT_ALL", uv.hrtime() > 0)
