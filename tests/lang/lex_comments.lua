-- Comments of each kind, and what only looks like one.
print(1) -- short
--[[ long on one line ]] print(2)
--[[ long
over lines ]] print(3)
--[==[ with ]] and ]=] inside
]==] print(4)
--[ not a long comment
print(5)
--[=not long either
print(6)
---[[ the doubled line: live code
print(7)
--]]
--
print(8) --[[]] --[=[]=]
print(#"--", #[[--]], "--[[")
print(10 --[[between]] + --[[more]] 1)
print(load("--")(), load("")(), load("--[[x]]")(), load("#!shebang only in files"))
