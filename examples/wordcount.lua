-- wordcount.lua [-n COUNT] [FILE...]: words, their frequency, and other figures about a text.
--
-- Words are runs of letters and apostrophes, counted without regard to case. The text is read line by line, so the
-- size of a file does not matter. Without files it reads the text that lies beside this program.

local Counter = {}
Counter.__index = Counter

function Counter.new()
  return setmetatable({counts = {}, total = 0, distinct = 0}, Counter)
end

function Counter:add(key)
  local n = self.counts[key]
  if not n then
    self.distinct = self.distinct + 1
  end
  self.counts[key] = (n or 0) + 1
  self.total = self.total + 1
end

--- The most frequent keys, ties in alphabetical order, as a list of {key, count}.
function Counter:top(limit)
  local list = {}
  for key, n in pairs(self.counts) do
    list[#list + 1] = {key, n}
  end
  table.sort(list, function(a, b)
    if a[2] ~= b[2] then return a[2] > b[2] end
    return a[1] < b[1]
  end)
  return table.move(list, 1, math.min(limit, #list), 1, {})
end

local Text = {}
Text.__index = Text

function Text.new()
  return setmetatable({
    lines = 0, bytes = 0, sentences = 0, paragraphs = 0,
    words = Counter.new(), letters = Counter.new(), pairs = Counter.new(), lengths = Counter.new(),
    inParagraph = false, previous = nil,
  }, Text)
end

function Text:addLine(line)
  self.lines = self.lines + 1
  self.bytes = self.bytes + #line + 1
  if line:find("%S") then
    if not self.inParagraph then self.paragraphs = self.paragraphs + 1 end
    self.inParagraph = true
  else
    self.inParagraph, self.previous = false, nil
  end
  self.sentences = self.sentences + select(2, line:gsub("[.!?]+%f[%s\0\"']", ""))
  for word in line:gmatch("%a[%a']*") do
    self:addWord(word:lower():gsub("'+$", ""))
  end
end

function Text:addWord(word)
  self.words:add(word)
  self.lengths:add(#word)
  for letter in word:gmatch("%a") do
    self.letters:add(letter)
  end
  if self.previous then
    self.pairs:add(self.previous .. " " .. word)
  end
  self.previous = word
end

function Text:addFile(path)
  local file <close> = assert(io.open(path))
  for line in file:lines() do
    self:addLine(line)
  end
end

local function printTop(title, counter, limit)
  print()
  print(title)
  for rank, entry in ipairs(counter:top(limit)) do
    print(("%4d. %-20s %5d  %5.1f %%"):format(rank, entry[1], entry[2], 100 * entry[2] / counter.total))
  end
end

local function printHistogram(lengths)
  print()
  print("word lengths")
  local longest, most = 0, 0
  for length, n in pairs(lengths.counts) do
    longest, most = math.max(longest, length), math.max(most, n)
  end
  for length = 1, longest do
    local n = lengths.counts[length] or 0
    print(("%4d %5d %s"):format(length, n, ("*"):rep((n * 50 + most - 1) // most)))
  end
end

local function printSummary(text)
  print(("%d lines, %d words, %d bytes"):format(text.lines, text.words.total, text.bytes))
  print(("%d paragraphs, %d sentences"):format(text.paragraphs, text.sentences))
  print(("%d different words, %.1f words a sentence"):format(
    text.words.distinct, text.words.total / math.max(1, text.sentences)))
end

local function parseArguments(args)
  local limit, files, i = 10, {}, 1
  while i <= #args do
    if args[i] == "-n" then
      limit = tonumber(args[i + 1]) or error("a number must follow -n", 0)
      i = i + 2
    else
      files[#files + 1] = args[i]
      i = i + 1
    end
  end
  if #files == 0 then
    files[1] = (args[0]:match("^(.*[/\\])") or "") .. "data/tides.txt"
  end
  return limit, files
end

local limit, files = parseArguments(arg)
local text = Text.new()
for _, path in ipairs(files) do
  text:addFile(path)
end
printSummary(text)
printTop("most frequent words", text.words, limit)
printTop("most frequent pairs", text.pairs, limit)
printTop("most frequent letters", text.letters, limit)
printHistogram(text.lengths)
