-- Recursion 190,000 deep, straight, through pcall, and in a coroutine; then the overflow that ends an endless one.
local function depth(n) if n == 0 then return 0 end return 1 + depth(n - 1) end
local function catching(n) if n == 0 then return 0 end return 1 + select(2, pcall(catching, n - 1)) end
print("recursion", depth(190000), catching(150), select(2, coroutine.resume(coroutine.create(depth), 190000)))
local function endless() return 1 + endless() end
local ok, message = pcall(endless)
print(ok, (message:gsub("^.-:%d+: ", ""):match("^stack overflow")))
local parts = {}
for i = 1, 20 do parts[i] = depth(9000 * i) end
print(#parts, parts[20])
