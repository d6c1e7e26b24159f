-- Reserved words are reserved; near misses are names.
local And, END, _, __, _1, a1b2, goto_, If = 1, 2, 3, 4, 5, 6, 7, 8
print(And, END, _, __, _1, a1b2, goto_, If)
for word in ([[and break do else elseif end false for function goto if in local nil not or
    repeat return then true until while]]):gmatch("%a+") do
  local asName = load("local " .. word .. " = 1")
  local asField = load("local t = {} t." .. word .. " = 1")
  local asKey = load("return {['" .. word .. "'] = 1}")
  print(word, asName, asField, asKey ~= nil)
end
local const, close = 1, 2       -- attribute names are not reserved
print(const + close)
local t = {const = 1, close = 2}
print(t.const, t.close)
print(load("local caf\xe9 = 1"))
