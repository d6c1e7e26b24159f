-- A lexer of Lua's own tokens, run over a generated source: patterns, keyword table, token records.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local keywords = {}
local list = "and break do else elseif end false for function goto if in local nil not or repeat "
    .. "return then true until while"
for w in list:gmatch("%a+") do
    keywords[w] = true
end

local Lexer = {}
Lexer.__index = Lexer

function Lexer.new(text)
    return setmetatable({ text = text, at = 1, line = 1 }, Lexer)
end

function Lexer:skip()
    while true do
        local from, to = self.text:find("^[ \t]+", self.at)
        if from then
            self.at = to + 1
        elseif self.text:find("^\n", self.at) then
            self.line = self.line + 1
            self.at = self.at + 1
        elseif self.text:find("^%-%-", self.at) then
            self.at = self.text:find("\n", self.at, true) or #self.text + 1
        else
            return
        end
    end
end

function Lexer:token(kind, to)
    local t = { kind = kind, value = self.text:sub(self.at, to), line = self.line }
    self.at = to + 1
    return t
end

local operators = { "^%.%.%.", "^%.%.", "^==", "^~=", "^<=", "^>=", "^::",
    "^[%+%-%*/%%%^#<>=%(%)%{%}%[%];:,%.]" }

function Lexer:next()
    self:skip()
    local text, at = self.text, self.at
    local c = text:sub(at, at)
    if c == "" then
        return nil
    end
    if c:find("[%a_]") then
        local _, to = text:find("^[%w_]+", at)
        local t = self:token("name", to)
        if keywords[t.value] then
            t.kind = "keyword"
        end
        return t
    end
    if c:find("%d") then
        local _, to = text:find("^%d+%.?%d*", at)
        return self:token("number", to)
    end
    if c == '"' then
        return self:token("string", text:find('"', at + 1, true))
    end
    for _, pattern in ipairs(operators) do
        local _, to = text:find(pattern, at)
        if to then
            return self:token("operator", to)
        end
    end
    error("line " .. self.line .. ": unexpected " .. c)
end

local function setup(n)
    local parts = {}
    for i = 1, n do
        parts[i] = "local function f" .. i
            .. "(a, b, ...)\n    -- adds and compares\n    if a <= b + " .. i
            .. ".5 then\n        return a .. \"text\", { x = b, [1] = a ~= b }\n    end\nend\n"
    end
    return table.concat(parts)
end

local function run(n, text)
    local lexer, kinds = Lexer.new(text), {}
    local t, tokens = lexer:next(), 0
    while t do
        kinds[t.kind] = (kinds[t.kind] or 0) + 1
        tokens = tokens + 1
        t = lexer:next()
    end
    return string.format("%d %d %d", tokens, kinds.keyword, lexer.line)
end

H.main {
    size = 3000, quick = 600, reps = 4, setup = setup, run = run,
    check = function(r, n) return r == string.format("%d %d %d", 37 * n, 7 * n, 6 * n + 1) end,
}
