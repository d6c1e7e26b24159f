-- debug.getlocal shows variables in scope that nobody reads any more, in every tier.
local function show() local t = {} for n = 1, 9 do local k, v = debug.getlocal(2, n) if not k then break end t[#t+1] = k .. "=" .. tostring(v) end return table.concat(t, " ") end
local function f(a, b) local x = a + b; local y = x * 2; local s = show() if y < 0 then return x end return s end
for i = 1, 3000 do local s = f(i, 1) if s ~= "a=" .. i .. " b=1 x=" .. (i+1) .. " y=" .. (2*i+2) then print("BAD", i, s) break end end
print(f(3, 4))
