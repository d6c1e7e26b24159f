-- A Markdown renderer with block objects: headings, quotes, lists, fenced code, tables, and
-- inline marks.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function escape(s)
    return (s:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }))
end

local function inline(s)
    local codes = {}
    s = escape(s):gsub("`([^`]+)`", function(code)
        codes[#codes + 1] = code
        return "\1" .. #codes .. "\1"
    end)
    s = s:gsub("!%[([^%]]*)%]%(([^)]+)%)", '<img alt="%1" src="%2">')
    s = s:gsub("%[([^%]]+)%]%(([^)]+)%)", '<a href="%2">%1</a>')
    s = s:gsub("%*%*(.-)%*%*", "<strong>%1</strong>"):gsub("%*(.-)%*", "<em>%1</em>")
    return (s:gsub("\1(%d+)\1", function(i) return "<code>" .. codes[tonumber(i)] .. "</code>" end))
end

local Document = {}
Document.__index = Document

function Document.new()
    return setmetatable({ out = {}, block = nil }, Document)
end

local Block = {}
Block.__index = Block

function Block.new(kind, open, close, wrap)
    return setmetatable({ kind = kind, open = open, close = close, wrap = wrap, lines = {} }, Block)
end

function Block:add(line)
    self.lines[#self.lines + 1] = self.wrap(line)
end

function Block:html()
    return self.open .. table.concat(self.lines, "\n") .. self.close
end

local function row(line)
    local cells = {}
    for cell in line:gmatch("|([^|]+)") do
        cells[#cells + 1] = "<td>" .. inline(cell:match("^%s*(.-)%s*$")) .. "</td>"
    end
    return "<tr>" .. table.concat(cells) .. "</tr>"
end

local makers = {
    paragraph = function() return Block.new("paragraph", "<p>", "</p>", inline) end,
    list = function()
        local function item(s) return "<li>" .. inline(s) .. "</li>" end
        return Block.new("list", "<ul>\n", "\n</ul>", item)
    end,
    quote = function() return Block.new("quote", "<blockquote>", "</blockquote>", inline) end,
    table = function() return Block.new("table", "<table>\n", "\n</table>", row) end,
    code = function() return Block.new("code", "<pre>", "</pre>", escape) end,
}

function Document:flush()
    if self.block then
        self.out[#self.out + 1] = self.block:html()
        self.block = nil
    end
end

function Document:add(kind, line)
    if not self.block or self.block.kind ~= kind then
        self:flush()
        self.block = makers[kind]()
    end
    self.block:add(line)
end

function Document:line(line)
    if line:find("^```") then
        local was_code = self.block and self.block.kind == "code"
        self:flush()
        self.block = not was_code and makers.code() or nil
    elseif self.block and self.block.kind == "code" then
        self.block:add(line)
    elseif line == "" then
        self:flush()
    elseif line:find("^#+ ") then
        local marks, title = line:match("^(#+) (.*)")
        self:flush()
        self.out[#self.out + 1] = ("<h%d>%s</h%d>"):format(#marks, inline(title), #marks)
    elseif line:find("^[%-*] ") then
        self:add("list", line:sub(3))
    elseif line:find("^> ") then
        self:add("quote", line:sub(3))
    elseif line:find("^|") then
        self:add("table", line)
    else
        self:add("paragraph", line)
    end
end

local function render(text)
    local d = Document.new()
    for line in text:gmatch("([^\n]*)\n") do
        d:line(line)
    end
    d:flush()
    return table.concat(d.out, "\n")
end

local chapter = [[
# The %d moon & its *orbit*

A paragraph with **strong** words, `code <b>` and a
[link](http://example.org/%d) over two lines.

- first *item*
- second item with `a * b`
- third ![image](moon.png)

> quoted **text**
> of two lines

| name | value |
| one | `1` |

```
local x = 1 < 2
```

]]

local function setup(n)
    local parts = {}
    for i = 1, n do
        parts[i] = chapter:format(i % 10, i % 10)
    end
    return table.concat(parts)
end

local function run(n, text)
    return #render(text)
end

H.main {
    size = 1500, quick = 300, reps = 7, setup = setup, run = run,
    expect = { [1500] = 778499, [300] = 155699 },
}
