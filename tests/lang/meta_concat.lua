-- __concat: right associativity, mixed runs, numbers.
local mt = {}
mt.__concat = function(a, b)
  local function s(v) return type(v) == "table" and v.s or "'" .. v .. "'" end
  return setmetatable({s = "(" .. s(a) .. ".." .. s(b) .. ")"}, mt)
end
local x = setmetatable({s = "x"}, mt)
print((x .. "a").s, ("a" .. x).s, (x .. x).s, (1 .. x).s, (x .. 1.5).s)
print(("a" .. "b" .. x).s, (x .. "a" .. "b").s, ("a" .. x .. "b").s, ("a" .. "b" .. x .. "c" ..
    "d").s, (1 .. 2 .. x .. 3 .. 4).s)
print(pcall(function() return {} .. "a" end))
print(pcall(function() return "a" .. {} end))
print(pcall(function() return nil .. "a" end))
print(pcall(function() local t = {} return "a" .. t.x .. "b" end))
print(pcall(function() return 1 .. true end))
local n = setmetatable({}, {__concat = function(a, b)
  return type(a) == "table" and #tostring(b) or #tostring(a)
end})
print(n .. "abc", "abcd" .. n, "a" .. "b" .. n, n .. "a" .. "b")
local total = 0
for i = 1, 3000 do total = total + (n .. i) + ("ab" .. n) end
print(total)
local s = ""
for i = 1, 500 do s = s .. i .. "," end
print(#s)
local r = ""
for i = 1, 300 do r = i .. r end
print(#r, r:sub(1, 12))
print("" .. "", "" .. 1, 1 .. "", 1 .. 2, "a" .. 1 .. 2.0 .. -0.0)
local t = setmetatable({}, {__concat = function(a, b) return nil end})
print(t .. "x", "x" .. t)
