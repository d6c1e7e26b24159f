-- Malformed expressions. \N stands for a line break, \$XX for a byte.
local function run(chunks)
  for chunk in chunks:gmatch("[^\n]+") do
    chunk = chunk:gsub("\\N", "\n"):gsub("\\%$(%x%x)", function(h) return string.char(tonumber(h, 16)) end)
    local f, message = load(chunk, "=s")
    print((chunk:gsub("[^\n\32-\126]", "?"):gsub("\n", "\\N")) .. "  -->  " .. (f and "compiles" or message))
  end
end

run [=====[
x = 1 +
x = + 1
x = * 1
x = 1 + * 2
x = 1 + + 2
x = (1
x = 1)
x = (1 + 2
x = ((1)
x = ()
x = (1, 2)
x = not
x = -
x = #
x = ~
x = ~=
x = 1 == 
x = 1 = 2
x = 1 != 2
x = 1 <> 2
x = 1 === 2
x = !y
x = a && b
x = a || b
x = a ? b : c
x = a and
x = and a
x = a or or b
x = nil nil
x = 1 .. 
x = 1 ... 2
x = ..
x = a..
x = ... ...
function f() return ... end
function f(a) local function g(...) end return ... end
x = function() return ... end
x = {
x = {1
x = {1,
x = {1 2}
x = {1; 2
x = {,}
x = {;}
x = {1,,2}
x = {a = }
x = {a = 1 b = 2}
x = {[1]}
x = {[1] 2}
x = {[1] = }
x = {[] = 1}
x = {[1 = 2}
x = {a.b = 1}
x = {"a" = 1}
x = {1 = 2}
x = {f(}
x = {...
x = {for = 1}
x = {function f() end}
x = {a: 1}
x = {end}
x = {] = 1}
x = function
x = function f() end
x = function(
x = function() 
x = function(a
x = function(a,
x = function(a b) end
x = function(...) end end
x = function(a, ...b) end
x = (function() end
x = function() end()
x = "a" "b"
x = "a".b
x = "a":b()
x = {}.b
x = {}:b()
x = {}()
x = nil.x
x = 1.x
x = 1:x()
x = true.x
x = (1).
x = (1):
x = a.
x = a.1
x = a."b"
x = a.and
x = a[1
x = a[]
x = a[1, 2]
x = a(1
x = a(1 2)
x = a(1,, 2)
x = a(,)
x = a:b
x = a:b + 1
x = a:1()
x = a:b.c
x = a.b:c"d".e:
x = a{1}{
x = 2 ^
x = 2 ^ ^ 3
x = 1 < < 2
x = 1 < 
x = 1 << 
x = 1 >> > 2
x = 1 //
x = 1 / / 2
x = 1 // // 2
x = a ~ 
x = a ~~ 
x = a & 
x = a & & b
x = a | 
x = if y then 1 end
x = for
x = while
x = return
x = do end
x = end
x = local y
x = goto
x = in
x = then
x = until
x = break
x = elseif
x = ::
x = ;
x = ,
x = :
x = =
x = =='a'
x = @
x = $
x = `
x = \
x = ?
x = !
x = %
x = &
x = a @ b
x = a $ b
return @
return $x
return 1 `
return a\b
return a.b.c.
return a.b..c..
return a = b
return a, 
return , a
return (a, b)
return ((a)
return {a
return function end
return function() return end end
return not and
return #
return -
return - - 
return a b
return "a" 1
return 1 "a"
return a.b 1
return f() g()
return f{}{}{}(
return [1]
return [=[x
]=====]
