-- life.lua [PATTERN] [GENERATIONS] [WIDTH] [HEIGHT]: Conway's Game of Life on a torus.
--
-- The board is one flat array of 0 and 1, row after row; the neighbours of a cell are found by index arithmetic that
-- wraps at the edges. Two arrays take turns: one is read while the other is written.

local PATTERNS = {
  glider = {
    ".#.",
    "..#",
    "###",
  },
  blinker = {
    "###",
  },
  rpentomino = {
    ".##",
    "##.",
    ".#.",
  },
  acorn = {
    ".#.....",
    "...#...",
    "##..###",
  },
  pulsar = {
    "..###...###..",
    ".............",
    "#....#.#....#",
    "#....#.#....#",
    "#....#.#....#",
    "..###...###..",
    ".............",
    "..###...###..",
    "#....#.#....#",
    "#....#.#....#",
    "#....#.#....#",
    ".............",
    "..###...###..",
  },
}

local Board = {}
Board.__index = Board

function Board.new(width, height)
  local cells = {}
  for i = 1, width * height do
    cells[i] = 0
  end
  return setmetatable({width = width, height = height, cells = cells, spare = {}, generation = 0}, Board)
end

--- Index of a cell; coordinates count from 0 and wrap around.
function Board:index(x, y)
  return y % self.height * self.width + x % self.width + 1
end

--- Write a pattern with its centre in the middle of the board.
function Board:place(pattern)
  local left = (self.width - #pattern[1]) // 2
  local top = (self.height - #pattern) // 2
  for dy, row in ipairs(pattern) do
    for dx = 1, #row do
      if row:sub(dx, dx) == "#" then
        self.cells[self:index(left + dx - 1, top + dy - 1)] = 1
      end
    end
  end
end

--- One generation: a live cell stays with two or three neighbours, a dead one is born with three.
function Board:step()
  local cells, after = self.cells, self.spare
  local width, height = self.width, self.height
  for y = 0, height - 1 do
    local above = (y - 1) % height * width
    local row = y * width
    local below = (y + 1) % height * width
    for x = 0, width - 1 do
      local left, here, right = (x - 1) % width + 1, x + 1, (x + 1) % width + 1
      local n = cells[above + left] + cells[above + here] + cells[above + right]
              + cells[row + left] + cells[row + right]
              + cells[below + left] + cells[below + here] + cells[below + right]
      after[row + here] = (n == 3 or n == 2 and cells[row + here] == 1) and 1 or 0
    end
  end
  self.cells, self.spare = after, cells
  self.generation = self.generation + 1
end

function Board:population()
  local n = 0
  for _, cell in ipairs(self.cells) do
    n = n + cell
  end
  return n
end

function Board:__tostring()
  local lines = {}
  for y = 0, self.height - 1 do
    local row = table.concat(self.cells, "", y * self.width + 1, (y + 1) * self.width)
    lines[#lines + 1] = (row:gsub(".", {["0"] = ".", ["1"] = "#"}))
  end
  return table.concat(lines, "\n")
end

--- Step until a state repeats or the limit is reached. Returns the generations of the first and second occurrence.
function Board:run(generations)
  local seen = {[table.concat(self.cells)] = 0}
  for _ = 1, generations do
    self:step()
    local state = table.concat(self.cells)
    if seen[state] then
      return seen[state], self.generation
    end
    seen[state] = self.generation
  end
end

local function main(name, generations, width, height)
  local pattern = PATTERNS[name]
  if not pattern then
    local names = {}
    for known in pairs(PATTERNS) do
      names[#names + 1] = known
    end
    table.sort(names)
    io.stderr:write("unknown pattern '", name, "'; known are ", table.concat(names, ", "), "\n")
    os.exit(1)
  end
  local board = Board.new(width, height)
  board:place(pattern)
  print(("%s: %d cells"):format(name, board:population()))
  local first, second = board:run(generations)
  print(board)
  print(("generation %d: %d cells"):format(board.generation, board:population()))
  if first then
    print(("repeats generation %d, period %d"):format(first, second - first))
  end
end

main(arg[1] or "acorn", tonumber(arg[2]) or 60, tonumber(arg[3]) or 40, tonumber(arg[4]) or 24)
