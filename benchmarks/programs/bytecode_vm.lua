-- An interpreter of a small bytecode, in the two usual ways: a chain of comparisons and a table
-- of handler methods. The interpreted program counts the steps of the Collatz problem.
local H = dofile((arg[0]:match("^(.*/)") or "") .. "../harness.lua")

local PUSH, LOAD, STORE, ADD, MUL, DIV, MOD, LT, JUMPIF, JUMP, HALT, EQ = 1, 2, 3, 4, 5, 6, 7, 8, 9,
    10, 11, 12

-- Variables: 1 limit, 2 candidate, 3 x, 4 steps.
local function program()
    local code, labels = {}, {}
    local function emit(op, arg) code[#code + 1] = op code[#code + 1] = arg or 0 end
    local function label(name) labels[name] = #code + 1 end
    label "outer"
    emit(LOAD, 2) emit(LOAD, 1) emit(LT) emit(JUMPIF, "next") emit(HALT)
    label "next"
    emit(LOAD, 2) emit(PUSH, 1) emit(ADD) emit(STORE, 2)
    emit(LOAD, 2) emit(STORE, 3)
    label "inner"
    emit(LOAD, 3) emit(PUSH, 1) emit(EQ) emit(JUMPIF, "outer")
    emit(LOAD, 4) emit(PUSH, 1) emit(ADD) emit(STORE, 4)
    emit(LOAD, 3) emit(PUSH, 2) emit(MOD) emit(JUMPIF, "odd")
    emit(LOAD, 3) emit(PUSH, 2) emit(DIV) emit(STORE, 3) emit(JUMP, "inner")
    label "odd"
    emit(LOAD, 3) emit(PUSH, 3) emit(MUL) emit(PUSH, 1) emit(ADD) emit(STORE, 3) emit(JUMP, "inner")
    for i = 2, #code, 2 do
        code[i] = labels[code[i]] or code[i]
    end
    return code
end

local function chain(code, limit)
    local stack, top, vars, pc = {}, 0, { limit, 0, 0, 0 }, 1
    while true do
        local op, arg = code[pc], code[pc + 1]
        pc = pc + 2
        if op == PUSH then
            top = top + 1
            stack[top] = arg
        elseif op == LOAD then
            top = top + 1
            stack[top] = vars[arg]
        elseif op == STORE then
            vars[arg] = stack[top]
            top = top - 1
        elseif op == JUMPIF then
            if stack[top] ~= 0 then
                pc = arg
            end
            top = top - 1
        elseif op == JUMP then
            pc = arg
        elseif op == HALT then
            return vars[4]
        else
            local b = stack[top]
            top = top - 1
            local a = stack[top]
            if op == ADD then
                a = a + b
            elseif op == MUL then
                a = a * b
            elseif op == DIV then
                a = math.floor(a / b)
            elseif op == MOD then
                a = a % b
            elseif op == LT then
                a = a < b and 1 or 0
            else
                a = a == b and 1 or 0
            end
            stack[top] = a
        end
    end
end

local Machine = {}
Machine.__index = Machine

function Machine.new(code, limit)
    return setmetatable({ code = code, stack = {}, top = 0, vars = { limit, 0, 0, 0 }, pc = 1,
        running = true }, Machine)
end

function Machine:push(v)
    local top = self.top + 1
    self.top = top
    self.stack[top] = v
end

function Machine:pop()
    local top = self.top
    self.top = top - 1
    return self.stack[top]
end

local function binary(f)
    return function(self)
        local b = self:pop()
        self:push(f(self:pop(), b))
    end
end

local handlers = {
    [PUSH] = Machine.push,
    [LOAD] = function(self, arg) self:push(self.vars[arg]) end,
    [STORE] = function(self, arg) self.vars[arg] = self:pop() end,
    [JUMPIF] = function(self, arg) if self:pop() ~= 0 then self.pc = arg end end,
    [JUMP] = function(self, arg) self.pc = arg end,
    [HALT] = function(self) self.running = false end,
    [ADD] = binary(function(a, b) return a + b end),
    [MUL] = binary(function(a, b) return a * b end),
    [DIV] = binary(function(a, b) return math.floor(a / b) end),
    [MOD] = binary(function(a, b) return a % b end),
    [LT] = binary(function(a, b) return a < b and 1 or 0 end),
    [EQ] = binary(function(a, b) return a == b and 1 or 0 end),
}

function Machine:run()
    local code = self.code
    while self.running do
        local pc = self.pc
        self.pc = pc + 2
        handlers[code[pc]](self, code[pc + 1])
    end
    return self.vars[4]
end

local function run(n)
    local code = program()
    local a, b = chain(code, n), Machine.new(code, n):run()
    return a == b and a
end

local function expected(r, n)
    local steps = 0
    for i = 1, n do
        local x = i
        while x ~= 1 do
            x = x % 2 == 0 and math.floor(x / 2) or 3 * x + 1
            steps = steps + 1
        end
    end
    return r == steps
end

H.main { size = 1000, quick = 200, reps = 3, run = run, check = expected }
