-- A cache that forgets the least recently used entry: a hash by string keys and a doubly linked
-- list of nodes.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Cache = {}
Cache.__index = Cache

function Cache.new(capacity)
    local head, tail = {}, {}
    head.next, tail.prev = tail, head
    return setmetatable({ map = {}, size = 0, capacity = capacity, head = head, tail = tail,
        hits = 0 }, Cache)
end

local function unlink(node)
    node.prev.next, node.next.prev = node.next, node.prev
end

function Cache:front(node)
    local first = self.head.next
    node.prev, node.next = self.head, first
    self.head.next, first.prev = node, node
end

function Cache:get(key)
    local node = self.map[key]
    if not node then
        return nil
    end
    self.hits = self.hits + 1
    unlink(node)
    self:front(node)
    return node.value
end

function Cache:put(key, value)
    if self.size == self.capacity then
        local oldest = self.tail.prev
        unlink(oldest)
        self.map[oldest.key] = nil
        self.size = self.size - 1
    end
    local node = { key = key, value = value }
    self.map[key] = node
    self.size = self.size + 1
    self:front(node)
end

local function run(n)
    local cache, random, sum = Cache.new(1000), H.random(81), 0
    for _ = 1, n do
        local id = math.floor(4000 * random() * random())
        local key = "page/" .. id
        local v = cache:get(key)
        if not v then
            v = id * 2
            cache:put(key, v)
        end
        sum = sum + v - 2 * id
    end
    local count = 0
    for _ in pairs(cache.map) do
        count = count + 1
    end
    return sum == 0 and count == cache.size and cache.hits
end

H.main { size = 300000, quick = 60000, run = run, expect = { [300000] = 130921, [60000] = 25720 } }
