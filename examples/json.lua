-- json.lua [pretty|compact|check] [FILE]: a JSON parser and writer, with a command line around it.
--
-- The parser is recursive descent over the text with one position; `string.find` with anchored patterns does the
-- scanning. JSON null becomes a sentinel, so that it survives in tables; arrays carry a metatable, so that an empty one
-- is not mistaken for an object. The writer sorts keys: the same value always gives the same text.
--
-- Used as a module, it returns {decode, encode, null, array}.

local json = {}

json.null = setmetatable({}, {__tostring = function() return "null" end})

local Array = {}

--- Mark a table as an array (and return it).
function json.array(t)
  return setmetatable(t, Array)
end

-- Parser -----------------------------------------------------------------------------------------------------------

local Parser = {}
Parser.__index = Parser

local ESCAPES = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}

--- Raise an error that names line and column of a position.
function Parser:fail(message, position)
  position = position or self.position
  local line, lineStart = 1, 1
  for newline in self.text:sub(1, position - 1):gmatch("()\n") do
    line, lineStart = line + 1, newline + 1
  end
  error(("line %d, column %d: %s"):format(line, position - lineStart + 1, message), 0)
end

function Parser:skipSpace()
  self.position = self.text:find("[^ \t\r\n]", self.position) or #self.text + 1
end

--- Consume a punctuation character if it comes next.
function Parser:accept(character)
  self:skipSpace()
  if self.text:sub(self.position, self.position) == character then
    self.position = self.position + 1
    return true
  end
  return false
end

function Parser:expect(character, where)
  if not self:accept(character) then
    self:fail(("'%s' expected %s"):format(character, where))
  end
end

--- The four digits after \u, joined with a second escape when they are half of a surrogate pair.
function Parser:unicodeEscape(position)
  local digits = self.text:match("^%x%x%x%x", position) or self:fail("four digits expected after \\u", position)
  local code = tonumber(digits, 16)
  if code >= 0xD800 and code < 0xDC00 then
    local low = self.text:match("^\\u(%x%x%x%x)", position + 4)
    low = low and tonumber(low, 16)
    if low and low >= 0xDC00 and low < 0xE000 then
      return utf8.char(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), position + 10
    end
  end
  return utf8.char(code), position + 4
end

