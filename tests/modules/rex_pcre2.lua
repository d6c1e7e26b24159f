-- needs: rex_pcre2 (lua-rex-pcre2)
-- Regular expressions through a userdata library with gsub callbacks and iterators.
local rex = require "rex_pcre2"
print(rex.match("the year 2024 and 1999", "(\\d{4})"), rex.find("abcdef", "c(d)e"))
print(rex.gsub("hello world", "o", "0"), rex.gsub("a1b2", "\\d", function(d) return "<" .. d * 2 .. ">" end))
print(rex.gsub("x y", "\\w", { x = "ex" }), rex.gsub("aaa", "a", "b", 2))
for key, value in rex.gmatch("a=1, b=2, c=3", "(\\w)=(\\d)") do io.write(key, value, " ") end
for part in rex.split("one, two,three", ",\\s*") do io.write("[", part, "]") end
print()
local pattern = rex.new("(?<y>\\d+)-(?<m>\\d+)", "i")
local from, to, groups = pattern:tfind "on 2024-05"
print(from, to, groups[1], groups.y, groups.m, type(pattern))
print(pcall(rex.new, "(unclosed"))
print(pcall(rex.gsub, "abc", ".", function() error("in callback", 0) end))
print(pcall(rex.gsub, "abc", ".", function() return {} end))
local co = coroutine.wrap(function() for w in rex.gmatch("p q r", "\\w") do coroutine.yield(w) end end)
print(co(), co(), co())
print(pcall(coroutine.wrap(function() return rex.gsub("abc", ".", coroutine.yield) end)))
