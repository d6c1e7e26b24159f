-- rawget, rawset, rawequal and rawlen never call metamethods.
local log = 0
local function hit() log = log + 1 return 1 end
local t = setmetatable({}, {__index = hit, __newindex = hit, __eq = hit, __len = hit})
print(rawget(t, "x"), rawset(t, "y", 2) == t, rawlen(t), rawequal(t, setmetatable({},
    getmetatable(t))), t.y, log)
local _ = t.z
t.w = 1
local _ = #t
local _ = t == setmetatable({}, getmetatable(t))
print(log)
for _, f in ipairs{function()
  rawget(1, 2)
end, function()
  rawset({})
end, function()
  rawset(1, 2, 3)
end, function()
  rawequal(1)
end, function()
  rawlen()
end, function()
  rawlen(5)
end, function()
  rawget({})
end, function()
  rawset({}, nil, 1)
end} do
  print(select(2, pcall(f)))
end
local n = 0
for i = 1, 2000 do rawset(t, i, i) n = n + rawget(t, i) end
print(n, log, rawlen(t))
print(rawequal("a" .. "b", "ab"), rawequal(2, 2.0), rawequal(nil, false), rawequal(0 / 0, 0 / 0))
print(rawget(t, 1.0), rawget(t, "1"))
print(next({}, nil), next({5}))
print(type(next), pcall(next, {}, "absent"))
print(pcall(type))
print(type(nil))
