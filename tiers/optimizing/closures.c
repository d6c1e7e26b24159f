// SPDX-License-Identifier: MIT
/* Closures made by compiled code, and their variables.
 *
 * Variables that closures share and that are assigned later live in the slots of their registers (Builder.captured), also those of
 * inlined functions, whose slots lie above: open upvalues lead there, as in the interpreter. Others are constants and stay values;
 * NEW_CLOSURE stores them in their slots when it makes the closure. CLOSE ends the life of variables as registers, where OP_CLOSE
 * stands and where an inlined function returns that has any. */
#include "tiers/optimizing/build.h"

static bool has(const JitFunction *f, unsigned op) {
    for (uint32_t pc = 0; pc < f->ninsns; pc++)
        if (insn_op(f->code[pc]) == op) return true;
    return false;
}

bool keeps_variables(const Builder *b) {
    bool result = has(b->f, OP_CLOSURE);
    for (uint32_t pc = 0; pc < b->f->ninsns && !result; pc++)
        for (const Builder *n = b->inlined[pc]; n != NULL; n = n->next) result |= keeps_variables(n);
    return result;
}

/* Not where an exit would not store all that is live (inline.c, restarts). */
bool makes_closure(const Builder *b, uint32_t pc) {
    unsigned number = insn_x(b->f->code[pc]);
    return b->f->children != NULL && number < b->f->nchildren && !b->restarts && !in_protected_call(b);
}

/* The value of register r for a closure whose own register is a. */
static GNode *captured_value(Builder *b, const JitUpvalue *u, unsigned a) {
    return u->instack && u->constant && u->idx != a ? get_reg(b, u->idx) : const_nil(b);
}

bool build_closure(Builder *b) {
    unsigned a = insn_a(b->insn), number = insn_x(b->insn);
    if (!makes_closure(b, b->pc)) return false;
    const JitChild *child = &b->f->children[number];
    State *state = exit_state(b);
    GNode *encl = b->outer != NULL ? b->closure : emit0(b, N_SELF, 0), **in = arena_alloc(b->g->arena, (child->nupvalues + 1) * sizeof *in);
    in[0] = encl;
    for (uint32_t u = 0; u < child->nupvalues; u++) in[u + 1] = captured_value(b, &child->upvalues[u], a);
    GNode *n = emit_many(b, N_NEW_CLOSURE, child->nupvalues + 1, in, (int64_t)((uint64_t)(b->base + a) << 32 | b->base << 16 | number));
    n->reason = CODE_EXIT_PLAIN;
    n->state = state;
    fresh_collected(b);
    b->effect = true;
    put_reg(b, a, n);
    go_to(b, b->pc + 1);
    return true;
}

void close_variables(Builder *b, unsigned r) { emit0(b, N_CLOSE, b->base + r); }

/* Those to be closed by a metamethod are left to the slow path; of a generic loop there may be one. */
bool build_close(Builder *b) {
    if (has(b->f, OP_TBC)) return false;
    if (b->outer == NULL && has(b->f, OP_TFORPREP)) guard(b, emit0(b, N_NONE_TO_CLOSE, insn_a(b->insn)), DEOPT_OTHER);
    close_variables(b, insn_a(b->insn));
    b->effect = true;
    go_to(b, b->pc + 1);
    return true;
}

void keep_argument(Builder *b, unsigned r) {
    if (!regs_has(&b->captured, r)) return;
    if (!b->reg[r].clean) emit1(b, N_PUT_SLOT, b->reg[r].value, b->base + r);
    put_unknown(b, r, T_VALUE);
}
