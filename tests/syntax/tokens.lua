-- Malformed tokens: numbers, strings, escapes, comments, bytes. \N stands for a line break, \$XX for a byte.
local function run(chunks)
  for chunk in chunks:gmatch("[^\n]+") do
    chunk = chunk:gsub("\\N", "\n"):gsub("\\%$(%x%x)", function(h) return string.char(tonumber(h, 16)) end)
    local f, message = load(chunk, "=s")
    print((chunk:gsub("[^\n\32-\126]", "?"):gsub("\n", "\\N")) .. "  -->  " .. (f and "compiles" or message))
  end
end

run [=====[
x = 1x
x = 1a2
x = 0x
x = 0xg
x = 0x.
x = 0x1p
x = 0x1p+
x = 0x1pz
x = 0x1.8q
x = 1e
x = 1e+
x = 1e-
x = 1ee5
x = 1e5.5
x = 1..2
x = 1.2.3
x = 1.2.
x = .5.
x = 1_000
x = 0b101
x = 0o17
x = 12abc34
x = 3.14f
x = 1e5x
x = 0xep+1z
x = 1.e
x = .e1
x = 5..
x = 08x
x = "abc
x = "abc\Ndef"
x = 'abc
x = 'abc\N'
x = "abc'
x = 'abc"
x = "
x = '
x = "\q"
x = "\"
x = "\x"
x = "\xg0"
x = "\x0g"
x = "\x0
x = "\u"
x = "\u{"
x = "\u{}"
x = "\u{g}"
x = "\u{110000000}"
x = "\u{80000000}"
x = "\u{7FFFFFFFF}"
x = "\u{12"
x = "\u12"
x = "\u{12x}"
x = "\256"
x = "\300"
x = "\999"
x = "\25a" .. 5 ..
x = "abc\z
x = "abc\z  def
x = "\400 text after"
x = "a\gb"
x = 'it\'s
x = "\A"
x = "\$"
x = "\{"
x = "\-"
x = "\ "
x = "\8z" 1
x = [[abc
x = [[abc]
x = [=[abc]]
x = [==[abc]=]
x = [=abc
x = [=
x = [==
x = [=[
x = [[\N\N
x = [=[\Nline\Nline
x = [===abc]===]
--[[abc
--[=[abc]]
--[==[\N\N]=]
x = 1 --[[ unfinished
x = 1 --[[\N\N\N
~
~= 1
x = ~
x = a ~ = b
x = a = = b
x = a < = b
x = a > = b
:
: :
::: x
x = : 1
. 
.. x
...
....
x = ....
@
#
$
%
^
&
*
!
?
\
`
x = \
x = \$01
x = \$7f
x = \$80
x = \$ff
x\$c3\$a9 = 1
\$c3\$a9 = 1
\$ef\$bb\$bfx = = 1
x = "\$c3\$28
x\$00 = 1
x = \$00
"\$00
x = 1\$00
x = "a\$00b
x = [[a\$00b
x = 'a\$00b\N'
if x then\N  y = 1\N  z =\Nend
x = {\N  a = 1,\N  b = 2\N  c = 3\N}
f(\N  1,\N  2\N
f(\N  1,\N  2\N}
function f()\N  if x then\N    y()\N  \Nend
function f()\N  for i = 1, 2 do\N    g()\N  end\N
while x do\N\N\N
repeat\N\N\N
do\N\N\N
if x then\N\N\N
x = (1\N+ 2\N
x = {\N{\N{\N
x = [\N
for i = 1, 10 do\N  if i then\N  end\N
x = function()\N\N
local t = {\N  1, 2, 3\N\Nlocal y = 1
print("a\N")
x = "this is a rather long string that goes on and on, much longer than any message would show, and never ends
x = averyveryveryveryveryveryveryveryveryveryveryverylongname anotherveryveryveryveryveryverylongname
x = 111111111111111111111111111111111111111111111111111111111111111111111111111111111x
x = "abc" "averyveryveryveryveryveryveryverylong string in the wrong place, which the message shows as it stands"
x = 1 [[long string in the wrong place]]
x = 1 'quoted'
x = 1 "double"
x = 1 2.50
x = 1 0x1F
x = 1 ...
x = 1 ..
x = 1 ==
x = 1 >=
x = 1 <=
x = 1 ~=
x = 1 //
x = 1 <<
x = 1 >>
x = 1 ::
x = 1 end
x = 1 while
x = 1 nil
x = 1 true
x = 1 {
x = 1 }
x = 1 (
x = 1 [
x = 1 ]
x = 1 ,
x = 1 ;
x = 1 :
x = 1 .
x = 1 '
]=====]
