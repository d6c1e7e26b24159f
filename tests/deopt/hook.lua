-- deopt: hook installed, count 1 to 10
-- (frames in optimised code are interpreted while a hook is on, and see every line)
local lines = 0
local function count() lines = lines + 1 end
local function work(n, hooked, hook)
  local s = 0
  for i = 1, n do
    if i == hooked then debug.sethook(hook, "l") end
    s = s + i
  end
  debug.sethook()
  return s
end
for i = 1, 200 do assert(work(100, 50, nil) == 5050) end
assert(work(100, 50, count) == 5050)
assert(lines > 100 and lines < 200, lines)
print("ok")
