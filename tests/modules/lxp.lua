-- needs: lxp (lua-expat)
-- Expat calls Lua functions from its parser while Lua is inside parse.
local lxp, lom = require "lxp", require "lxp.lom"
local depth = 0
local parser = lxp.new({
  StartElement = function(_, name, attributes)
    print(("  "):rep(depth) .. "<" .. name, table.concat(attributes, ","), attributes[1] and attributes[attributes[1]])
    depth = depth + 1
  end,
  EndElement = function(p, name) depth = depth - 1; if name == "b" then print("position", p:pos()) end end,
  CharacterData = function(_, text) if text:find "%S" then print(("  "):rep(depth) .. text) end end,
  Comment = function(_, text) print("comment", text) end,
}, "::")
for _, chunk in ipairs { "<a x='1' y='2'>te", "xt<b/>&lt;", "<!-- note --><c>in", "</c></a>" } do print(parser:parse(chunk) == parser) end
print(parser:parse() == parser)
parser:close()
print(lxp.new({}):parse "<a></b>")
local p = lxp.new { StartElement = function() error "from the callback" end }
print(pcall(p.parse, p, "<a/>"))
print(pcall(lxp.new, { NoSuchCallback = 1 }))
print((pcall(lxp.new, { StartElement = 1 })))
local tree = lom.parse "<root><item id='1'>one</item><item id='2'>two</item></root>"
for item in lom.list_children(tree, "item") do print(item.attr.id, item[1]) end
local stopper = lxp.new { StartElement = function(self) print "stopping"; self:stop() end }
print(select(2, stopper:parse "<a><b/></a>"))
