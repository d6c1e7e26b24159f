-- An arithmetic language: a Pratt parser to a tree of node objects, constant folding, evaluation
-- by visiting methods.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function node_class(eval, fold)
    local c = { eval = eval, fold = fold or function(self) return self end }
    c.__index = c
    return c
end

local Number = node_class(function(self) return self.value end)
local Name = node_class(function(self, env) return env[self.name] end)

local function number(v)
    return setmetatable({ value = v }, Number)
end

local function fold_binary(self)
    self.left, self.right = self.left:fold(), self.right:fold()
    if getmetatable(self.left) == Number and getmetatable(self.right) == Number then
        return number(self:eval())
    end
    return self
end

local function operator(power, eval)
    return { power = power, class = node_class(eval, fold_binary) }
end

local binary = {
    ["+"] = operator(10, function(n, env) return n.left:eval(env) + n.right:eval(env) end),
    ["-"] = operator(10, function(n, env) return n.left:eval(env) - n.right:eval(env) end),
    ["*"] = operator(20, function(n, env) return n.left:eval(env) * n.right:eval(env) end),
    ["%"] = operator(20, function(n, env) return n.left:eval(env) % n.right:eval(env) end),
}
local Negate = node_class(function(self, env) return -self.operand:eval(env) end)

local Parser = {}
Parser.__index = Parser

function Parser.new(text)
    local tokens = {}
    for word, op in text:gmatch("(%w*)%s*([%+%-%*%%()]?)") do
        if word ~= "" then tokens[#tokens + 1] = word end
        if op ~= "" then tokens[#tokens + 1] = op end
    end
    return setmetatable({ tokens = tokens, at = 1 }, Parser)
end

function Parser:primary()
    local t = self.tokens[self.at]
    self.at = self.at + 1
    if t == "(" then
        local e = self:expression(0)
        assert(self.tokens[self.at] == ")")
        self.at = self.at + 1
        return e
    elseif t == "-" then
        return setmetatable({ operand = self:expression(30) }, Negate)
    end
    return tonumber(t) and number(tonumber(t)) or setmetatable({ name = t }, Name)
end

function Parser:expression(power)
    local left = self:primary()
    while true do
        local op = binary[self.tokens[self.at]]
        if not op or op.power <= power then
            return left
        end
        self.at = self.at + 1
        left = setmetatable({ left = left, right = self:expression(op.power) }, op.class)
    end
end

local function setup(n)
    local sources = {}
    for i = 1, 50 do
        sources[i] = ("(a + I) * (b - I * 2) + -c % 7 - (3 + 4 * I) * a + (b * c - I) % 1000")
            :gsub("I", i)
    end
    return sources
end

local function direct(i, a, b, c)
    return (a + i) * (b - i * 2) + (-c) % 7 - (3 + 4 * i) * a + (b * c - i) % 1000
end

local function run(n, sources)
    local sum = 0
    for round = 1, n do
        local source = sources[round % 50 + 1]
        local tree = Parser.new(source):expression(0):fold()
        for k = 1, 20 do
            sum = sum + tree:eval({ a = k, b = round % 100, c = 5 })
        end
    end
    return sum
end

H.main {
    size = 4000, quick = 800, reps = 3, setup = setup, run = run,
    check = function(r, n)
        local sum = 0
        for round = 1, n do
            for k = 1, 20 do
                sum = sum + direct(round % 50 + 1, k, round % 100, 5)
            end
        end
        return r == sum
    end,
}
