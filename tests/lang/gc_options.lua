-- collectgarbage: options, results, modes.
print(collectgarbage(), collectgarbage("collect"), collectgarbage("isrunning"))
print(collectgarbage("stop"), collectgarbage("isrunning"), collectgarbage("restart"),
    collectgarbage("isrunning"))
print(type(collectgarbage("count")), math.type(collectgarbage("count")),
    collectgarbage("count") > 0)
print(collectgarbage("generational"), collectgarbage("incremental"), collectgarbage("incremental"))
print(type(collectgarbage("step")), collectgarbage("step", 100000))
local p = collectgarbage("setpause", 160)
print(collectgarbage("setpause", p))
local m = collectgarbage("setstepmul", 300)
print(collectgarbage("setstepmul", m))
print(pcall(collectgarbage, "bad"))
print(pcall(collectgarbage, {}))
print(pcall(collectgarbage, "step", "x"))
local function work()
  local s = 0
  for i = 1, 3000 do local t = {i, {i}} s = s + t[1] + t[2][1] end
  return s
end
for _, mode in ipairs{"generational", "incremental"} do
  collectgarbage(mode)
  print(mode, work())
  collectgarbage()
end
collectgarbage("incremental", 100, 200, 10)
print(work())
collectgarbage("generational", 20, 100)
print(work())
collectgarbage("incremental")
local before = collectgarbage("count")
local big = {}
for i = 1, 20000 do big[i] = {i} end
local during = collectgarbage("count")
big = nil
collectgarbage()
print(during > before + 500, collectgarbage("count") < during - 500)
collectgarbage("stop")
local t = setmetatable({}, {__mode = "v"})
t[1] = {}
for i = 1, 1000 do local x = {} end
collectgarbage("restart")
collectgarbage()
print(t[1])
