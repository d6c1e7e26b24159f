// SPDX-License-Identifier: MIT
/* Which instructions are worth compiling: those that ran, and those that a run will come to.
 *
 * The profile says of some instructions that they ran (a row, a cell). Not having run means
 * little by itself: the function may have been compiled in the middle of its first loop, or its beginning ran in
 * the interpreter only. It means something where a branch was taken: a side without any trace,
 * whose other side has some, is not compiled. Leaving a loop is no such branch, since loops end. Nor is a
 * loop compiled before its first iteration: what it works on is not known. */
#include "front/operands.h"
#include "tiers/optimizing/build.h"

typedef enum Trace { NO_TRACE, RAN, CANNOT_TELL } Trace;

static bool is_jump(Insn i) { return role_is_jump(opcode_operands[insn_op(i)].c); }

static bool keeps_row(unsigned op) {
    return (op >= OP_SUBI && op <= OP_UNM) || (op >= OP_JLT && op <= OP_JNLE) || (op >= OP_JLTI && op <= OP_JNGEI) || op == OP_FORLOOP ||
           opcode_indexes(op);
}

static bool is_new(unsigned quick) {
    switch (quick) {
        case OP_GETFIELD_NEW: case OP_GETTABUP_NEW: case OP_SELF_NEW: case OP_SETFIELD_NEW: case OP_SETFIELDK_NEW: case OP_SETTABUP_NEW: return true;
        default: return false;
    }
}

static Trace trace_of(const JitFunction *f, uint32_t pc) {
    Insn quick = f->quick[pc];
    unsigned op = insn_op(f->code[pc]), q = insn_op(quick);
    if (seen_anything(f->seen[pc])) return RAN;
    if (is_new(q)) return NO_TRACE;
    if (op == OP_CALL || op == OP_TAILCALL || op == OP_TFORCALL) {
        unsigned d = insn_d(quick);
        return d >= f->ncells ? CANNOT_TELL : f->cells[d].kind != CELL_EMPTY ? RAN : NO_TRACE;
    }
    if (q >= OP_GETFIELD_NEW && q < OP_NEWTABLE_SITE) return RAN; /* a cache that learnt something */
    if (!keeps_row(op)) return CANNOT_TELL;
    return q != op && q != OP_FORLOOP_COUNT ? CANNOT_TELL : NO_TRACE; /* quickened in the interpreter, perhaps */
}

static bool ends_line(const JitFunction *f, uint32_t pc) {
    uint32_t succ[2];
    return insn_successors(f, pc, succ) != 1 || succ[0] != pc + 1;
}

/* A cache that never learnt anything and never missed: its slow path in place would stay slow for good. */
bool never_looked_up(const Builder *b, uint32_t pc) {
    return b->f->seen != NULL && is_new(insn_op(b->f->quick[pc])) && !seen_anything(b->f->seen[pc]);
}

/* Of the straight line of instructions that begins at pc. */
static Trace trace_from(const JitFunction *f, uint32_t pc) {
    Trace result = CANNOT_TELL;
    for (;; pc++) {
        Trace t = trace_of(f, pc);
        if (t == RAN) return RAN;
        if (t == NO_TRACE) result = NO_TRACE;
        if (pc + 1 >= f->ninsns || ends_line(f, pc)) return result;
    }
}

/* Does the edge leave a loop? */
static bool leaves_loop(const Builder *b, uint32_t from, uint32_t to) {
    for (uint32_t pc = 0; pc < b->f->ninsns; pc++) {
        const Loop *l = &b->loops[pc];
        if (l->is_header && from >= l->first && from <= l->last && (to < l->first || to > l->last)) return true;
    }
    return false;
}

/* Is `to` the beginning of a loop around which nothing ran yet? It will be compiled better when it did. */
static bool enters_unseen_loop(const Builder *b, uint32_t from, uint32_t to) {
    const Loop *l = &b->loops[to];
    if (!l->is_header || (from >= l->first && from <= l->last)) return false;
    for (uint32_t pc = l->first; pc <= l->last; pc++)
        if (trace_of(b->f, pc) == RAN) return false;
    for (uint32_t pc = l->first; pc <= l->last; pc++)
        if (trace_of(b->f, pc) == NO_TRACE) return true;
    return false;
}

static void reach(Builder *b, uint32_t pc) {
    const JitFunction *f = b->f;
    uint32_t succ[2];
    unsigned n = insn_successors(f, pc, succ);
    bool choice = n == 2 && is_jump(f->code[pc]) && insn_op(f->code[pc]) != OP_FORPREP;
    for (unsigned s = 0; s < n; s++) {
        if (enters_unseen_loop(b, pc, succ[s])) continue;
        bool jumped = choice && succ[s] != pc + 1 && f->seen[pc][SEEN_JUMP];
        if (choice && !jumped && !leaves_loop(b, pc, succ[s]) && trace_from(f, succ[s]) == NO_TRACE && trace_from(f, succ[1 - s]) == RAN) continue;
        b->reached[succ[s]] = 1;
    }
}

void find_reached(Builder *b) {
    uint32_t n = b->f->ninsns;
    b->reached = arena_alloc(b->g->arena, n + 1);
    for (uint32_t pc = 0; b->f->seen == NULL && pc < n; pc++) b->reached[pc] = 1;
    b->reached[0] = 1;
    for (uint32_t i = 0; b->f->seen != NULL && i < n; i++) /* loops are entered at their headers: one round will do */
        if (b->reached[b->order[i]]) reach(b, b->order[i]);
}

/* May the jump at pc be built as one that never happens? */
bool never_jumps(const Builder *b, uint32_t pc, uint32_t target) {
    const JitFunction *f = b->f;
    if (f->seen == NULL || f->seen[pc][SEEN_JUMP] || leaves_loop(b, pc, target)) return false;
    return trace_from(f, pc + 1) == RAN;
}
