-- Data structures: linked lists, binary trees, tries, union-find, LRU cache, matrices, graphs.
local Tree = {}
Tree.__index = Tree
function Tree.new() return setmetatable({size = 0}, Tree) end
function Tree:insert(k, v)
  local node, parent, side = self.root, nil, nil
  while node do
    if k == node.k then node.v = v return end
    parent, side = node, k < node.k and "left" or "right"
    node = node[side]
  end
  local fresh = {k = k, v = v}
  if parent then parent[side] = fresh else self.root = fresh end
  self.size = self.size + 1
end
function Tree:find(k)
  local node = self.root
  while node and node.k ~= k do
    if k < node.k then node = node.left else node = node.right end
  end
  return node and node.v
end
function Tree:walk(f)
  local function go(n)
    if n then
      go(n.left)
      f(n.k, n.v)
      go(n.right)
    end
  end
  go(self.root)
end
local t, x = Tree.new(), 7
for i = 1, 600 do x = x * 16807 % 2147483647 t:insert(x % 500, i) end
local last, sorted, sum = -1, true, 0
t:walk(function(k, v)
  sorted = sorted and k > last
  last = k
  sum = sum + v
end)
print(t.size, sorted, sum, t:find(last), t:find(-1))
local parent = {}
for i = 1, 500 do parent[i] = i end
local function root(i)
  while parent[i] ~= i do
    parent[i] = parent[parent[i]]
    i = parent[i]
  end
  return i
end
for i = 1, 400 do
  x = x * 16807 % 2147483647
  local a = x % 500 + 1
  x = x * 16807 % 2147483647
  parent[root(a)] = root(x % 500 + 1)
end
local sets = 0
for i = 1, 500 do if root(i) == i then sets = sets + 1 end end
print(sets)
local Lru = {}
Lru.__index = Lru
function Lru.new(cap)
  local h = {}
  h.prev, h.next = h, h
  return setmetatable({cap = cap, n = 0, map = {}, head = h}, Lru)
end
local function unlink(e) e.prev.next, e.next.prev = e.next, e.prev end
local function front(h, e)
  e.next, e.prev = h.next, h
  h.next.prev = e
  h.next = e
end
function Lru:get(k)
  local e = self.map[k]
  if not e then return nil end
  unlink(e)
  front(self.head, e)
  return e.v
end
function Lru:put(k, v)
  local e = self.map[k]
  if e then
    e.v = v
    unlink(e)
  else
    if self.n == self.cap then
      local old = self.head.prev
      unlink(old)
      self.map[old.k] = nil
    else
      self.n = self.n + 1
    end
    e = {k = k, v = v}
    self.map[k] = e
  end
  front(self.head, e)
end
local c, hits = Lru.new(20), 0
for i = 1, 4000 do
  x = x * 16807 % 2147483647
  local k = x % 60 * (x % 3) // 2
  if c:get(k) then hits = hits + 1 else c:put(k, i) end
end
print(hits, c.n)
local trie = {}
local function add(w)
  local n = trie
  for ch in w:gmatch(".") do n[ch] = n[ch] or {} n = n[ch] end
  n.word = w
end
for w in ("moon month moment mode model modern perigee period apogee apo"):gmatch("%a+") do
  add(w)
end
local function under(p)
  local n = trie
  for ch in p:gmatch(".") do
    n = n[ch]
    if not n then return "" end
  end
  local out = {}
  local function go(m)
    if m.word then out[#out + 1] = m.word end
    for k, s in pairs(m) do if k ~= "word" then go(s) end end
  end
  go(n)
  table.sort(out)
  return table.concat(out, " ")
end
print(under("mo"))
print(under("per"), under("apo"), under("zzz") == "")
local dist, INF = {}, math.huge
local edges = {}
for i = 1, 60 do
  edges[i] = {}
  for d = 1, 4 do
    x = x * 16807 % 2147483647
    edges[i][x % 60 + 1] = x % 17 + 1
  end
end
for i = 1, 60 do dist[i] = INF end
dist[1] = 0
local done = {}
for _ = 1, 60 do
  local best
  for i = 1, 60 do
    if not done[i] and (not best or dist[i] < dist[best]) then best = i end
  end
  if dist[best] == INF then break end
  done[best] = true
  for to, w in pairs(edges[best]) do
    if dist[best] + w < dist[to] then dist[to] = dist[best] + w end
  end
end
local ds = {}
for i = 1, 10 do ds[i] = dist[i] end
print(table.concat(ds, " "))
local memo = {}
local function lcs(a, b, i, j)
  if i == 0 or j == 0 then return 0 end
  local key = i * 100 + j
  local r = memo[key]
  if not r then
    if a:byte(i) == b:byte(j) then
      r = lcs(a, b, i - 1, j - 1) + 1
    else
      r = math.max(lcs(a, b, i - 1, j), lcs(a, b, i, j - 1))
    end
    memo[key] = r
  end
  return r
end
print(lcs("the moon is fastest at perigee", "the moon is slowest at apogee", 30, 29))