function Parser:string()
  local text, start = self.text, self.position
  local pieces, at = {}, self.position + 1
  while true do
    local stop = text:find('["\\%c]', at) or self:fail("unfinished string", start)
    pieces[#pieces + 1] = text:sub(at, stop - 1)
    local character = text:sub(stop, stop)
    if character == '"' then
      self.position = stop + 1
      return table.concat(pieces)
    elseif character ~= "\\" then
      self:fail("control character in a string", stop)
    end
    local escape = text:sub(stop + 1, stop + 1)
    if escape == "u" then
      pieces[#pieces + 1], at = self:unicodeEscape(stop + 2)
    else
      pieces[#pieces + 1] = ESCAPES[escape] or self:fail("unknown escape", stop)
      at = stop + 2
    end
  end
end

function Parser:number()
  local start = self.position
  local integer = self.text:match("^%-?%d+", start) or self:fail("a value expected")
  if integer:find("^%-?0%d") then
    self:fail("a number must not begin with 0")
  end
  local rest = start + #integer
  local fraction = self.text:match("^%.%d+", rest) or ""
  local exponent = self.text:match("^[eE][+-]?%d+", rest + #fraction) or ""
  self.position = rest + #fraction + #exponent
  return tonumber(integer .. fraction .. exponent)
end

function Parser:arrayValue()
  local list = json.array{}
  self.position = self.position + 1
  if self:accept("]") then return list end
  repeat
    list[#list + 1] = self:value()
  until not self:accept(",")
  self:expect("]", "to close the array")
  return list
end

function Parser:objectValue()
  local object = {}
  self.position = self.position + 1
  if self:accept("}") then return object end
  repeat
    self:skipSpace()
    if self.text:sub(self.position, self.position) ~= '"' then
      self:fail("a key expected")
    end
    local key = self:string()
    self:expect(":", "after the key")
    object[key] = self:value()
  until not self:accept(",")
  self:expect("}", "to close the object")
  return object
end

local WORDS = {["true"] = true, ["false"] = false, null = json.null}

function Parser:value()
  self:skipSpace()
  local character = self.text:sub(self.position, self.position)
  if character == "{" then return self:objectValue() end
  if character == "[" then return self:arrayValue() end
  if character == '"' then return self:string() end
  local word = self.text:match("^%a+", self.position)
  if word and WORDS[word] ~= nil then
    self.position = self.position + #word
    return WORDS[word]
  end
  return self:number()
end

--- Parse a text; raises an error with line and column.
function json.decode(text)
  local parser = setmetatable({text = text, position = 1}, Parser)
  local value = parser:value()
  parser:skipSpace()
  if parser.position <= #text then
    parser:fail("end of text expected")
  end
  return value
end

-- Writer -----------------------------------------------------------------------------------------------------------

local REPLACEMENTS = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
}

local function quoted(s)
  return '"' .. s:gsub('[%c"\\]', function(c)
    return REPLACEMENTS[c] or ("\\u%04x"):format(c:byte())
  end) .. '"'
end

local function numeral(x)
  if x ~= x or x == math.huge or x == -math.huge then
    error("a number without a JSON form", 0)
  end
  if math.type(x) == "integer" then
    return tostring(x)
  end
  local short = ("%.15g"):format(x)
  return tonumber(short) == x and short or ("%.17g"):format(x)
end

local function sortedKeys(object)
  local keys = {}
  for key in pairs(object) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

local encodeValue

--- Write the items between two brackets, each on its own line if there is an indentation.
local function enclosed(open, items, close, indent, depth)
  if #items == 0 then return open .. close end
  if not indent then return open .. table.concat(items, ",") .. close end
  local inner = "\n" .. indent:rep(depth + 1)
  return open .. inner .. table.concat(items, "," .. inner) .. "\n" .. indent:rep(depth) .. close
end

local function encodeTable(t, indent, depth)
  local items = {}
  if getmetatable(t) == Array then
    for i, item in ipairs(t) do
      items[i] = encodeValue(item, indent, depth + 1)
    end
    return enclosed("[", items, "]", indent, depth)
  end
  for i, key in ipairs(sortedKeys(t)) do
    items[i] = quoted(key) .. (indent and ": " or ":") .. encodeValue(t[key], indent, depth + 1)
  end
  return enclosed("{", items, "}", indent, depth)
end

function encodeValue(value, indent, depth)
  if value == json.null then return "null" end
  local kind = type(value)
  if kind == "table" then return encodeTable(value, indent, depth) end
  if kind == "string" then return quoted(value) end
  if kind == "number" then return numeral(value) end
  if kind == "boolean" then return tostring(value) end
  error("a " .. kind .. " has no JSON form", 0)
end

--- Write a value; `indent` (such as two spaces) asks for one item a line.
function json.encode(value, indent)
  return encodeValue(value, indent, 0)
end

-- Command line -----------------------------------------------------------------------------------------------------

local function main(command, path)
  local file <close> = assert(io.open(path, "rb"))
  local ok, result = pcall(json.decode, file:read("a"))
  if not ok then
    io.stderr:write(path, ": ", result, "\n")
    os.exit(1, true)
  end
  if command == "check" then
    print("ok")
  else
    print(json.encode(result, command == "pretty" and "  " or nil))
  end
end

if arg and arg[0] and arg[0]:find("json%.lua$") then
  local folder = arg[0]:match("^(.*[/\\])") or ""
  main(arg[1] or "pretty", arg[2] or folder .. "data/planets.json")
end

return json
