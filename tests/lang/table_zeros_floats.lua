-- Arrays begun with integer zeros and overwritten by floats: every state on the way reads back as it was written.
local function zeros(n) local t = {} for i = 1, n do t[i] = 0 end return t end
local function types(t)
  local r = {}
  for i = 1, #t do r[i] = math.type(t[i]) == "integer" and "i" or math.type(t[i]) == "float" and "f" or "-" end
  return table.concat(r)
end
local t = zeros(5)
for i = 1, 5 do t[i] = i / 2 print(types(t), #t) end
t[6] = 7.5 t[7] = 3 print(types(t), #t, t[7])
t = zeros(4) t[2] = 0.5 t[5] = 1 print(types(t), #t)
t = zeros(4) t[2] = 0.5 t[3] = 4 print(types(t), t[3])
t = zeros(4) t[2] = 0.5 t[4] = nil print(types(t), #t)
t = zeros(4) t[2] = 0.5 t[2] = nil print(t[1], t[2], t[3], t[4])
t = zeros(4) t[2] = 0.5 t[2] = 1.5 t[2] = 0 print(types(t))
t = zeros(4) t[2] = 0.5 table.insert(t, 1, 9) table.remove(t, 3) print(types(t), t[1], t[2])
t = zeros(4) t[2] = 0.5 table.insert(t, 2.5) print(types(t), t[5])
t = zeros(3) t[1] = "x" print(t[1], types(t))
t = zeros(3) t[1] = 0.0 t[2] = -0.0 t[3] = 0.0 print(types(t), 1 / t[2])
t = zeros(4) t[3] = 2.5
for k, v in pairs(t) do io.write(k, "=", v, " ") end
for k, v in ipairs(t) do io.write(k, "=", v, " ") end
print(table.concat(t, ","), table.unpack(t))
t = zeros(4) t[4] = 0.25 print(next(t, 3)) table.sort(t) print(table.concat(t, " "))
t = zeros(100) for i = 100, 1, -1 do t[i] = i * 0.5 end
local s = 0 for i = 1, #t do s = s + t[i] end print(s, #t)
t = zeros(64) for i = 1, 64, 2 do t[i] = 0.5 end t[65] = {} collectgarbage() print(#t, types(t):sub(1, 8), type(t[65]))
t = zeros(8) t[1] = 1.5 for i = 9, 40 do t[i] = i end print(#t, types(t))
print(table.concat(table.move(zeros(3), 1, 3, 2, {0.5, 0.5}), " "))
