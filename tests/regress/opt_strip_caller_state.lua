-- A loop in which two methods are inlined, one with a path that leaves the loop: the frame of the caller stands in
-- states inside the loop and behind its exit, where the loop's variables are others.
local A, B = {}, {}
A.__index, B.__index = A, B
function A:step()
    local v = self.list
    v[2].value = v[1].value + 1
end
function B:step()
    local a, b, c = self.list[1], self.list[2], self.list[3]
    if self.output == c then c.value = a.value + b.value
    elseif self.output == b then b.value = c.value - a.value
    else a.value = c.value - b.value end
end

local function cell(n) return { value = n } end
local function item(class, output)
    local list = { cell(1), cell(2), cell(3) }
    return setmetatable({ list = list, output = output and list[output] }, class)
end

local function execute(plan) for i = 1, #plan do plan[i]:step() end end

local function sum(plan)
    local s = 0
    for _, p in ipairs(plan) do
        for _, c in ipairs(p.list) do s = s + c.value end
    end
    return s
end

local plan = {}
for i = 1, 60 do plan[i] = i % 2 == 0 and item(A) or item(B, 3) end
for _ = 1, 3000 do execute(plan) end
print(sum(plan))
plan[31].output = plan[31].list[2] -- the path that never ran
execute(plan)
plan[17].output = nil
execute(plan)
print(sum(plan))
