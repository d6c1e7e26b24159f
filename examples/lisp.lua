-- lisp.lua [FILE]: a small Lisp. Without a file it runs the program at the end of this text.
--
-- Values: numbers, strings and booleans are Lua's; symbols are interned tables; lists are chains of pairs that end in
-- the empty list; functions are Lua functions or closures of lambda expressions. An environment is a table whose
-- __index is the enclosing one. The evaluator loops instead of calling itself in tail position, so that loops written
-- as recursion need no stack.

local NIL = setmetatable({}, {__tostring = function() return "()" end})

local Symbol = {}
Symbol.__tostring = function(symbol) return symbol.name end

local symbols = {}
local function intern(name)
  local symbol = symbols[name]
  if not symbol then
    symbol = setmetatable({name = name}, Symbol)
    symbols[name] = symbol
  end
  return symbol
end

local Pair = {}
local function cons(head, tail)
  return setmetatable({head, tail}, Pair)
end

local function isPair(value)
  return getmetatable(value) == Pair
end

local function list(items, tail)
  local result = tail or NIL
  for i = #items, 1, -1 do
    result = cons(items[i], result)
  end
  return result
end

--- Iterate over the elements of a proper list.
local function each(pairs_)
  return function()
    if pairs_ == NIL then return nil end
    local head = pairs_[1]
    pairs_ = pairs_[2]
    return head
  end
end

