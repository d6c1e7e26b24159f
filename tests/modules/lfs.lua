-- needs: lfs (lua-filesystem)
local lfs = require "lfs"
print(lfs._VERSION)
local base = os.tmpname()
os.remove(base)
local function show(...) -- the temporary name differs between runs
  local out = table.pack(...)
  for i = 1, out.n do out[i] = tostring(out[i]):gsub(base:gsub("%p", "%%%0"), "BASE") end
  print(table.unpack(out, 1, out.n))
end
show(lfs.mkdir(base))
show(lfs.mkdir(base))
local here = lfs.currentdir()
show(lfs.chdir(base), lfs.currentdir())
for i = 3, 1, -1 do local f <close> = io.open("f" .. i, "w"); f:write(("x"):rep(i)) end
lfs.mkdir "sub"
lfs.link("f1", "soft", true)
local names = {}
for name, dir in lfs.dir "." do names[#names + 1] = name; assert(type(dir) == "userdata" or dir == nil) end
table.sort(names)
show(table.concat(names, " "))
for _, name in ipairs(names) do
  if name ~= ".." then show(name, lfs.attributes(name, "mode"), name:find "^f" and lfs.attributes(name, "size")) end
end
show(lfs.symlinkattributes("soft", "mode"), lfs.symlinkattributes("soft").target)
show(lfs.attributes("missing"))
show(pcall(lfs.attributes, "f2", "nonsense"))
show(pcall(lfs.dir, "nowhere"))
show(lfs.touch("f3", 1000, 2000), lfs.attributes("f3", "modification"), lfs.attributes("f3", "access"))

-- its functions take the files of io, and lock them
local f = io.open("f1", "r+")
show(lfs.lock(f, "w"), lfs.unlock(f))
f:close()
show(pcall(lfs.lock, f, "w"))
show(pcall(lfs.lock, {}, "w"))
show(lfs.setmode(io.stdout, "binary"))
local lock = lfs.lock_dir(base)
show(type(lock), lfs.lock_dir(base))
lock:free()

-- an iterator closed by the generic for, and one by hand
for name in lfs.dir "." do if name then break end end
local _, dir = lfs.dir "."
show(type(dir:next()))
dir:close()
show(pcall(dir.next, dir))
for _, name in ipairs { "f1", "f2", "f3", "soft" } do os.remove(name) end
show(lfs.rmdir "sub", lfs.chdir(here), lfs.rmdir(base), lfs.rmdir(base))
