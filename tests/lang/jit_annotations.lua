-- What editors know of require "jit" is what there is: each function and field of the module is annotated, and nothing else is.
local jit = require "jit"
local file = assert(io.open("../../share/perigee/library/jit.lua"))
local text = file:read("a")
file:close()

local annotated = {}
local class = text:match("%-%-%-@class jitlib\n(.-)\nlocal jit = {}")
for name in class:gmatch("%-%-%-@field (%w+) ") do annotated[name] = "string" end
for name, parameters in text:gmatch("\nfunction jit%.(%w+)%(([^)]*)%) end") do
  annotated[name] = "function"
  local above = text:sub(1, text:find("\nfunction jit." .. name .. "(", 1, true)):match(".*\n\n(.*)") -- its comment
  assert(above:find("^%-%-%-%u"), name .. " has no description")
  for parameter in parameters:gmatch("%w+") do
    assert(above:find("%-%-%-@param " .. parameter .. "%?? "), name .. ": " .. parameter)
  end
end
for name, value in pairs(jit) do assert(annotated[name] == type(value), "not annotated: " .. name) end
for name, kind in pairs(annotated) do assert(type(jit[name]) == kind, "not in the module: " .. name) end

-- the members of jit.stats() likewise
local function members(class)
  local found = {}
  for name, optional in text:match("%-%-%-@class " .. class .. "\n(.-)\n\n"):gmatch("%-%-%-@field ([%w_]+)(%??) ") do found[name] = optional == "" end
  return found
end
local function compare(class, t)
  local known = members(class)
  for name in pairs(t) do assert(known[name] ~= nil, class .. " lacks " .. name) end
  for name, required in pairs(known) do assert(not required or t[name] ~= nil, class .. " has no " .. name) end
end
local stats = jit.stats()
compare("jit%.stats", stats)
for _, tier in ipairs {"interpreter", "baseline", "optimizing"} do compare("jit%.tierstats", stats[tier]) end
for name in pairs(stats.baseline) do assert(members("jit%.tierstats")[name] ~= nil) end

assert(load(text, "=jit.lua"))
local count = 0
for _ in pairs(annotated) do count = count + 1 end
print(count, "all annotated")
