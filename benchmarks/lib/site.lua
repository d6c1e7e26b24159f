-- The static site's Markdown: headings, paragraphs, lists, emphasis, code and links. Shared by
-- static_site and static_render; the Python twin renders the same subset in the same way.

local site = {}

function site.source(i)
    return "# Page " .. i .. "\n\nThis is *page* number **" .. i .. "** & it is <small>.\n\n"
        .. "- first item\n- second `item`\n- a [link](page" .. (i + 1) .. ".html)\n\n"
        .. "A last paragraph\nof two lines.\n"
end

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }

local function inline(text)
    text = text:gsub("[&<>]", entities)
    text = text:gsub("`([^`]+)`", "<code>%1</code>")
    text = text:gsub("%*%*([^*]+)%*%*", "<strong>%1</strong>")
    text = text:gsub("%*([^*]+)%*", "<em>%1</em>")
    text = text:gsub("%[([^%]]+)%]%(([^)]+)%)", '<a href="%2">%1</a>')
    return text
end

local function flush(out, paragraph)
    if #paragraph > 0 then
        out[#out + 1] = "<p>" .. inline(table.concat(paragraph, " ")) .. "</p>"
    end
    return {}
end

function site.render(source)
    local out, paragraph, in_list = {}, {}, false
    for line in source:gmatch("([^\n]*)\n") do
        local item = line:match("^%- (.*)")
        local marks, title = line:match("^(#+) (.*)")
        if in_list and not item then
            out[#out + 1] = "</ul>"
            in_list = false
        end
        if marks then
            paragraph = flush(out, paragraph)
            local tag = "h" .. #marks .. ">"
            out[#out + 1] = "<" .. tag .. inline(title) .. "</" .. tag
        elseif item then
            paragraph = flush(out, paragraph)
            if not in_list then
                out[#out + 1] = "<ul>"
                in_list = true
            end
            out[#out + 1] = "<li>" .. inline(item) .. "</li>"
        elseif line == "" then
            paragraph = flush(out, paragraph)
        else
            paragraph[#paragraph + 1] = line
        end
    end
    flush(out, paragraph)
    if in_list then
        out[#out + 1] = "</ul>"
    end
    return table.concat(out, "\n")
end

function site.page(title, source)
    return "<!DOCTYPE html>\n<html><head><title>" .. title .. "</title></head>\n<body>\n"
        .. site.render(source) .. "\n</body></html>\n"
end

return site
