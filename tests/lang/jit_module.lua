-- require "jit": what holds in every tier, in builds without compilers, and whatever is switched off by options.
print(jit, package.preload.jit, #package.searchers)
local jit, where = require "jit"
print(type(jit), where, require "jit" == jit, package.loaded.jit == jit, rawget(_G, "jit"))
print(jit.version:match("^Perigee %d+%.%d+%.%d+$") ~= nil, type(jit.os), type(jit.arch))

local names = {}
for name, value in pairs(jit) do names[#names + 1] = name .. ":" .. type(value) end
table.sort(names)
print(table.concat(names, " "))

local tiers = {interpreter = 0, baseline = 1, optimizing = 2}
local function sum(n)
  local s = 0
  for i = 1, n do s = s + i end
  return s
end
local function facts(f)
  local installed, wanted = jit.tier(f)
  assert(tiers[installed] and tiers[wanted] and tiers[wanted] >= tiers[installed])
  assert(type(jit.why(f)) == "string" and jit.why(f) ~= "")
  return installed
end

print("-- compile")
local function compile(f, tier)
  local ok, why, status = jit.compile(f, tier)
  if ok then
    assert(ok == true and why == nil and tiers[facts(f)] >= tiers[tier or "optimizing"])
  else
    assert(ok == nil and type(why) == "string")
    assert(status == "disabled" or status == "compilation failed" or status == "limit reached", status)
  end
end
print(sum(100))
compile(sum, "baseline")
print(sum(100))
compile(sum)
print(sum(1000), sum(0), sum(10.0), pcall(sum))

print("-- off and on")
jit.off(sum)
print(facts(sum), jit.why(sum))
print((select(3, jit.compile(sum))))
for i = 1, 500 do assert(sum(10) == 55) end
print(facts(sum))
jit.on(sum)
for i = 1, 500 do assert(sum(10) == 55) end
facts(sum)

print("-- off with what is nested")
local function outer()
  local function inner() return function() return 1 end end
  return inner
end
local inner, innermost = outer(), outer()()
jit.off(outer)
print(jit.why(outer) == jit.why(inner))
jit.off(outer, true)
print(jit.why(outer) == jit.why(inner), jit.why(inner) == jit.why(innermost))
jit.on(outer, true)
print(jit.why(outer) == "compiling it was switched off by the host or by jit.off")

print("-- the calling function, amid its loop")
local function changes(n)
  local t = {}
  for i = 1, n do
    t[#t + 1] = i * 2
    if i == n // 3 then jit.off(true) end
    if i == n // 2 then jit.on(true) end
    if i == n - 5 then jit.flush(true) end
  end
  return #t, t[#t]
end
for i = 1, 5 do changes(100) end
print(changes(3000))

print("-- the state")
local was = jit.status()
jit.off()
print((jit.status()), facts(changes))
for i = 1, 300 do assert(sum(10) == 55) end
print(facts(sum), (select(3, jit.compile(sum))))
jit.on()
print((jit.status()) == was)
jit.flush()
print(facts(sum), changes(3000))
jit.flush(sum)
jit.flush(nil)

print("-- thresholds")
local b, o = jit.thresholds()
print(math.type(b), math.type(o), b <= o)
print(select("#", jit.thresholds(7, 9)), jit.thresholds())
jit.thresholds(b, o)
print(select("#", jit.thresholds()))

print("-- stats")
local s = jit.stats()
for _, name in ipairs {"functions", "uses", "waiting", "codes_freed", "codes_lost"} do assert(math.type(s[name]) == "integer", name) end
for tier in pairs(tiers) do assert(math.type(s[tier].functions) == "integer") end
assert(math.type(s.start_ms) == "float" and math.type(s.baseline.compile_ms) == "float")
print(s.interpreter.functions + s.baseline.functions + s.optimizing.functions == s.functions, s.functions > 5, s.uses > 1000)
print(type(s.ends), type(s.deoptimisations), s.interpreter.compiled)

print("-- errors")
print(pcall(jit.on, 1))
print(pcall(jit.off, "f"))
print(pcall(jit.off, false))
print(pcall(jit.flush, print))
print(pcall(jit.on, true))
print(pcall(jit.tier))
print(pcall(jit.tier, print))
print(pcall(jit.why, {}))
print(pcall(jit.compile, nil))
print(pcall(jit.compile, sum, "turbo"))
print(pcall(jit.compile, sum, "interpreter"))
print(pcall(jit.thresholds, 0, 1))
print(pcall(jit.thresholds, 5, 4))
print(pcall(jit.thresholds, 5))
print(pcall(jit.thresholds, "a", 4))
print(pcall(jit.thresholds, 1.5, 4))

print("-- a module of the program's own goes first")
package.loaded.jit = nil
package.preload.jit = function(...) return {own = table.concat({...}, " ")} end
print((require "jit").own)
package.loaded.jit, package.preload.jit = nil, nil
print(require "jit" == jit, (require "jit").version == jit.version)
package.loaded.jit = nil
local searchers = package.searchers
package.searchers = {searchers[1], searchers[2]}
print((pcall(require, "jit")))
package.searchers = searchers
print((pcall(require, "jit.util")))
