-- Dominators and natural loops of generated control-flow graphs: the iterative algorithm of
-- Cooper, Harvey and Kennedy over the reverse postorder, then loop bodies by backward walks;
-- blocks and loops are objects.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local Block = {}
Block.__index = Block

function Block.new(id)
    return setmetatable({ id = id, successors = {}, predecessors = {}, order = nil, dominator = nil,
        depth = 0 }, Block)
end

function Block:link(to)
    self.successors[#self.successors + 1] = to
    to.predecessors[#to.predecessors + 1] = self
end

function Block:dominates(other)
    while other and other.order > self.order do
        other = other.dominator
    end
    return other == self
end

local Graph = {}
Graph.__index = Graph

function Graph.new()
    return setmetatable({ blocks = {} }, Graph)
end

function Graph:block()
    local b = Block.new(#self.blocks + 1)
    self.blocks[b.id] = b
    return b
end

-- Structured code: sequences, diamonds, loops, nested to a depth. Returns the block where it ends.
function Graph:code(from, depth, random)
    for _ = 1, 3 do
        local kind = depth > 0 and random(3) or 1
        if kind == 1 then
            local next = self:block()
            from:link(next)
            from = next
        elseif kind == 2 then
            local left, right, join = self:block(), self:block(), self:block()
            from:link(left)
            from:link(right)
            self:code(left, depth - 1, random):link(join)
            self:code(right, depth - 1, random):link(join)
            from = join
        else
            local head, body, exit = self:block(), self:block(), self:block()
            from:link(head)
            head:link(body)
            head:link(exit)
            self:code(body, depth - 1, random):link(head)
            from = exit
        end
    end
    return from
end

function Graph:postorder(entry)
    local list, seen = {}, {}
    local function visit(b)
        seen[b] = true
        for _, s in ipairs(b.successors) do
            if not seen[s] then
                visit(s)
            end
        end
        list[#list + 1] = b
    end
    visit(entry)
    return list
end

local function intersect(a, b)
    while a ~= b do
        while a.order > b.order do a = a.dominator end
        while b.order > a.order do b = b.dominator end
    end
    return a
end

function Graph:dominators(entry)
    local post = self:postorder(entry)
    local count = #post
    for i, b in ipairs(post) do
        b.order, b.dominator = count - i, nil
    end
    entry.dominator = entry
    local changed = true
    while changed do
        changed = false
        for i = count - 1, 1, -1 do
            local b, new = post[i], nil
            for _, p in ipairs(b.predecessors) do
                if p.dominator then
                    new = new and intersect(p, new) or p
                end
            end
            if b.dominator ~= new then
                b.dominator, changed = new, true
            end
        end
    end
    entry.dominator = nil
    return post
end

function Graph:loops(post)
    local loops = {}
    for _, b in ipairs(post) do
        for _, head in ipairs(b.successors) do
            if head:dominates(b) then
                local body, work = { [head] = true }, { b }
                while #work > 0 do
                    local x = table.remove(work)
                    if not body[x] then
                        body[x] = true
                        for _, p in ipairs(x.predecessors) do
                            work[#work + 1] = p
                        end
                    end
                end
                for x in pairs(body) do
                    x.depth = x.depth + 1
                end
                loops[#loops + 1] = { head = head, body = body }
            end
        end
    end
    return loops
end

local function run(n)
    local random, blocks, loops, depth = H.random(77), 0, 0, 0
    for _ = 1, n do
        local graph = Graph.new()
        local entry = graph:block()
        graph:code(entry, 4, random)
        local post = graph:dominators(entry)
        assert(#post == #graph.blocks)
        loops = loops + #graph:loops(post)
        blocks = blocks + #post
        for _, b in ipairs(post) do
            depth = depth + b.depth
        end
    end
    return string.format("%d %d %d", blocks, loops, depth)
end

H.main {
    size = 100, quick = 20, reps = 4, run = run,
    expect = { [100] = "57738 4394 68180", [20] = "13386 978 14651" },
}
