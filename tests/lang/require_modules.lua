-- require, package.loaded, preload, searchers, searchpath.
package.preload["mod.a"] = function(...)
  print("loading", ...)
  return {name = "a"}
end
local a = require "mod.a"
print(a.name, require("mod.a") == a, package.loaded["mod.a"] == a, select("#", require "mod.a"),
    select(2, require "mod.a"))
package.preload.noresult = function() end
print(require "noresult", package.loaded.noresult)
package.preload.setsloaded = function(n) package.loaded[n] = "set by itself" end
print(require "setsloaded")
package.preload.falsy = function() return false end
print(require "falsy", require "falsy")
package.preload.fails = function() error("cannot load", 0) end
print(pcall(require, "fails"))
print(package.loaded.fails)
local saved = package.path
package.path = "./?.none;./?/x.none"
package.cpath = ""
print(select(2, pcall(require, "no.such.mod")))
print(package.searchpath("a.b", "./?.x;/q/?.y"))
print(package.searchpath("a-b", "./?.x", "-", "+"))
package.path = 5 == 5 and nil or 1
print(pcall(require, "anything"))
package.path = saved
print(package.config:sub(1, 1), #package.searchers, package.loaded._G == _G,
    package.loaded.string == string, require "string" == string)
table.insert(package.searchers, 2, function(n)
  if n == "virtual" then
    return function(name, extra) return {name, extra} end, "extra data"
  end
  return "\n\tno virtual '" .. n .. "'"
end)
local v, e = require "virtual"
print(v[1], v[2], e)
package.loaded["mod.a"] = nil
print(require("mod.a") == a)
print(pcall(require))
print(pcall(require, {}))
package.searchers = nil
print(pcall(require, "q"))
