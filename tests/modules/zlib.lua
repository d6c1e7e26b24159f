-- needs: zlib (lua-zlib)
local zlib = require "zlib"
local text = ("a line of text that repeats, "):rep(2000)
local deflated, eof, bytes_in, bytes_out = zlib.deflate()(text, "finish")
print(#deflated < #text / 50, eof, bytes_in, bytes_out == #deflated)
print(zlib.inflate()(deflated) == text)
local stream, out = zlib.deflate(9), {}
for i = 1, 100 do out[#out + 1] = stream("piece " .. i .. ";") end
out[#out + 1] = stream "" or ""
out[#out + 1] = stream("", "finish")
local back = zlib.inflate()(table.concat(out))
print(#back, back:sub(-10))
print(pcall(zlib.inflate(), "not compressed"))
print(zlib.crc32()("perigee"), zlib.adler32()("perigee"))
local parts, inflate = {}, zlib.inflate()
for i = 1, #deflated, 7 do parts[#parts + 1] = (inflate(deflated:sub(i, i + 6))) end
print(table.concat(parts) == text)
print(pcall(inflate, {}))
