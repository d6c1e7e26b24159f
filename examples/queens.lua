-- queens.lua [N]: places N queens so that none attacks another, in three ways.
--
-- The same question asked to three styles of program: sets of bits, a generator that yields each solution, and dancing
-- links, where the board is an exact cover problem with optional diagonals. All three must agree on the count.

-- Sets of bits -----------------------------------------------------------------------------------------------------

--- Count solutions; `columns`, `left` and `right` are the attacked squares of the current row, one bit a column.
local function countWithBits(all, columns, left, right)
  if columns == all then return 1 end
  local count, free = 0, all & ~(columns | left | right)
  while free ~= 0 do
    local bit = free & -free
    free = free ~ bit
    count = count + countWithBits(all, columns | bit, (left | bit) << 1, (right | bit) >> 1)
  end
  return count
end

-- Generator --------------------------------------------------------------------------------------------------------

local function attacks(rows, column, row)
  for other = 1, column - 1 do
    local difference = rows[other] - row
    if difference == 0 or difference == column - other or difference == other - column then
      return true
    end
  end
  return false
end

--- Iterate over solutions as lists of rows; the list is reused, so a consumer that keeps it must copy it.
local function solutions(n)
  local rows = {}
  local function place(column)
    if column > n then
      coroutine.yield(rows)
      return
    end
    for row = 1, n do
      if not attacks(rows, column, row) then
        rows[column] = row
        place(column + 1)
      end
    end
  end
  return coroutine.wrap(function() place(1) end)
end

-- Dancing links ----------------------------------------------------------------------------------------------------

-- A node is linked to its neighbours in four directions, and knows its header. Removing a node keeps its own links,
-- which is what makes putting it back cheap, if it is done in the reverse order.

local function header(name, optional)
  local node = {name = name, size = 0, optional = optional}
  node.up, node.down, node.left, node.right, node.column = node, node, node, node, node
  return node
end

local function insertLeft(node, of)
  node.left, node.right = of.left, of
  of.left.right = node
  of.left = node
end

local function insertAbove(node, of)
  node.up, node.down = of.up, of
  of.up.down = node
  of.up = node
end

local function cover(column)
  column.right.left, column.left.right = column.left, column.right
  local row = column.down
  while row ~= column do
    local node = row.right
    while node ~= row do
      node.down.up, node.up.down = node.up, node.down
      node.column.size = node.column.size - 1
      node = node.right
    end
    row = row.down
  end
end

local function uncover(column)
  local row = column.up
  while row ~= column do
    local node = row.left
    while node ~= row do
      node.column.size = node.column.size + 1
      node.down.up, node.up.down = node, node
      node = node.left
    end
    row = row.up
  end
  column.right.left, column.left.right = column, column
end

local function addRow(columns)
  local first
  for _, column in ipairs(columns) do
    local node = {column = column}
    node.left, node.right = node, node
    insertAbove(node, column)
    column.size = column.size + 1
    if first then insertLeft(node, first) else first = node end
  end
end

--- Ranks and files must be covered once; diagonals at most once, so their headers stay out of the ring of the root.
local function buildMatrix(n)
  local root, columns = header("root"), {}
  local function get(kind, i, optional)
    local key = kind .. i
    if not columns[key] then
      columns[key] = header(key, optional)
      if not optional then insertLeft(columns[key], root) end
    end
    return columns[key]
  end
  for x = 1, n do
    for y = 1, n do
      addRow{get("x", x), get("y", y), get("d", x + y, true), get("e", x - y, true)}
    end
  end
  return root
end

local function smallestColumn(root)
  local best, column = root.right, root.right
  while column ~= root do
    if column.size < best.size then best = column end
    column = column.right
  end
  return best
end

local function countWithLinks(root)
  if root.right == root then return 1 end
  local column = smallestColumn(root)
  if column.size == 0 then return 0 end
  local count = 0
  cover(column)
  local row = column.down
  while row ~= column do
    local node = row.right
    while node ~= row do cover(node.column) node = node.right end
    count = count + countWithLinks(root)
    node = row.left
    while node ~= row do uncover(node.column) node = node.left end
    row = row.down
  end
  uncover(column)
  return count
end

-- Report -----------------------------------------------------------------------------------------------------------

local function draw(rows)
  local lines = {}
  for row = #rows, 1, -1 do
    local squares = {}
    for column = 1, #rows do
      squares[column] = rows[column] == row and "Q" or "."
    end
    lines[#lines + 1] = table.concat(squares, " ")
  end
  return table.concat(lines, "\n")
end

local function main(n)
  local found, first = 0, nil
  for rows in solutions(n) do
    found = found + 1
    first = first or draw(rows)
  end
  print(first or "no solution")
  print(("generator:     %d"):format(found))
  print(("bits:          %d"):format(countWithBits((1 << n) - 1, 0, 0, 0)))
  print(("dancing links: %d"):format(countWithLinks(buildMatrix(n))))
end

main(tonumber(arg and arg[1]) or 7)
