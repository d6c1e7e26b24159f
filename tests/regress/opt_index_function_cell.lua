-- A read through an __index function, compiled while its cache said so; the cache then learns
-- another shape, and the compiled code is entered again with the first one.
local proxy = setmetatable({}, { __index = function(_, key) return key .. "!" end })
local plain = { a = 1, x = "own" }
local function get(t) return t.x end
local function run(t, n)
  local s = 0
  for _ = 1, n do s = s + #get(t) end
  return s
end
print(run(proxy, 3000))
print(run(plain, 50))
print(run(proxy, 3000))
for i = 1, 200 do
  if run(i % 3 == 0 and plain or proxy, 3) ~= (i % 3 == 0 and 9 or 6) then print("wrong", i) end
end
-- and a store through a __newindex function
local log = 0
local sink = setmetatable({}, { __newindex = function(_, _, v) log = log + v end })
local function put(t, v) t.x = v end
for i = 1, 3000 do put(sink, 1) end
put({ x = 0 }, 1) put({ x = 0 }, 1) put({}, 1)
for i = 1, 3000 do put(sink, 1) end
print(log)
