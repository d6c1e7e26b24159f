-- assert: results, messages, error values.
print(assert(1, 2, 3))
print(pcall(assert, false))
print(pcall(assert, nil, "message"))
print(pcall(assert, false, {1}) == false)
print(pcall(assert))
print(pcall(assert, nil, nil))
local t = {}
print(select(2, pcall(assert, false, t)) == t)
print(pcall(assert, false, 42))
print(select("#", assert(true, nil, nil)))
print(pcall(function() assert(1 == 2, "one is not " .. 2) end))
print(pcall(function() assert(false) end))
local n = 0
for i = 1, 3000 do n = n + assert(i) end
print(n)
print(assert(load("return 5"))())
print(pcall(function() assert(load("x =")) end))
print(pcall(function() assert(io.open("no/such/file")) end))
