-- goto: forward, backward, out of blocks, nested names.
do
  local i = 1
  ::top::
  io.write(i, " ")
  i = i + 1
  if i <= 5 then goto top end
end
print()
for i = 1, 6 do
  if i % 2 == 0 then goto continue end
  io.write(i, " ")
  ::continue::
end
print()
for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto next_i end
    if i == 3 then goto out end
    io.write(i, ",", j, " ")
  end
  ::next_i::
end
::out::
print()
do
  goto skip
  local x
  ::skip::
end
-- label at the end of a block: no scope problem
do
  goto l1
  ::l2::
  goto l3
  ::l1::
  goto l2
  ::l3::
end
do ::same:: end
do ::same:: end
local function f(n)
  ::again::
  if n > 100 then return n end
  n = n * 2
  goto again
end
print(f(1), f(3), f(1000))
repeat
  local x = 5
  if x then goto cont end
  print("never")
  ::cont::
until true
while true do if true then goto brk end end
::brk::
local k, s = 0, 0
::loop::
k = k + 1
if k % 3 == 0 then goto loop end
s = s + k
if k < 20000 then goto loop end
print(k, s)
local state, steps = "a", 0
do
  ::a::
  steps = steps + 1
  if steps > 3000 then goto finish end
  goto b
  ::b::
  steps = steps + 1
  goto c
  ::c::
  steps = steps + 1
  goto a
  ::finish::
end
print(steps)
