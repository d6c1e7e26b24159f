-- markdown.lua [FILE]: renders a useful part of Markdown as HTML.
--
-- Two passes, as in most renderers. The block pass looks at lines: a list of recognisers is asked in turn, and the
-- first one that knows the line consumes as many lines as belong to its block; quotations and list items are rendered
-- by calling the block pass again on their contents. The inline pass looks at characters: code spans, links and escapes
-- are put aside under a placeholder, so that emphasis cannot reach into them.

local function escapeHtml(text)
  return (text:gsub("[&<>\"]", {["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;"}))
end

-- Inline -----------------------------------------------------------------------------------------------------------

local inline

local function codeSpan(code)
  return "<code>" .. escapeHtml(code) .. "</code>"
end

local function splitTarget(target)
  local url, title = target:match('^(%S+)%s+"(.*)"$')
  return escapeHtml(url or target), title and (' title="%s"'):format(escapeHtml(title)) or ""
end

local function image(alt, target)
  local url, title = splitTarget(target)
  return ('<img src="%s" alt="%s"%s>'):format(url, escapeHtml(alt), title)
end

local function link(text, target)
  local url, title = splitTarget(target)
  return ('<a href="%s"%s>%s</a>'):format(url, title, inline(text))
end

--- Emphasis marks open before something that is neither a space nor another mark.
local function emphasis(text)
  local content = "([^%s*][^*]*)"
  text = text:gsub("%*%*%*" .. content .. "%*%*%*", "<strong><em>%1</em></strong>")
  text = text:gsub("%*%*" .. content .. "%*%*", "<strong>%1</strong>")
  text = text:gsub("%*" .. content .. "%*", "<em>%1</em>")
  return text
end

function inline(text)
  local kept = {}
  local function keep(html)
    kept[#kept + 1] = html
    return "\1" .. #kept .. "\2"
  end
  text = text:gsub("\\(%p)", function(c) return keep(escapeHtml(c)) end)
  text = text:gsub("`([^`]+)`", function(code) return keep(codeSpan(code)) end)
  text = text:gsub("!%[([^%]]*)%]%(([^)]*)%)", function(alt, target) return keep(image(alt, target)) end)
  text = text:gsub("%[([^%]]*)%]%(([^)]*)%)", function(label, target) return keep(link(label, target)) end)
  text = emphasis(escapeHtml(text))
  text = text:gsub("  \n", "<br>\n")
  local function restore(number) return kept[tonumber(number)] end
  return (text:gsub("\1(%d+)\2", restore))
end

-- Blocks -----------------------------------------------------------------------------------------------------------

local renderBlocks

--- A recogniser gets the lines and the index of the first; it returns HTML and the index of the next line, or nothing.
local recognisers = {}

local function isBlank(line)
  return not line:find("%S")
end

function recognisers.heading(lines, i)
  local marks, text = lines[i]:match("^(#+)%s+(.-)%s*#*$")
  if marks and #marks <= 6 then
    return ("<h%d>%s</h%d>"):format(#marks, inline(text), #marks), i + 1
  end
end

function recognisers.rule(lines, i)
  local compact = lines[i]:gsub("%s", "")
  if #compact >= 3 and (compact:find("^%-+$") or compact:find("^%*+$") or compact:find("^_+$")) then
    return "<hr>", i + 1
  end
end

function recognisers.fence(lines, i)
  local language = lines[i]:match("^```(%w*)%s*$")
  if not language then return end
  local code = {}
  i = i + 1
  while lines[i] and not lines[i]:find("^```%s*$") do
    code[#code + 1] = escapeHtml(lines[i]) .. "\n"
    i = i + 1
  end
  local class = language ~= "" and (' class="language-%s"'):format(language) or ""
  return ("<pre><code%s>%s</code></pre>"):format(class, table.concat(code)), i + 1
end

function recognisers.quotation(lines, i)
  if not lines[i]:find("^>") then return end
  local inner = {}
  while lines[i] and lines[i]:find("^>") do
    inner[#inner + 1] = lines[i]:gsub("^> ?", "")
    i = i + 1
  end
  return "<blockquote>\n" .. renderBlocks(inner) .. "\n</blockquote>", i
end

local function listMark(line)
  local indent, rest = line:match("^(%s*)[-*+]%s+(.*)$")
  if indent then return "ul", #indent, rest end
  indent, rest = line:match("^(%s*)%d+%.%s+(.*)$")
  if indent then return "ol", #indent, rest end
end

--- The lines that belong to one item: everything indented deeper than its mark.
local function itemLines(lines, i, depth)
  local inner = {}
  while lines[i] and not isBlank(lines[i]) and #lines[i]:match("^%s*") > depth do
    inner[#inner + 1] = lines[i]:sub(depth + 3)
    i = i + 1
  end
  return inner, i
end

function recognisers.list(lines, i)
  local tag, depth, text = listMark(lines[i])
  if not tag then return end
  local html = {}
  local kind = tag
  while kind == tag do
    local inner
    inner, i = itemLines(lines, i + 1, depth)
    local nested = #inner > 0 and "\n" .. renderBlocks(inner) .. "\n" or ""
    html[#html + 1] = ("<li>%s%s</li>"):format(inline(text), nested)
    if not lines[i] then break end
    kind, depth, text = listMark(lines[i])
  end
  return ("<%s>\n%s\n</%s>"):format(tag, table.concat(html, "\n"), tag), i
end

local function cells(line)
  local list = {}
  for cell in line:gsub("^%s*|", ""):gmatch("%s*(.-)%s*|") do
    list[#list + 1] = cell
  end
  return list
end

local function tableRow(tag, row, alignments)
  local html = {}
  for column, cell in ipairs(row) do
    local align = alignments[column] and (' align="%s"'):format(alignments[column]) or ""
    html[column] = ("<%s%s>%s</%s>"):format(tag, align, inline(cell), tag)
  end
  return "<tr>" .. table.concat(html) .. "</tr>"
end

function recognisers.table(lines, i)
  local delimiter = lines[i + 1]
  if not lines[i]:find("^|") or not delimiter or not delimiter:find("^|[%s:|-]+|%s*$") then return end
  local alignments = {}
  for column, mark in ipairs(cells(delimiter)) do
    local left, right = mark:find("^:"), mark:find(":$")
    alignments[column] = left and right and "center" or right and "right" or left and "left"
  end
  local html = {tableRow("th", cells(lines[i]), alignments)}
  i = i + 2
  while lines[i] and lines[i]:find("^|") do
    html[#html + 1] = tableRow("td", cells(lines[i]), alignments)
    i = i + 1
  end
  return "<table>\n" .. table.concat(html, "\n") .. "\n</table>", i
end

local ORDER = {"heading", "rule", "fence", "quotation", "list", "table"}

local function recognise(lines, i)
  for _, name in ipairs(ORDER) do
    local html, after = recognisers[name](lines, i)
    if html then return html, after end
  end
end

--- What nothing else recognises is a paragraph; it ends at a blank line or at another block.
local function paragraph(lines, i)
  local text = {}
  repeat
    text[#text + 1] = lines[i]
    i = i + 1
  until not lines[i] or isBlank(lines[i]) or recognise(lines, i)
  return "<p>" .. inline(table.concat(text, "\n")) .. "</p>", i
end

function renderBlocks(lines)
  local html, i = {}, 1
  while lines[i] do
    if isBlank(lines[i]) then
      i = i + 1
    else
      local block, after = recognise(lines, i)
      if not block then
        block, after = paragraph(lines, i)
      end
      html[#html + 1], i = block, after
    end
  end
  return table.concat(html, "\n")
end

local function render(path)
  local lines = {}
  for line in io.lines(path) do
    lines[#lines + 1] = line
  end
  return renderBlocks(lines)
end

local folder = arg[0]:match("^(.*[/\\])") or ""
print(render(arg[1] or folder .. "data/sample.md"))
