-- Singly linked lists: prepend, walk, reverse in place, unlink.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local head
    for i = 1, n do
        head = { value = i, next = head }
    end
    local previous
    while head do
        head.next, previous, head = previous, head, head.next
    end
    local node, sum = previous, 0
    while node and node.next do
        sum = sum + node.value
        node.next = node.next.next
        node = node.next
    end
    return sum + (node and node.value or 0)
end

H.main {
    size = 100000, quick = 20000, reps = 8, run = run,
    check = function(r, n) return r == (n / 2) ^ 2 end,
}
