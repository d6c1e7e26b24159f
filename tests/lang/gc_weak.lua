-- Weak tables: keys, values, both; strings and numbers stay; ephemerons.
local function count(t)
  local n = 0
  for _ in pairs(t) do n = n + 1 end
  return n
end
local wv = setmetatable({}, {__mode = "v"})
local keep = {}
for i = 1, 50 do wv[i] = {} wv["k" .. i] = keep end
wv.num = 5
wv.str = "string" .. 1
collectgarbage()
collectgarbage()
print(count(wv), wv.num, wv.str, wv.k1 == keep, wv[1])
local wk = setmetatable({}, {__mode = "k"})
for i = 1, 50 do wk[{}] = i end
wk[keep] = "kept"
wk[1] = {}
wk.s = {}
collectgarbage()
print(count(wk), wk[keep], type(wk[1]))
local wkv = setmetatable({}, {__mode = "kv"})
wkv[{}] = keep
wkv[keep] = {}
wkv[1] = keep
collectgarbage()
print(count(wkv))
local e = setmetatable({}, {__mode = "k"})
do
  local a = {}
  e[a] = {ref = a}
  for i = 1, 20 do local k = {} e[k] = {k} end
end
collectgarbage()
print(count(e))
local chain = setmetatable({}, {__mode = "k"})
local head = {}
local k = head
for i = 1, 100 do
  local n = {}
  chain[k] = n
  k = n
end
k = nil
collectgarbage()
print(count(chain))
head = nil
collectgarbage()
print(count(chain))
local cache = setmetatable({}, {__mode = "v"})
local function get(n)
  local v = cache[n]
  if not v then v = {n = n} cache[n] = v end
  return v
end
local s = 0
for i = 1, 3000 do s = s + get(i % 7).n end
print(s)
local mt = {}
local late = setmetatable({}, mt)
late[1] = {}
mt.__mode = "v"
collectgarbage()
print(late[1])
mt.__mode = nil
late[1] = {}
collectgarbage()
print(type(late[1]))
local f = setmetatable({}, {__mode = "k"})
f[function() return keep end] = 1
f[print] = 2
collectgarbage()
print(count(f), f[print])
