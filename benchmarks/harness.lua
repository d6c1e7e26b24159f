-- The common harness of all Lua benchmarks: plain Lua 5.1-5.4, so that every peer runs the same
-- files.
--
-- A program ends with
--   H.main { size = N, quick = N, reps = K, run = f, expect = v | check = g, needs = "5.3" }
--     size   what the program is measured with unless told otherwise; quick: a smaller one for
--            --quick, with half the repetitions (where it is missing, a fifth of them)
--     reps   runs of f in one iteration, where the program's definition is too short to be timed
--     run    f(n, state) -> result;  setup(n) -> state is made once, outside the timed part
--     prepare true: the runner runs the program once before it measures (files to be made)
--     expect the result at the default size (a value, or a table from size to value);
--     check  g(result, n, state) -> boolean, for every other size. One of both is obligatory.
--
-- Command line: prog.lua [SIZE | --quick] [--reps=K] [--steady=SECONDS] [--min=K] [--hold]
-- Output, one line each:
--   start SIZE REPS
--   begin                    an iteration begins
--   iter N CPU -             and has ended: seconds of CPU time of all threads. The wall time, which
--                            no Lua can measure finely, is the runner's: it stamps both lines
--   metric NAME VALUE UNIT
--   skip REASON
--   ok RESULT
-- With --hold the process waits for a line on standard input before it leaves, so that the runner
-- can read its peak memory from the system; the runner subtracts the wait.

local H = {}

H.unpack = table.unpack or unpack
H.load = loadstring or load
H.jit = type(jit) == "table"
H.integers = math.type ~= nil

-- Directory of the running program, for its data and modules.
H.dir = arg[0]:match("^(.*/)") or ""

-- The minimal standard generator of Park and Miller: exact in doubles and in integers alike.
function H.random(seed)
    local state = seed or 42
    return function(limit)
        state = state * 16807 % 2147483647
        if limit then
            return state % limit + 1
        end
        return state / 2147483647
    end
end

local metrics = {}

-- A figure besides the time (a pause, a latency); the runner takes the median over iterations.
function H.metric(name, value, unit)
    metrics[#metrics + 1] = string.format("metric %s %.6g %s", name, value, unit)
end

local function options(spec)
    local o = { size = spec.size, reps = spec.reps or 1, min = 1 }
    for i = 1, #arg do
        local key, value = arg[i]:match("^%-%-(%w+)=?(.*)$")
        if key then
            o[key] = tonumber(value) or true
        else
            o.size = assert(tonumber(arg[i]), "size is not a number: " .. arg[i])
        end
    end
    if o.quick then
        o.size = spec.quick or o.size
        o.reps = math.ceil(o.reps / (spec.quick and 2 or 5))
    end
    return o
end

local function verify(spec, o, state, result)
    local expect = spec.expect
    if type(expect) == "table" then
        expect = expect[o.size]
    elseif o.size ~= spec.size then
        expect = nil
    end
    if expect ~= nil and result ~= expect then
        error("wrong result: " .. tostring(result) .. ", expected " .. tostring(expect), 0)
    end
    if spec.check and not spec.check(result, o.size, state) then
        error("wrong result: " .. tostring(result), 0)
    end
end

local function emit(line)
    io.write(line, "\n")
    io.flush()
end

local function leave(o)
    if o.hold then
        io.read()
    end
end

function H.main(spec)
    local o = options(spec)
    if spec.needs == "5.3" and not H.integers then
        emit("skip needs 64-bit integers")
        return leave(o)
    end
    local state = spec.setup and spec.setup(o.size)
    local run, reps, size, clock = spec.run, o.reps, o.size, os.clock
    local limit, done, spent, result = o.steady or 0, 0, 0, nil
    emit("start " .. size .. " " .. reps)
    repeat
        emit("begin")
        local before = clock()
        for i = 1, reps do
            local r = run(size, state)
            -- Every result is compared, so that no run is dead code.
            if r ~= result and (i > 1 or done > 0) then
                error("run " .. i .. " differs: " .. tostring(r) .. ", before " .. tostring(result),
                    0)
            end
            result = r
        end
        local cpu = clock() - before
        done, spent = done + 1, spent + cpu
        emit(string.format("iter %d %.6f -", done, cpu))
        verify(spec, o, state, result)
    until done >= o.min and spent >= limit or done >= 2000
    for i = 1, #metrics do
        emit(metrics[i])
    end
    emit("ok " .. tostring(result))
    return leave(o)
end

return H