function Pair.__tostring(pair)
  local parts = {}
  while isPair(pair) do
    parts[#parts + 1] = type(pair[1]) == "string" and ("%q"):format(pair[1]) or tostring(pair[1])
    pair = pair[2]
  end
  if pair ~= NIL then
    parts[#parts + 1] = ". " .. tostring(pair)
  end
  return "(" .. table.concat(parts, " ") .. ")"
end

-- Reader -----------------------------------------------------------------------------------------------------------

local CLOSE, QUOTE = {}, intern("quote")

local function atom(token)
  if token == "#t" then return true end
  if token == "#f" then return false end
  return tonumber(token) or intern(token)
end

--- Returns a function that reads the next expression, or nil at the end.
local function reader(text)
  local position = 1
  local read

  local function readList()
    local items = {}
    while true do
      local item = read()
      if item == nil then error("')' expected at the end of the program", 0) end
      if item == CLOSE then return list(items) end
      items[#items + 1] = item
    end
  end

  function read()
    position = text:match("^[%s]*()", position)
    while text:sub(position, position) == ";" do
      position = text:match("^[^\n]*%s*()", position)
    end
    if position > #text then return nil end
    local character = text:sub(position, position)
    if character == "(" or character == ")" or character == "'" then
      position = position + 1
      if character == "(" then return readList() end
      return character == ")" and CLOSE or list{QUOTE, read()}
    elseif character == '"' then
      local content, after = text:match('^"([^"]*)"()', position)
      position = after
      return content
    end
    local token, after = text:match("^([^%s()';]+)()", position)
    position = after
    return atom(token)
  end
  return read
end

-- Evaluator --------------------------------------------------------------------------------------------------------

local Lambda = {}
Lambda.__tostring = function() return "#<lambda>" end

local evaluate

local function extend(lambda, arguments)
  local env = setmetatable({}, {__index = lambda.env})
  for i, name in ipairs(lambda.parameters) do
    env[name] = arguments[i]
  end
  return env
end

local function evaluateAll(expressions, env)
  local values = {}
  for expression in each(expressions) do
    values[#values + 1] = evaluate(expression, env)
  end
  return values
end

--- Evaluate all expressions of a body but the last, which is returned for the caller's loop.
local function allButLast(body, env)
  while body[2] ~= NIL do
    evaluate(body[1], env)
    body = body[2]
  end
  return body[1]
end

--- Special forms: each returns either true and a value, or false, an expression and an environment to go on with.
local special = {}

special["quote"] = function(form) return true, form[1] end

special["if"] = function(form, env)
  if evaluate(form[1], env) ~= false then return false, form[2][1], env end
  local otherwise = form[2][2]
  if otherwise == NIL then return true, NIL end
  return false, otherwise[1], env
end

special["begin"] = function(form, env) return false, allButLast(form, env), env end

special["lambda"] = function(form, env)
  local parameters = {}
  for name in each(form[1]) do parameters[#parameters + 1] = name end
  return true, setmetatable({parameters = parameters, body = form[2], env = env}, Lambda)
end

special["define"] = function(form, env)
  local target, value = form[1], nil
  if isPair(target) then
    local _, lambda = special["lambda"](cons(target[2], form[2]), env)
    target, value = target[1], lambda
  else
    value = evaluate(form[2][1], env)
  end
  env[target] = value
  return true, target
end

special["let"] = function(form, env)
  local inner = setmetatable({}, {__index = env})
  for binding in each(form[1]) do inner[binding[1]] = evaluate(binding[2][1], env) end
  return false, allButLast(form[2], inner), inner
end

local function variable(symbol, env)
  local value = env[symbol]
  if value == nil then error("unbound variable " .. symbol.name, 0) end
  return value
end

function evaluate(expression, env)
  while true do
    local meta = getmetatable(expression)
    if meta == Symbol then return variable(expression, env) end
    if meta ~= Pair then return expression end
    local head = expression[1]
    local form = getmetatable(head) == Symbol and special[head.name]
    if form then
      local done, result, scope = form(expression[2], env)
      if done then return result end
      expression, env = result, scope
    else
      local callee = evaluate(head, env)
      local arguments = evaluateAll(expression[2], env)
      if type(callee) == "function" then return callee(table.unpack(arguments)) end
      if getmetatable(callee) ~= Lambda then error("not a function: " .. tostring(callee), 0) end
      env = extend(callee, arguments)
      expression = allButLast(callee.body, env)
    end
  end
end

-- Library and program ----------------------------------------------------------------------------------------------

local function fold(operation)
  return function(first, ...)
    for _, value in ipairs{...} do first = operation(first, value) end
    return first
  end
end

local function display(...)
  local parts = {}
  for i, value in ipairs{...} do parts[i] = tostring(value) end
  print(table.concat(parts, " "))
  return NIL
end

local function globals()
  local env = {}
  for name, value in pairs{
    ["+"] = fold(function(a, b) return a + b end), ["*"] = fold(function(a, b) return a * b end),
    ["-"] = function(a, b) return b and a - b or -a end, ["/"] = function(a, b) return a // b end,
    ["mod"] = function(a, b) return a % b end, ["="] = function(a, b) return a == b end,
    ["<"] = function(a, b) return a < b end, [">"] = function(a, b) return a > b end,
    ["cons"] = cons, ["car"] = function(p) return p[1] end, ["cdr"] = function(p) return p[2] end,
    ["null?"] = function(v) return v == NIL end, ["pair?"] = isPair, ["not"] = function(v) return v == false end,
    ["list"] = function(...) return list{...} end, ["display"] = display,
  } do
    env[intern(name)] = value
  end
  return env
end

local function run(text)
  local env = globals()
  for expression in reader(text) do
    evaluate(expression, env)
  end
end

local PROGRAM = [[
; Numbers and recursion
(define (fact n) (if (< n 2) 1 (* n (fact (- n 1)))))
(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(display "fact" (fact 20) "fib" (fib 15))

; A loop of any length in constant space
(define (count n total) (if (= n 0) total (count (- n 1) (+ total n))))
(display "sum" (count 5000 0))

; Lists
(define (map f l) (if (null? l) '() (cons (f (car l)) (map f (cdr l)))))
(define (filter p l) (if (null? l) '() (if (p (car l)) (cons (car l) (filter p (cdr l))) (filter p (cdr l)))))
(define (range a b) (if (< a b) (cons a (range (+ a 1) b)) '()))
(define (append a b) (if (null? a) b (cons (car a) (append (cdr a) b))))
(display (map (lambda (x) (* x x)) (range 1 11)))

(define (sort l)
  (if (null? l) '()
      (let ((pivot (car l)) (rest (cdr l)))
        (append (sort (filter (lambda (x) (< x pivot)) rest))
                (cons pivot (sort (filter (lambda (x) (not (< x pivot))) rest)))))))
(display (sort '(3 1 4 1 5 9 2 6 5 3 5)))

; Closures
(define (adder n) (lambda (x) (+ x n)))
(define (compose f g) (lambda (x) (f (g x))))
(display ((compose (adder 1) (adder 10)) 100) (cons 1 2) '(a "b" (c . d)))

; Eight queens: how many ways to place N queens
(define (safe? row distance placed)
  (if (null? placed) #t
      (let ((q (car placed)))
        (if (= q row) #f
        (if (= q (+ row distance)) #f
        (if (= q (- row distance)) #f
            (safe? row (+ distance 1) (cdr placed))))))))
(define (queens n column placed)
  (if (= column n) 1 (try n 0 column placed)))
(define (try n row column placed)
  (if (= row n) 0
      (+ (if (safe? row 1 placed) (queens n (+ column 1) (cons row placed)) 0)
         (try n (+ row 1) column placed))))
(display "queens" (queens 5 0 '()) (queens 6 0 '()))
]]

local function readFile(path)
  local file <close> = assert(io.open(path))
  return file:read("a")
end

run(arg[1] and readFile(arg[1]) or PROGRAM)
