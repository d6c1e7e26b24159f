-- Each iteration has its own variables; closures of one iteration share them.
local fs = {}
for i = 1, 3 do fs[i] = {get = function() return i end, set = function(v) i = v end} end
fs[2].set(20)
print(fs[1].get(), fs[2].get(), fs[3].get())
local ws = {}
local n = 0
while n < 3 do n = n + 1 local m = n ws[n] = function() m = m + n return m end end
print(ws[1](), ws[2](), ws[3](), ws[1]())
local ps = {}
for k, v in ipairs{"a", "b", "c"} do ps[k] = function() return k .. v end end
print(ps[1](), ps[2](), ps[3]())
local shared = {}
do local c = 0 for i = 1, 3 do shared[i] = function() c = c + i return c end end end
print(shared[1](), shared[2](), shared[3](), shared[1]())
local bs = {}
for i = 1, 10 do bs[i] = function() return i end if i == 4 then break end end
print(#bs, bs[4]())
local sum = 0
for i = 1, 3000 do
  local a = i
  local inc = function() a = a + 1 end
  inc() inc()
  sum = sum + a
end
print(sum)
