-- Inheritance two and three deep, super calls, overriding, polymorphic sites.
local Animal = {}
Animal.__index = Animal
function Animal.new(cls, name)
  local o = setmetatable({}, cls)
  o:init(name)
  return o
end
function Animal:init(name) self.name = name self.energy = 10 end
function Animal:sound() return "..." end
function Animal:speak() return self.name .. " says " .. self:sound() end
function Animal:eat(n) self.energy = self.energy + n end
local Dog = setmetatable({}, {__index = Animal})
Dog.__index = Dog
function Dog:sound() return "woof" end
function Dog:init(name) Animal.init(self, name) self.tricks = {} end
function Dog:learn(t)
  self.tricks[#self.tricks + 1] = t
  return self
end
local Puppy = setmetatable({}, {__index = Dog})
Puppy.__index = Puppy
function Puppy:sound() return Dog.sound(self) .. "?" end
function Puppy:eat(n) Dog.eat(self, n * 2) end
local Cat = setmetatable({}, {__index = Animal})
Cat.__index = Cat
function Cat:sound() return "meow" end
local zoo = {Animal.new(Animal, "thing"), Animal.new(Dog, "rex"), Animal.new(Puppy, "bit"),
    Cat:new("tom")}
for _, a in ipairs(zoo) do print(a:speak(), a.energy) end
for i = 1, 4000 do zoo[i % 4 + 1]:eat(1) end
for _, a in ipairs(zoo) do io.write(a.energy, " ") end
print()
local n = 0
for i = 1, 4000 do n = n + #zoo[i % 4 + 1]:sound() end
print(n)
zoo[3]:learn("sit"):learn("roll")
print(#zoo[3].tricks, pcall(function() zoo[4]:learn("x") end))
function Animal:sound() return "generic" end
function Dog:speak() return "<" .. Animal.speak(self) .. ">" end
for _, a in ipairs(zoo) do print(a:speak()) end
Cat.sound = nil
print(zoo[4]:speak())
local function isa(o, cls)
  local m = getmetatable(o)
  while m do
    if m == cls then return true end
    local p = getmetatable(m)
    m = p and p.__index
  end
  return false
end
print(isa(zoo[3], Animal), isa(zoo[3], Dog), isa(zoo[4], Dog), isa(zoo[1], Puppy))
