-- A regular-expression matcher by backtracking: the expression is parsed to a tree of closures in
-- continuation style.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Parser = {}
Parser.__index = Parser

local function peek(p)
    return p.source:sub(p.at, p.at)
end

local function char(test)
    return function(k)
        return function(s, i)
            return i <= #s and test(s:byte(i)) and k(s, i + 1)
        end
    end
end

local function sequence(a, b)
    return function(k)
        return a(b(k))
    end
end

local function alternative(a, b)
    return function(k)
        local first, second = a(k), b(k)
        return function(s, i)
            return first(s, i) or second(s, i)
        end
    end
end

local function star(a)
    return function(k)
        local loop
        local again = a(function(s, i) return loop(s, i) end)
        function loop(s, i)
            return again(s, i) or k(s, i)
        end
        return loop
    end
end

local function empty(k)
    return k
end

function Parser:class()
    local set = {}
    while peek(self) ~= "]" do
        local from = self.source:byte(self.at)
        local to = from
        self.at = self.at + 1
        if peek(self) == "-" then
            to = self.source:byte(self.at + 1)
            self.at = self.at + 2
        end
        for c = from, to do
            set[c] = true
        end
    end
    self.at = self.at + 1
    return char(function(c) return set[c] end)
end

function Parser:atom()
    local c = peek(self)
    self.at = self.at + 1
    if c == "(" then
        local inner = self:alternatives()
        self.at = self.at + 1
        return inner
    elseif c == "[" then
        return self:class()
    elseif c == "." then
        return char(function() return true end)
    end
    local byte = c:byte()
    return char(function(b) return b == byte end)
end

function Parser:repeated()
    local a = self:atom()
    local c = peek(self)
    if c == "*" then
        self.at = self.at + 1
        return star(a)
    elseif c == "+" then
        self.at = self.at + 1
        return sequence(a, star(a))
    elseif c == "?" then
        self.at = self.at + 1
        return alternative(a, empty)
    end
    return a
end

function Parser:concatenation()
    local r = empty
    while peek(self) ~= "" and peek(self) ~= ")" and peek(self) ~= "|" do
        r = sequence(r, self:repeated())
    end
    return r
end

function Parser:alternatives()
    local r = self:concatenation()
    while peek(self) == "|" do
        self.at = self.at + 1
        r = alternative(r, self:concatenation())
    end
    return r
end

local function compile(source)
    local m = setmetatable({ source = source, at = 1 }, Parser):alternatives()
    return m(function(_, i) return i end)
end

local function search(matcher, s)
    for i = 1, #s do
        local to = matcher(s, i)
        if to then
            return i, to - 1
        end
    end
end

local expressions = { "[a-z]+@[a-z]+(.com|.org)", "(a|b)*c", "x[0-9]+(y|z)?w", "(foo|bar|baz)+!",
    "[0-9][0-9]:[0-9][0-9]" }

local function setup(n)
    local random, lines = H.random(31), {}
    local pieces = { "user@host.org ", "ababac ", "x123yw ", "foobarbaz! ", "12:34 ", "nothing ",
        "aaaa ", "x99 ", "foobar " }
    for i = 1, n do
        lines[i] = pieces[random(9)] .. pieces[random(9)] .. pieces[random(9)]
    end
    return lines
end

local function run(n, lines)
    local matchers, found, widths = {}, 0, 0
    for i, e in ipairs(expressions) do
        matchers[i] = compile(e)
    end
    for i = 1, n do
        for j = 1, #matchers do
            local from, to = search(matchers[j], lines[i])
            if from then
                found = found + 1
                widths = widths + to - from + 1
            end
        end
    end
    return found * 1000000 + widths
end

H.main {
    size = 3000, quick = 500, reps = 7, setup = setup, run = run,
    expect = { [3000] = 4451035713, [500] = 727005972 },
}
