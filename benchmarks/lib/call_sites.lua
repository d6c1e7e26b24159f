-- One call site over objects of k classes of unlike layouts; the order of the classes is not
-- periodic, so that no branch predictor learns it. The four programs idioms/sites_k differ in k
-- alone.

local source = [[
    local field, factor = ...
    local C = {}
    C.__index = C
    function C.new(v)
        return setmetatable({ [field] = 0, value = v }, C)
    end
    function C:weight()
        return self.value * factor
    end
    return C
]]

local function classes(H, k)
    local t = {}
    for i = 1, k do
        t[i] = H.load(source)("f" .. i, i)
    end
    return t
end

local function setup(H, k)
    local random, made, objects = H.random(11), classes(H, k), {}
    for i = 1, 1024 do
        objects[i] = made[random(k)].new(i % 10)
    end
    return objects
end

local function run(n, objects)
    local sum = 0
    for i = 1, n do
        sum = sum + objects[i % 1024 + 1]:weight()
    end
    return sum
end

return function(H, k, size)
    H.main {
        size = size, quick = 300000, reps = 2,
        setup = function() return setup(H, k) end,
        run = run,
        check = function(r, n, objects)
            local sum = 0
            for i = 1, n do
                local o = objects[i % 1024 + 1]
                sum = sum + o.value * o.weight({ value = 1 })
            end
            return r == sum
        end,
    }
end
