-- Recursive Fibonacci: calls, returns, integer comparison and addition, nothing else.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function fib(n)
    if n < 2 then
        return n
    end
    return fib(n - 1) + fib(n - 2)
end

H.main {
    size = 30, quick = 25, reps = 2,
    run = fib,
    expect = { [20] = 6765, [25] = 75025, [30] = 832040, [32] = 2178309 },
}
