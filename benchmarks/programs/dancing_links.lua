-- Exact cover by dancing links (Knuth's algorithm X): all tilings of a 2k x n board by dominoes,
-- nodes as objects in doubly linked rings. The count is checked against the transfer of broken
-- profiles.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Matrix = {}
Matrix.__index = Matrix

function Matrix.new(columns)
    local root = { size = 0 }
    root.left, root.right = root, root
    local m = setmetatable({ root = root, columns = {}, solutions = 0 }, Matrix)
    for i = 1, columns do
        local c = { size = 0, left = root.left, right = root }
        c.up, c.down = c, c
        root.left.right, root.left = c, c
        m.columns[i] = c
    end
    return m
end

function Matrix:row(list)
    local first
    for _, i in ipairs(list) do
        local c = self.columns[i]
        local node = { column = c, up = c.up, down = c }
        c.up.down, c.up = node, node
        c.size = c.size + 1
        if first then
            node.left, node.right = first.left, first
            first.left.right, first.left = node, node
        else
            node.left, node.right = node, node
            first = node
        end
    end
end

local function cover(c)
    c.right.left, c.left.right = c.left, c.right
    local row = c.down
    while row ~= c do
        local node = row.right
        while node ~= row do
            node.down.up, node.up.down = node.up, node.down
            node.column.size = node.column.size - 1
            node = node.right
        end
        row = row.down
    end
end

local function uncover(c)
    local row = c.up
    while row ~= c do
        local node = row.left
        while node ~= row do
            node.column.size = node.column.size + 1
            node.down.up, node.up.down = node, node
            node = node.left
        end
        row = row.up
    end
    c.right.left, c.left.right = c, c
end

function Matrix:smallest()
    local best, c = self.root.right, self.root.right
    while c ~= self.root do
        if c.size < best.size then
            best = c
        end
        c = c.right
    end
    return best
end

function Matrix:search()
    if self.root.right == self.root then
        self.solutions = self.solutions + 1
        return
    end
    local c = self:smallest()
    cover(c)
    local row = c.down
    while row ~= c do
        local node = row.right
        while node ~= row do
            cover(node.column)
            node = node.right
        end
        self:search()
        node = row.left
        while node ~= row do
            uncover(node.column)
            node = node.left
        end
        row = row.down
    end
    uncover(c)
end

local function run(n)
    local m, height = Matrix.new(4 * n), 4
    local function cell(x, y) return (x - 1) * height + y end
    for x = 1, n do
        for y = 1, height do
            if x < n then m:row { cell(x, y), cell(x + 1, y) } end
            if y < height then m:row { cell(x, y), cell(x, y + 1) } end
        end
    end
    m:search()
    return m.solutions
end

-- Domino tilings of a 4 x n board: a(n) = a(n-1) + 5 a(n-2) + a(n-3) - a(n-4).
local function expected(r, n)
    local a = { [-3] = 0, [-2] = 0, [-1] = 0, [0] = 1, [1] = 1, [2] = 5, [3] = 11 }
    for i = 4, n do
        a[i] = a[i - 1] + 5 * a[i - 2] + a[i - 3] - a[i - 4]
    end
    return r == a[n]
end

H.main { size = 11, quick = 8, reps = 4, run = run, check = expected }
