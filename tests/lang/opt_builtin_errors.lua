-- What inlined library functions do not cover is done by the functions themselves, with their messages and traces.
local function traced(f, ...)
  local ok, m = xpcall(f, debug.traceback, ...)
  return ok, (tostring(m):gsub("\n%s*%[C%]: in %?.*", ""))
end

local function floor(x) local r = math.floor(x) return r end
local function byte(s, i) local r = s:byte(i) return r end
local function byte_of(s, i) local r = string.byte(s, i) return r end
local function len(s) local r = string.len(s) return r end
local function check(x, m) local a, b = assert(x, m) return a, b end
local function steps(t) local n = 0 for i, v in ipairs(t) do n = n + v end return n end
local function keys(t) local n = 0 for k, v in pairs(t) do n = n + v end return n end

for i = 1, 200 do
  floor(i + 0.5) byte("abc", 2) byte_of("abc", 1) len("abc") check(i, "m") steps {1, 2, 3} keys {1, 2, a = 3}
end

print(traced(floor, "x")) print(traced(floor)) print(traced(floor, {}))
print(floor("12.5"), floor(1e300))
print(byte("abc", 3), byte("abc", -1), byte("abc", 4), byte("abc", 0), byte("", 1), byte("abc"))
print(traced(byte, {}, 1)) print(traced(byte, "abc", {})) print(byte("abc", "2"), byte("abc", 2.0))
print(traced(byte, "abc", 2.5)) print(byte(("x"):rep(100), 77)) print(byte_of(123, 2)) print(traced(byte_of))
print(len(1234), len(("y"):rep(1000)), len("")) print(traced(len, true))
print(check(false == false, 2)) print(traced(check, nil, "gone")) print(traced(check, false)) print((traced(check, nil, setmetatable({}, {__tostring = function() return "odd" end}))))
print(steps {}, steps {4, 5, nil, 6}, steps {1.5, 2.5}, steps {1, 2.5, 3})
print(traced(steps, 5)) print(traced(steps)) print(traced(steps, {1, "x"}))
print(steps(setmetatable({1, 2}, {__index = function(_, i) if i < 6 then return 10 end end})))
print(steps(setmetatable({}, {__index = {7, 8, 9}})))
print(keys {}, keys {10, nil, 30}, keys {x = 1, y = 2})
print(traced(keys, 5)) print(traced(keys))
print(keys(setmetatable({1}, {__pairs = function() return next, {5, 6}, nil end})))
print(keys(setmetatable({1, 2}, {})))
print(traced(function() local t = {1, 2, 3} for k in next, t, 77 do end end))

-- libraries changed while loops run
local function replace(n)
  local s = 0
  for i = 1, n do
    if i == 150 then string.byte = function() return 1000 end end
    s = s + string.byte("a", 1)
  end
  return s
end
local real = string.byte
print(replace(100), replace(200))
string.byte = real
print(replace(100))

-- methods of strings
local function method(s, i) return s:byte(i) end
for i = 1, 100 do method("abc", 1) end
local mt = getmetatable("")
local index = mt.__index
mt.__index = function(s, k) return function(_, i) return k .. i .. s end end
print(method("abc", 1))
mt.__index = index
print(method("abc", 1))
mt.__index = nil
print(pcall(method, "abc", 1))
mt.__index = index
print(method("abc", 2))

-- tail calls, dropped and missing results
local function tail(x) return math.floor(x) end
local function dropped(x) math.floor(x) return x end
local function three(x) local a, b, c = math.floor(x) return a, b, c end
for i = 1, 100 do tail(i / 2) dropped(i / 2) three(i / 2) end
print(tail(7.9), dropped(7.9), three(7.9))
print((select("#", tail(1.5))), select("#", three(1.5)))
print(traced(tail, "z"))
print(traced(function() return 1 + tail({}) end))
