-- Malformed statements. \N stands for a line break, \$XX for a byte.
local function run(chunks)
  for chunk in chunks:gmatch("[^\n]+") do
    chunk = chunk:gsub("\\N", "\n"):gsub("\\%$(%x%x)", function(h) return string.char(tonumber(h, 16)) end)
    local f, message = load(chunk, "=s")
    print((chunk:gsub("[^\n\32-\126]", "?"):gsub("\n", "\\N")) .. "  -->  " .. (f and "compiles" or message))
  end
end

run [=====[
=
x
x =
x = =
x y
x = 1 2
x = 1 y = 2 z
x, = 1
x, y
x, y = 
x, 1 = 2
, x = 1
1 = x
"s" = x
(x) = 1
(x).y = 1
(x)
(x) y
x.y
x[1]
x:y
x:y = 1
x:y.z()
x.1
x.
x[
x[1
x[]
x[1] 
x() = 1
x().y
f() = 1, 2
f() g
f(
f(1
f(1,
f(1,)
f(,1)
f{
f{1
f"s" x
f 1
f:
f:g
f:g 5
f:g[1]()
a.b:c.d()
a:b:c()
local
local x y
local x,
local x, 
local 1
local x = 
local x = ,
local x = 1,
local x.y = 1
local x[1] = 1
local "x"
local and
local x <
local x <const
local x <const = 1
local x <Const> = 1
local x <const> <close>
local x <1>
local <const> x
local x <const>, y <close>, z <close>
local function
local function x
local function x.y() end
local function x:y() end
local function 1() end
local function x( end
local function x(a end
local function x(a, end
local function x(a,) end
local function x(...) 
local function x(..., a) end
local function x(a.b) end
local function x(1) end
local function x(a b) end
local function x() return end end
function
function x
function x(
function x()
function x() end end
function x. () end
function x.1() end
function x:y.z() end
function x:y:z() end
function x[1]() end
function 1() end
function () end
function x(a, a, ) end
function (x)() end
if
if x
if x then
if x then else
if x then elseif
if x then elseif y
if x then elseif y then
if x then else else end
if x then else elseif y then end
if x do end
if then end
if x = 1 then end
if x then y end
if x then end end
elseif x then end
else end
then
end
while
while x
while x do
while x then end
while do end
while x = 1 do end
while x do x end
do
do end end
do x
do local end
repeat
repeat x = 1
repeat until
repeat end until x
repeat x = 1 end
until x
for
for x
for x do end
for x = do end
for x = 1 do end
for x = 1, do end
for x = 1, 2
for x = 1, 2 do
for x = 1, 2, do end
for x = 1, 2, 3, 4 do end
for x = 1, 2 then end
for 1 = 1, 2 do end
for x.y = 1, 2 do end
for x, y = 1, 2 do end
for x in
for x in do end
for x in y
for x in y do
for x, in y do end
for x, 1 in y do end
for x y in z do end
for x, y z do end
for x[1] in y do end
for in y do end
for x <const> = 1, 2 do end
return return
return 1,
return 1 2
return x = 1
return ; x = 1
return 1; ;
return (
return end
return function
do return 1 x = 2 end
x = 1 return 2 y = 3
break
break x
if x then break end
function f() break end
while x do function f() break end end
while x do break y end
goto
goto 1
goto x
goto x y
goto x ::y::
goto "x"
goto end
::
::x
::x:
::1::
::x:: ::x::
::x:: do ::x:: end
do ::x:: end goto x
goto x local a ::x:: print(a)
goto x; local a; ::x:: a = 1
do goto x end local a ::x:: return a
repeat goto c local z ::c:: until z
while true do goto x end function f() ::x:: end
function f() goto x end ::x::
::end::
::a:: goto b
goto continue for i = 1, 2 do ::continue:: end
for i = 1, 2 do goto out end do ::out:: end
break break
while 1 do end break
a = 1 = 2
a, b = 1, 2 = 3
a += 1
a++
a--b
--[[ unfinished
--[==[ unfinished ]]
x = 1 ; ; = 
;
;;x
x = }
x = )
]
}
)
]=====]
