-- Unary minus, not, length and bitwise not over all types.
print(-0, -0.0, -(0), - -5, -math.mininteger, -"2", -"0x10", -"1e1", -" 3 ")
print(not nil, not false, not 0, not "", not {}, not print)
print(#"", #"abc", #"a\0b", #{}, #{1, 2, 3}, #{n = 1})
print(~0, ~1, ~-1, ~math.maxinteger, ~2.0, ~-7.0)
for _, f in ipairs{function()
  return -{}
end, function()
  return -"x"
end, function()
  return ~1.5
end, function()
  return ~"a"
end, function()
  return #5
end, function()
  return #nil
end, function()
  return -nil
end, function()
  return ~{}
end, function()
  return ~1e100
end, function()
  return ~"3"
end} do
  print(pcall(f))
end
local n, b, l = 0, 0, 0
local s = "xyz"
for i = 1, 5000 do
  n = -n + i
  b = ~b ~ i
  l = l + #s
end
print(n, b, l)
local neg = 0.0
for i = 1, 1001 do neg = -neg end
print(neg, 1 / neg)
