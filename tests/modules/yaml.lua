-- needs: lyaml (lua-yaml)
local lyaml = require "lyaml"
local document = lyaml.load [[
name: perigee
list: [1, 2.5, true, ~, "text"]
nested:
  - a: 1
  - b: |
      two
      lines
anchor: &x {k: v}
again: *x
]]
print(document.name, #document.nested, document.nested[2].b, document.list[2], document.list[4] == lyaml.null)
print(document.anchor == document.again, document.again.k)
io.write(lyaml.dump { { 1, 2, { 3 } }, "text", true })
print(pcall(lyaml.load, "a: [1, 2"))
print(pcall(lyaml.load, "a: b: c"))
for event in require "yaml".parser "[x]" do io.write(event.type, " ") end
print()
