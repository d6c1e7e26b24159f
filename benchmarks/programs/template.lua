-- Text templating: a template is compiled to Lua source by patterns, loaded, and rendered for
-- many rows.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function quote(text)
    return (("%q"):format(text):gsub("\\\n", "\\n"))
end

-- {{ expression }} is escaped and inserted, {% code %} is run.
local function compile(template)
    local out, at = { "local row, escape = ... local _o, _n = {}, 0\n" }, 1
    local function text(s)
        if s ~= "" then
            out[#out + 1] = "_n = _n + 1 _o[_n] = " .. quote(s) .. "\n"
        end
    end
    while true do
        local from, to, kind, body, close = template:find("{([{%%])%s*(.-)%s*([}%%])}", at)
        if not from then
            break
        end
        text(template:sub(at, from - 1))
        if kind == "{" and close == "}" then
            out[#out + 1] = "_n = _n + 1 _o[_n] = escape(" .. body .. ")\n"
        else
            out[#out + 1] = body .. "\n"
        end
        at = to + 1
    end
    text(template:sub(at))
    out[#out + 1] = "return table.concat(_o)"
    return assert(H.load(table.concat(out)))
end

local entities = { ["<"] = "&lt;", [">"] = "&gt;", ["&"] = "&amp;", ['"'] = "&quot;" }

local function escape(v)
    return (tostring(v):gsub('[<>&"]', entities))
end

local page = [[
<div class="card" id="card-{{ row.id }}">
  <h2>{{ row.title }}</h2>
  {% if row.active then %}<b>active</b>{% else %}<i>passive</i>{% end %}
  <ul>{% for i, tag in ipairs(row.tags) do %}<li>{{ i }}: {{ tag }}</li>{% end %}</ul>
</div>
]]

local function run(n)
    local render, bytes = compile(page), 0
    for i = 1, n do
        local row = { id = i % 10, title = "<Title & more>", active = i % 2 == 0,
            tags = { "one", "two", "<three>" } }
        bytes = bytes + #render(row, escape)
    end
    return bytes
end

H.main {
    size = 30000, quick = 5000, reps = 5, run = run,
    expect = { [30000] = 4725000, [5000] = 787500 },
}
