-- needs: lpeg (lua-lpeg)
-- LPeg keeps Lua values in user values of its patterns and calls back from its own virtual machine.
local lpeg = require "lpeg"
local re = require "re"
local P, R, S, V, C, Ct, Cc, Cg, Cb, Cf, Cmt, Cs =
  lpeg.P, lpeg.R, lpeg.S, lpeg.V, lpeg.C, lpeg.Ct, lpeg.Cc, lpeg.Cg, lpeg.Cb, lpeg.Cf, lpeg.Cmt, lpeg.Cs

print(lpeg.type(P "a"), lpeg.type {}, type(lpeg.version) == "function" and "f" or lpeg.version)

-- an arithmetic evaluator with a recursive grammar
local space = S " \t" ^ 0
local function apply(a, op, b)
  if op == "+" then return a + b elseif op == "-" then return a - b
  elseif op == "*" then return a * b else return a / b end
end
local function tok(p) return p * space end
local expression = P {
  "sum",
  sum = Cf(V "product" * Cg(tok(C(S "+-")) * V "product") ^ 0, apply),
  product = Cf(V "atom" * Cg(tok(C(S "*/")) * V "atom") ^ 0, apply),
  atom = tok(C(R "09" ^ 1) / tonumber) + tok(P "(") * V "sum" * tok(P ")"),
}
for _, text in ipairs { "1 + 2 * 3", "(1+2)*3 - 4/2", "((((7))))", "2*(3+4)*5" } do
  print(text, (space * expression * -1):match(text))
end

-- substitution, match-time captures, back captures, tables
print(Cs((P "a" / "<%0>" + 1) ^ 0):match("banana"))
local longstring = P { "[" * Cg(P "=" ^ 0, "init") * "[" *
  C((1 - Cmt("]" * C(P "=" ^ 0) * "]" * Cb "init", function(_, i, a, b) return a == b and i end)) ^ 0) }
print(longstring:match("[==[ a ]=] b ]==]"))
local list = Ct(C(R "az" ^ 1) * ("," * C(R "az" ^ 1)) ^ 0)
print(table.concat(list:match("one,two,three"), "|"))
print(lpeg.match(Ct(Cg(Cc(1), "x") * Cg(Cc "y", "y")), "").y)

-- errors raised through LPeg's frames, and by LPeg itself
print(pcall(lpeg.match, P(1) / function() error("from a capture", 0) end, "x"))
print(pcall(function() return P { "a", a = V "a" } end))
print(pcall(lpeg.match, {}, "x"))
print(select(2, pcall(function() return P "" ^ 0 end)))
print(pcall(lpeg.P, print, 1) == true)

-- deep backtracking and many captures
local many = Ct((C(P(1))) ^ 0):match(("x"):rep(20000))
print(#many, many[20000])
print(re.match("key = value", "{ {%w+} %s* '=' %s* {%w+} }")[2])
print(re.gsub("hello world", "[aeiou]", "*"), re.find("the number 423", "[0-9]+"))
collectgarbage()
local grammar = re.compile [[ balanced <- "(" ([^()] / balanced)* ")" ]]
for _, t in ipairs { "(a(b)c)", "((", "()" } do print(t, grammar:match(t)) end
