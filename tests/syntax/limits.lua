-- Limits of the compiler: locals, upvalues, nesting, constants, jumps.
local function report(name, source)
  -- Under pcall, so that a message handler of the host program adds no traceback.
  local _, f, message = pcall(load, source, "=s")
  print(name, f and "compiles" or (message:gsub("'a%d+'", "'aN'")))
end

local function names(n, prefix)
  local list = {}
  for i = 1, n do list[i] = prefix .. i end
  return list
end

local function locals(n) return "local " .. table.concat(names(n, "a"), ", ") end

report("200 locals", locals(200))
report("201 locals", locals(201))
report("201 locals in a function", "function f()\n" .. locals(201) .. "\nend")
report("locals in blocks", "do " .. locals(199) .. " end " .. locals(199))
report("200 parameters", "function f(" .. table.concat(names(200, "a"), ", ") .. ") end")
report("201 parameters", "function f(" .. table.concat(names(201, "a"), ", ") .. ") end")

local function upvalues(n)
  local half = n // 2
  local uses = "x = " .. table.concat(names(half, "a"), " x = ") .. " x = " .. table.concat(names(n - half, "b"), " x = ")
  return ("local x, %s\nlocal function g() local %s\nlocal function h() %s end end"):format(
    table.concat(names(half, "a"), ", "), table.concat(names(n - half, "b"), ", "), uses)
end

report("240 upvalues", upvalues(240))
report("255 upvalues", upvalues(254))
report("256 upvalues", upvalues(255))
report("300 upvalues", upvalues(300))

for _, n in ipairs{50, 150, 1000} do
  report(n .. " parentheses", "return " .. ("("):rep(n) .. "1" .. (")"):rep(n))
  report(n .. " tables", "return " .. ("{"):rep(n) .. ("}"):rep(n))
  report(n .. " blocks", ("do "):rep(n) .. ("end "):rep(n))
  if n ~= 150 then report(n .. " functions", ("return function() "):rep(n) .. ("end "):rep(n)) end
  report(n .. " unary minus", "return " .. ("- "):rep(n) .. "1")
  report(n .. " concatenations", "return " .. ("a .. "):rep(n) .. "a")
  report(n .. " powers", "return " .. ("a ^ "):rep(n) .. "a")
end

report("many additions", "return " .. ("a + "):rep(5000) .. "a")
report("many constants", "return {" .. table.concat(names(70000, ""), ".5, ") .. "}")
report("many arguments", "f(" .. ("x, "):rep(240) .. "x)")
report("too many arguments", "f(" .. ("x, "):rep(260) .. "x)")
report("many targets", ("x, "):rep(180) .. "x = 1")
report("many statements", ("x = 1\n"):rep(5000))
report("many functions", ("function f() end\n"):rep(3000))
report("long jump", "while x do\n" .. ("y = y + 1\n"):rep(20000) .. "end")
report("long if chain", "if x then " .. ("elseif y then z = 1 "):rep(2000) .. "end")
report("line number in the message", ("\n"):rep(5000) .. "x =")
report("long string", "return '" .. ("x"):rep(100000) .. "'")
report("long name", "local " .. ("x"):rep(10000) .. " = 1")
report("break out of nothing, far down", ("x = 1\n"):rep(300) .. "break")
report("goto over many lines", "goto l\n" .. ("x = 1\n"):rep(300) .. "::l::")
report("pending goto", "goto l\n" .. ("x = 1\n"):rep(300))
report("repeated label", "::l::\n" .. ("x = 1\n"):rep(300) .. "::l::")
