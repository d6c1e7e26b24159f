-- JSON: n records encoded, parsed back by a recursive-descent parser, encoded again to the same
-- text.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\t"] = "\\t" }
local encode

local function encode_string(s)
    return '"' .. s:gsub('["\\\n\t]', escapes) .. '"'
end

local function encode_object(t)
    local keys, parts = {}, {}
    for k in pairs(t) do
        keys[#keys + 1] = k
    end
    table.sort(keys)
    for i, k in ipairs(keys) do
        parts[i] = encode_string(k) .. ":" .. encode(t[k])
    end
    return "{" .. table.concat(parts, ",") .. "}"
end

local function encode_array(t)
    local parts = {}
    for i = 1, #t do
        parts[i] = encode(t[i])
    end
    return "[" .. table.concat(parts, ",") .. "]"
end

local encoders = {
    string = encode_string,
    number = function(x) return string.format("%.14g", x) end,
    boolean = tostring,
    table = function(t) return (t[1] ~= nil and encode_array or encode_object)(t) end,
}

function encode(v)
    return encoders[type(v)](v)
end

local Parser = {}
Parser.__index = Parser

function Parser:fail(what)
    error(what .. " expected at " .. self.at)
end

function Parser:space()
    self.at = self.text:find("[^ \n\t]", self.at) or #self.text + 1
end

function Parser:accept(c)
    if self.text:sub(self.at, self.at) == c then
        self.at = self.at + 1
        self:space()
        return true
    end
    return false
end

local unescape = { n = "\n", t = "\t" }

function Parser:string()
    local text, from = self.text, self.at + 1
    local to = from
    while true do
        to = text:find('["\\]', to) or self:fail("quote")
        if text:byte(to) == 34 then
            break
        end
        to = to + 2
    end
    self.at = to + 1
    self:space()
    local s = text:sub(from, to - 1)
    if s:find("\\", 1, true) then
        s = s:gsub("\\(.)", function(c) return unescape[c] or c end)
    end
    return s
end

function Parser:number()
    local from, to = self.text:find("^-?%d+%.?%d*[eE]?[+-]?%d*", self.at)
    if not from then
        self:fail("value")
    end
    self.at = to + 1
    self:space()
    return tonumber(self.text:sub(from, to))
end

function Parser:array()
    local t = {}
    self:accept("[")
    while not self:accept("]") do
        t[#t + 1] = self:value()
        self:accept(",")
    end
    return t
end

function Parser:object()
    local t = {}
    self:accept("{")
    while not self:accept("}") do
        local k = self:string()
        if not self:accept(":") then
            self:fail("colon")
        end
        t[k] = self:value()
        self:accept(",")
    end
    return t
end

function Parser:word(word, value)
    if self.text:sub(self.at, self.at + #word - 1) ~= word then
        self:fail(word)
    end
    self.at = self.at + #word
    self:space()
    return value
end

local starts = {
    ["{"] = Parser.object,
    ["["] = Parser.array,
    ['"'] = Parser.string,
    t = function(p) return p:word("true", true) end,
    f = function(p) return p:word("false", false) end,
}

function Parser:value()
    return (starts[self.text:sub(self.at, self.at)] or Parser.number)(self)
end

local function parse(text)
    local p = setmetatable({ text = text, at = 1 }, Parser)
    p:space()
    return p:value()
end

local function setup(n)
    local records = {}
    for i = 1, n do
        records[i] = {
            id = i, name = "user \"" .. i .. "\"", active = i % 3 == 0, score = i / 4,
            tags = { "a" .. i % 7, "line\nbreak", "c" },
            address = { street = "Main", number = i % 100 },
        }
    end
    return records
end

local function run(n, records)
    local text = encode(records)
    local again = encode(parse(text))
    return again == text and #text
end

H.main {
    size = 4000, quick = 1000, reps = 3, setup = setup, run = run,
    expect = { [4000] = 539617, [1000] = 132916 },
}
