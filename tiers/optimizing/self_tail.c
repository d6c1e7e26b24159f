// SPDX-License-Identifier: MIT
/* Self tail calls as loops.
 *
 *      entry 0 --> header at instruction 0, a phi for each parameter <--+
 *                    |                                                  |
 *                  TAILCALL: is it this closure?  yes: mark the frame, poll
 *                    | no
 *                  LEAVE rt_tailcall
 *
 * The frame stays as it is: the same function, the same size. What a tail call does to it besides is to
 * mark it, for tracebacks. It is decided by the call's cell, and made sure of by comparing with the frame's own
 * closure; another closure of the same prototype takes the usual way.
 */
#include "front/operands.h"
#include "tiers/optimizing/build.h"

static bool captures(const Builder *b) {
    for (unsigned r = 0; r < b->nregs; r++)
        if (regs_has(&b->captured, r)) return true;
    return false;
}

bool is_self_tail(const Builder *b, uint32_t pc) {
    Insn i = b->f->code[pc];
    if (insn_op(i) != OP_TAILCALL || (insn_c(i) & 1) || insn_b(i) == 0 || b->outer != NULL || b->f->isvararg) return false;
    unsigned d = insn_d(b->f->quick[pc]);
    return b->f->callees != NULL && d < b->f->ncells && b->f->cells[d].kind == CELL_TARGET && b->f->callees[d] == b->original && !captures(b);
}

/* ---------------------------------------------------------------------------------- types
 * What the calls give a parameter always, the first call is asked for as well: then the loop has it unboxed. A call
 * with another type begins in a lower tier, which is no fault, and comes back by its first tail call. */

void note_repeated_type(Builder *b, unsigned r, unsigned type) {
    if (!b->loops[0].repeats || r >= b->f->numparams) return;
    uint8_t *t = &b->repeated[r];
    if (*t == type || *t == T_VALUE) return;
    *t = *t == 0 && type_is_lua(type) && type != T_BOOL ? (uint8_t)type : (uint8_t)T_VALUE;
    b->again = true;
}

void check_repeated_types(Builder *b) {
    if (!b->loops[0].repeats) return;
    b->pc = 0;
    b->state = state_at(b, 0);
    for (unsigned r = 0; r < b->f->numparams; r++) {
        unsigned type = b->repeated[r];
        if (type == 0 || type == T_VALUE || regs_has(&b->loops[0].wide, r)) continue;
        GNode *x = get_reg(b, r);
        guard(b, emit1(b, N_HAS_TAG, x, type_tags[type]), CODE_EXIT_PLAIN);
        GNode *typed = type == T_NIL ? emit0(b, N_NIL, 0) : emit_typed(b, N_UNTAG, type, x, type_tags[type]);
        b->reg[r] = (Reg){.value = typed, .clean = true};
    }
    b->state = NULL;
}

static void assign_parameters(Builder *b) {
    unsigned a = insn_a(b->insn), nargs = insn_b(b->insn) - 1;
    GNode *x[256];
    for (unsigned i = 0; i < b->f->numparams; i++) x[i] = i < nargs ? get_reg(b, a + 1 + i) : const_nil(b);
    for (unsigned i = 0; i < b->f->numparams; i++)
        if (b->reg[i].value != x[i]) put_reg(b, i, x[i]);
}

static void repeat(Builder *b) {
    assign_parameters(b);
    emit0(b, N_TAIL_CALLED, 0);
    poll_at(b, 0);
    go_to(b, 0);
}

/* Goes on where something else is called. */
void build_self_tail(Builder *b) {
    GNode *f = get_reg(b, insn_a(b->insn)), *same = emit2(b, N_SAME, f, emit0(b, N_SELF, 0), 0);
    Block *from = b->at;
    emit1(b, N_BRANCH, same, 1);
    Reg *saved = copy_regs(b);
    b->at = graph_block(b->g, b->pc);
    graph_edge(b->g, from, b->at);
    repeat(b);
    b->at = graph_block(b->g, b->pc);
    graph_edge(b->g, from, b->at);
    b->at->cold = true;
    b->reg = saved;
}
