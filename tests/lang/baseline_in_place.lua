-- arrays of all kinds, several shapes, lengths, iterations and calls as baseline code does them in place
local a={} for i=1,100 do a[i]=print end
local b={1,2,3} local c={1.5,2.5} local z={0,0,0,0}
local function set(t,i,v) t[i]=v end
local function get(t,i) return t[i] end
for r=1,300 do set(a,r%100+1,"x") set(a,r%100+1,print) set(a, r%100+1, 5) set(b,r%3+1,r) set(c,r%2+1,r+0.5) set(z,r%4+1,r/2) set(a,r%100+1,nil) set(a,r%100+1,r) set({},1,r) set(b,#b+1,r) end
set(b,2,"s") set(b,2,print) print(b[2]==print, get(b,1), get(b,5000), get(c,1), get(z,2), #b, get(a,7))
local mt=setmetatable({}, {__index=function(t,k) return k*2 end,__newindex=function(t,k,v) rawset(t,k,v*2) end})
for r=1,300 do set(mt,r,r) end print(get(mt,5),get(mt,1000))
local function f(o) return o.x, o.y end local function g(o,v) o.x=v end
local s=0 for r=1,3000 do local o = r%4==0 and {x=1,y=2} or r%4==1 and {y=1,x=3} or r%4==2 and {z=1,x=3} or {x=r} local x,y=f(o) s=s+x+(y or 0) g(o,r) s=s+o.x g(o,nil) s=s+(o.x and 1 or 0) end print(s)
local t={} for k,v in pairs{a=1,b=2,c=3} do t[#t+1]=k..v end table.sort(t) print(table.concat(t,","))
local n=0 for i,v in ipairs(b) do n=n+i end print(n)
print(pcall(function() for k in 5 do end end))
-- lengths, comparisons and lookups that are no fast path
local function len(x) return #x end
for r = 1, 300 do len("abc") len(("x"):rep(100)) len(b) end
print(len(""), len("four"), len(("x"):rep(1000)), len(b), pcall(len, 5))
local function less(x, y) if x < y then return 1 end return 0 end
for r = 1, 300 do less("a", "b") less(1, 2.5) end
print(less("a", "b"), less("b", "a"), less(1, 2), less(2.5, 1), pcall(less, 1, "x"))
-- a C function that turns hooks on; calls of several functions, with and without upvalues
local lines = 0
local function hooked(n)
  for i = 1, n do
    math.abs(i)
    if i == n // 2 then debug.sethook(function() lines = lines + 1 end, "l") end
  end
  debug.sethook()
end
for r = 1, 3 do lines = 0 hooked(200) print(lines) end
local function call(f, x) return f(x) end
local up = 0
local fs = {function(x) up = up + x return up end, math.abs, function(x) return -x end, string.gmatch("a b c d e f", "%a"), tostring, function() end}
for r = 1, 600 do call(fs[r % #fs + 1], r) end
print(call(fs[1], 1), call(fs[2], -2), call(fs[3], 3), call(fs[4]), call(fs[5], 5), call(fs[6]), pcall(call, nil))
-- a field that had never been read when the function was compiled
local function late(o, which) if which then return o.name end return 0 end
for r = 1, 300 do late({name = "n"}, false) end
for r = 1, 300 do late({name = "n" .. r % 3}, true) end
print(late({name = "last"}, true), late({}, true), pcall(late, nil, true))
