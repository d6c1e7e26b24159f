// SPDX-License-Identifier: MIT
/* See liveness.h: backward data flow over the instructions. */
#include "tiers/optimizing/liveness.h"

#include "front/operands.h"

/* Arguments from A on: all that a call with B operands takes, the open ones' known part included. */
static unsigned open_end(const JitFunction *f, uint32_t pc, unsigned from, unsigned b) {
    if (b != 0) return from + b;
    unsigned known = pc > 0 ? insn_a(f->code[pc - 1]) : from; /* what opened them lies before */
    return known > from ? known : from;
}

static void add_special_reads(const JitFunction *f, uint32_t pc, RegSet *s, bool shown) {
    Insn i = f->code[pc];
    unsigned a = insn_a(i), b = insn_b(i);
    switch (insn_op(i)) {
        case OP_CONCAT: regs_add_range(s, a, a + b); break;
        case OP_CALL: case OP_TAILCALL:
            regs_add_range(s, shown ? 0 : a, open_end(f, pc, a, b));
            regs_add(s, a);
            break;
        case OP_CLOSURE: regs_add_range(s, 0, a); break; /* may capture any variable in scope */
        case OP_RETURN: regs_add_range(s, a, b != 0 ? a + b - 1 : open_end(f, pc, a, 0)); break;
        case OP_SETLIST: regs_add_range(s, a, b != 0 ? a + b + 1 : open_end(f, pc, a, 0)); break;
        case OP_FORPREP: case OP_FORLOOP: regs_add_range(s, a, a + 3); break;
        case OP_TFORCALL: regs_add_range(s, shown ? 0 : a, a + 4); break;
        case OP_TFORPREP: regs_add_range(s, a, a + 4); break;
        case OP_TFORLOOP: regs_add(s, a + 4); break;
        default: break;
    }
}

static void add_writes(const JitFunction *f, Insn i, RegSet *s) {
    unsigned a = insn_a(i), op = insn_op(i), end = f->maxstack;
    switch (op) {
        case OP_LOADNIL: regs_add_range(s, a, a + insn_b(i) + 1); break;
        case OP_SELF: regs_add_range(s, a, a + 2); break;
        case OP_CONCAT: regs_add_range(s, a, a + insn_b(i)); break;
        case OP_CALL: case OP_TAILCALL: regs_add_range(s, a, end); break;
        case OP_VARARG: regs_add_range(s, a, insn_c(i) ? a + insn_c(i) - 1 : end); break;
        case OP_FORPREP: regs_add_range(s, a, a + 4); break;
        case OP_FORLOOP: /* the step stays */
            regs_add_range(s, a, a + 2);
            regs_add(s, a + 3);
            break;
        case OP_TFORCALL: regs_add_range(s, a + 4, end); break;
        case OP_TFORLOOP: regs_add(s, a + 2); break;
        default:
            if (opcode_operands[op].a == ROLE_W || opcode_operands[op].a == ROLE_V) regs_add(s, a);
    }
}

static void effects(const JitFunction *f, uint32_t pc, RegSet *reads, RegSet *writes, bool shown) {
    Insn i = f->code[pc];
    const Operands *o = &opcode_operands[insn_op(i)];
    *reads = *writes = (RegSet){{0}};
    if (role_reads(o->a)) regs_add(reads, insn_a(i));
    if (role_reads(o->b)) regs_add(reads, insn_rb(i));
    if (role_reads(o->c)) regs_add(reads, insn_rc(i));
    add_special_reads(f, pc, reads, shown);
    add_writes(f, i, writes);
}

void insn_effects(const JitFunction *f, uint32_t pc, RegSet *reads, RegSet *writes) { effects(f, pc, reads, writes, true); }

void insn_reads(const JitFunction *f, uint32_t pc, RegSet *reads) {
    RegSet writes;
    effects(f, pc, reads, &writes, false);
}

unsigned insn_successors(const JitFunction *f, uint32_t pc, uint32_t succ[2]) {
    Insn i = f->code[pc];
    unsigned n = 0;
    switch (insn_op(i)) {
        case OP_RETURN: case OP_RETURN0: case OP_RETURN1: return 0;
        case OP_JMP: case OP_LOOP: case OP_TFORPREP: break;
        case OP_LFALSESKIP: succ[n++] = pc + 2; return n;
        default: succ[n++] = pc + 1;
    }
    if (role_is_jump(opcode_operands[insn_op(i)].c)) succ[n++] = (uint32_t)((int32_t)pc + 1 + insn_j(i));
    return n;
}

/* What a conditional set writes may keep its value. */
static bool writes_always(Insn i) { return insn_op(i) != OP_JTSET && insn_op(i) != OP_JFSET; }

static bool flow(const JitFunction *f, uint32_t pc, RegSet *live, bool shown) {
    RegSet in = {{0}}, reads, writes;
    uint32_t succ[2];
    for (unsigned n = insn_successors(f, pc, succ); n-- > 0;) regs_union(&in, &live[succ[n]]);
    effects(f, pc, &reads, &writes, shown);
    bool changed = false;
    for (int w = 0; w < 4; w++) {
        if (writes_always(f->code[pc])) in.word[w] &= ~writes.word[w];
        in.word[w] |= reads.word[w];
        changed |= in.word[w] != live[pc].word[w];
    }
    live[pc] = in;
    return changed;
}

/* Variables in scope are kept though nobody reads them any more: a debugger may. A call looks at what is live behind it, so
 * the end of the scope counts. */
static void keep_locals(const JitFunction *f, RegSet *live) {
    for (uint32_t n = 0; n < f->nlocals; n++)
        for (uint32_t pc = f->locals[n].start; pc <= f->locals[n].end && pc < f->ninsns; pc++)
            if (f->locals[n].reg < f->maxstack) regs_add(&live[pc], f->locals[n].reg);
}

static void flow_all(const JitFunction *f, RegSet *live, bool shown) {
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t pc = f->ninsns; pc-- > 0;) changed |= flow(f, pc, live, shown);
    }
}

void live_values(const JitFunction *f, RegSet *live) { flow_all(f, live, false); }

void live_registers(const JitFunction *f, RegSet *live, bool shown) {
    flow_all(f, live, shown);
    keep_locals(f, live);
}
