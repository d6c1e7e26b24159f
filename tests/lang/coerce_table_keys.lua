-- Float keys with integer values are the integer keys; strings are not.
local t = {}
t[1.0] = "a" t[2] = "b" t["1"] = "c" t[2 ^ 53] = "d" t[-0.0] = "z"
print(t[1], t[2.0], t["1"], t[1 << 53], t[0], t[0.0], rawget(t, -0.0))
for k in pairs({[3.0] = 1}) do print(k, math.type(k)) end
t[1.5] = "half"
print(t[1.5], t[3 / 2], t[1])
t[2 ^ 63] = "too large for an integer"
print(t[2 ^ 63], t[math.mininteger], t[-2 ^ 63])
print(pcall(function() t[0 / 0] = 1 end))
print(pcall(function() t[nil] = 1 end))
print(t[0 / 0], t[nil])
print(pcall(rawset, t, nil, 1))
print(pcall(rawset, t, 0 / 0, 1))
print(pcall(next, {}, 1))
print(pcall(next, {}, nil))
local u = {}
for i = 1, 1000 do u[i + 0.0] = i end
local s = 0
for i = 1, 1000 do s = s + u[i] end
print(#u, s, u[500.0], u["500"], u[500.5])
for i = 1, 1000, 1.0 do u[i] = nil end
print(next(u))
local h = math.huge
u[h] = 1 u[-h] = 2
print(u[math.huge], u[-math.huge], u[1e308 * 10])
