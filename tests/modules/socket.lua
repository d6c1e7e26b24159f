-- needs: socket (lua-socket)
local socket, ltn12, mime, url = require "socket", require "ltn12", require "mime", require "socket.url"
print(socket._VERSION, type(socket.gettime()))

-- an echo server and its client as two coroutines over one select loop
local server = assert(socket.bind("127.0.0.1", 0))
server:settimeout(0)
local ip, port = server:getsockname()
print(ip, port ~= nil)
local function serve()
  local c
  repeat c = server:accept(); if not c then coroutine.yield(server) end until c
  c:settimeout(0)
  local partial = ""
  while true do
    local line, err, rest = c:receive("*l", partial)
    if line then
      partial = ""
      c:send("echo " .. line .. "\n")
    elseif err == "closed" then break
    else partial = rest; coroutine.yield(c) end
  end
  c:close()
  return "server done"
end
local co = coroutine.create(serve)
local client = assert(socket.connect("127.0.0.1", port))
client:settimeout(0.2)
for i, text in ipairs { "one", "two words", ("long"):rep(5000) } do
  client:send(text .. "\n")
  local got, _, partial
  repeat
    assert(coroutine.resume(co))
    got, _, partial = client:receive("*l", partial)
  until got
  print(i, #got, got:sub(1, 20))
end
print(client:receive "*l")
client:close()
repeat local ok, what = coroutine.resume(co) until coroutine.status(co) == "dead"
print(client:send "x")
print(socket.connect("127.0.0.1", 1))
print(pcall(client.receive, client, "nonsense"))
print(pcall(client.settimeout, {}, 1))

-- socket.protect and its finalizers, which raise tables through pcall
local finalized
local safe = socket.protect(function(x)
  local try = socket.newtry(function() finalized = true end)
  return try(x, "refused")
end)
print(safe(5), finalized)
print(safe(nil))
print(finalized)
print(pcall(socket.protect(function() error("other error", 0) end)))

-- filters and sinks
local out = {}
ltn12.pump.all(ltn12.source.chain(ltn12.source.string(("Perigee "):rep(40)), mime.encode "base64"), (ltn12.sink.table(out)))
local text = table.concat(out)
print(#text, text:sub(1, 24), mime.unb64(text):sub(1, 16))
print((mime.qp "é=\t x"), mime.eol(0, "a\nb\r\nc"))
print(url.escape "a b/ü", url.parse("http://u@h:8/p;q?r#f").port, url.absolute("http://a/b/c", "../d"))
local udp = socket.udp()
udp:setsockname("127.0.0.1", 0)
local _, p = udp:getsockname()
print(udp:sendto("datagram", "127.0.0.1", p), (udp:receive()))
udp:settimeout(0)
print(udp:receive())
local readable, writable, why = socket.select({ udp }, nil, 0)
print(#readable, #writable, why)
