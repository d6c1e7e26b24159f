-- N queens: all solutions by backtracking over columns and both diagonals.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local function run(n)
    local columns, rising, falling, solutions = {}, {}, {}, 0
    local function place(row)
        if row > n then
            solutions = solutions + 1
            return
        end
        for c = 1, n do
            local r, f = row + c, row - c + n
            if not columns[c] and not rising[r] and not falling[f] then
                columns[c], rising[r], falling[f] = true, true, true
                place(row + 1)
                columns[c], rising[r], falling[f] = false, false, false
            end
        end
    end
    place(1)
    return solutions
end

H.main {
    size = 10, quick = 8, reps = 26, run = run,
    expect = { [6] = 4, [7] = 40, [8] = 92, [9] = 352, [10] = 724, [11] = 2680 },
}
