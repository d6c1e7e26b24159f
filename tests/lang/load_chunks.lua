-- load: strings, functions, modes, environments, names, results.
print(load("return 1, 2")())
print(load("syntax error here"))
print(load("return x", "c", "t", {x = 5})())
print(load("x = 1; return _ENV", "c", "t", {})().x)
local parts = {"return ", "10", " + ", "5", nil}
local i = 0
print(load(function() i = i + 1 return parts[i] end)())
i = 0
local bits = {"re", "turn ", "'", "spl", "it'", ""}
print(load(function() i = i + 1 return bits[i] end)())
print(pcall(load, function() return {} end))
print(pcall(load, function() error("reader", 0) end))
print(load(function() return nil end) ~= nil)
print(load("return ...", "c")(1, 2, 3))
print(load("\27bad", "c", "t"))
print(load("return 1", "c", "b"))
print(load(string.dump(function() return 7 end), "c", "b")())
print(load(string.dump(function() return 7 end), "c", "t"))
print(load("\27Lua garbage", "bin", "b"))
print(pcall(load, 5))
print(pcall(load))
print(pcall(load, "x", {}))
print(load("error('x')", "=name") and pcall(load("error('x')", "=name")))
print(pcall(load("error('x')", "@file.lua")))
print(pcall(load("error('x')", "some code\nlines")))
print(pcall(load("\n\nerror('x')", "=l")))
local n = 0
for k = 1, 300 do n = n + load("return " .. k .. " * 2")() end
print(n)
local f = load("local a <const> = ... ; return function() return a end")
print(f(1)(), f(2)())
print(load("a b") == nil, select(2, load("a b")), select(2, load("for", "=x")), select(2,
    load("x =", "@long/file/name.lua")))
print(dofile == nil, pcall(dofile, "no_such_file.lua"))
print(loadfile("no_such_file.lua"))
print(load("goto x"), load("break"))
print(load("return " .. ("("):rep(100) .. "1" .. (")"):rep(100))())
print((load("return " .. ("("):rep(300) .. "1" .. (")"):rep(300))))
