-- A left-leaning red-black tree (Sedgewick) of objects: insertions, searches, an ordered walk;
-- invariants checked.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Node = {}
Node.__index = Node

local function red(n)
    return n ~= nil and n.red
end

function Node.new(key, value)
    return setmetatable({ key = key, value = value, red = true, left = nil, right = nil }, Node)
end

function Node:rotate_left()
    local x = self.right
    self.right, x.left = x.left, self
    x.red, self.red = self.red, true
    return x
end

function Node:rotate_right()
    local x = self.left
    self.left, x.right = x.right, self
    x.red, self.red = self.red, true
    return x
end

function Node:flip()
    self.red, self.left.red, self.right.red = true, false, false
end

local function insert(n, key, value)
    if not n then
        return Node.new(key, value)
    end
    if key < n.key then
        n.left = insert(n.left, key, value)
    elseif n.key < key then
        n.right = insert(n.right, key, value)
    else
        n.value = value
    end
    if red(n.right) and not red(n.left) then n = n:rotate_left() end
    if red(n.left) and red(n.left.left) then n = n:rotate_right() end
    if red(n.left) and red(n.right) then n:flip() end
    return n
end

local function find(n, key)
    while n do
        if key < n.key then
            n = n.left
        elseif n.key < key then
            n = n.right
        else
            return n.value
        end
    end
end

local function black_height(n)
    if not n then
        return 0
    end
    local l, r = black_height(n.left), black_height(n.right)
    assert(l == r and not (red(n) and red(n.left)), "unbalanced")
    return l + (n.red and 0 or 1)
end

local function walk(n, visit)
    if n then
        walk(n.left, visit)
        visit(n.key)
        walk(n.right, visit)
    end
end

local function run(n)
    local root, random, last, ordered, found = nil, H.random(71), 0, 0, 0
    for i = 1, n do
        root = insert(root, random(1000000000), i)
        root.red = false
    end
    black_height(root)
    random = H.random(71)
    for _ = 1, n do
        if find(root, random(1000000000)) then
            found = found + 1
        end
    end
    walk(root, function(key)
        assert(key > last)
        last = key
        ordered = ordered + 1
    end)
    return found == n and ordered > 0.99 * n
end

H.main { size = 50000, quick = 10000, reps = 2, run = run, check = function(r) return r end }
