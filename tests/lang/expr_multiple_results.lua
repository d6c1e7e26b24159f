-- Where a call's results are cut to one, where they are all kept.
local function three() return 1, 2, 3 end
local function none() end
print(three(), three())
print((three()))
print(three(), 10)
print(none(), none())
print((none()))
print(none(), 1)
local a, b, c, d = three()
print(a, b, c, d)
a, b, c = 0, three()
print(a, b, c)
a, b, c = three(), 0
print(a, b, c)
print(#{three()}, #{three(), three()}, #{(three())}, #{0, three()})
print(select("#", none()), select("#", (none())), select("#", three(), none()), select("#", none(),
    three()))
local t = {three(), x = three(), three()}
print(#t, t.x)
local function pass(...) return ... end
print(pass(three()))
print(pass(three(), three()), (pass(three())))
print(({three()})[2], ({three(), three()})[4])
print(three() + 1, -three(), three() .. "", ({three(), three()})[1])
local sum = 0
for i = 1, 3000 do
  local p, q, r, s = three()
  sum = sum + p + q + r + (s or 0) + select("#", none()) + select("#", pass(three(), three()))
end
print(sum)
