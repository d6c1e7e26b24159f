// SPDX-License-Identifier: MIT
/* What the report says of an exit: what was expected there, and where the runtime finds what it saw instead.
 *
 * Nothing is computed for it before the guard fails: the tested value mostly is a register of one of the exit's frames,
 * which the exit stores anyway. Where it is not, the report shows no more than the expectation. */
#include "tiers/optimizing/expectation.h"

#include "front/operands.h"
#include "tiers/optimizing/liveness.h"

static const GNode *origin(const GNode *x) {
    while (x != NULL && (x->op == N_UNTAG || x->op == N_ITOF || x->op == N_NTOF)) x = x->in[0];
    return x;
}

/* Among what the exit stores. */
static unsigned stored_register(const State *s, const GNode *x) {
    for (; s != NULL; s = s->caller)
        for (unsigned r = 0; r < s->nregs; r++)
            if (s->reg[r] != NULL && origin(s->reg[r]) == x) return state_base(s) + r;
    return CODE_NOWHERE;
}

/* The slot that x was read from, whichever way control came; NULL: there is none. */
static const GNode *slot_of(const GNode *x) {
    const GNode *slot = x->op == N_PHI && x->nin > 0 ? origin(x->in[0]) : x;
    if (slot == NULL || slot->op != N_SLOT) return NULL;
    for (uint32_t i = 1; x->op == N_PHI && i < x->nin; i++) {
        const GNode *other = origin(x->in[i]);
        if (other->op != N_SLOT || other->imm.u != slot->imm.u) return NULL;
    }
    return slot;
}

/* In its slot already: sure to be valid if the instruction that the exit goes on at reads it. */
static unsigned read_register(const State *s, const GNode *x) {
    RegSet reads, writes;
    const GNode *slot = slot_of(x);
    unsigned base = state_base(s);
    if (slot == NULL || slot->imm.u < base || slot->imm.u >= base + s->nregs || s->pc >= s->function->ninsns) return CODE_NOWHERE;
    insn_effects(s->function, s->pc, &reads, &writes);
    return regs_has(&reads, (unsigned)slot->imm.u - base) ? (unsigned)slot->imm.u : CODE_NOWHERE;
}

static uint16_t find(const GNode *exit, const GNode *x) {
    x = origin(x);
    if (x == NULL || exit->state == NULL) return CODE_NOWHERE;
    unsigned r = stored_register(exit->state, x);
    return (uint16_t)(r != CODE_NOWHERE ? r : read_register(exit->state, x));
}

static const GNode *table_of(const GNode *array) { return array->op == N_ARRAY ? array->in[0] : NULL; }
/* What was indexed, of the distance to the array's first element. */
static const GNode *index_of(const GNode *distance) { return distance->op == N_ISUB ? distance->in[0] : distance; }

static Expectation expect(const GNode *exit, unsigned code, uint64_t number, const GNode *tested) {
    return (Expectation){.code = (uint8_t)code, .number = number, .where = tested != NULL ? find(exit, tested) : CODE_NOWHERE};
}

Expectation expectation_of(const GNode *n) {
    if (n->op != N_GUARD) return expect(n, n->reason == DEOPT_METATABLE ? EXPECT_NO_METATABLE : EXPECT_NOTHING, 0, NULL);
    const GNode *test = n->in[0];
    const GNode *x = test->nin > 0 ? test->in[0] : NULL;
    switch (test->op) {
        case N_HAS_TAG: return expect(n, EXPECT_TAG, test->imm.u, x);
        case N_IS_NUM: return expect(n, EXPECT_NUMBER, 0, x);
        case N_IS_STR: return expect(n, EXPECT_STRING, 0, x);
        case N_HAS_SHAPE: return expect(n, EXPECT_SHAPE, test->imm.u, x);
        case N_KIND_IS: return expect(n, EXPECT_KIND, test->imm.u, table_of(x));
        case N_CLOSURE_IS: return expect(n, EXPECT_FUNCTION, test->imm.u, x);
        case N_SAME: return expect(n, EXPECT_SAME, 0, x);
        case N_ULT: return expect(n, n->reason == DEOPT_BOUNDS ? EXPECT_BOUNDS : EXPECT_NOTHING, 0, n->reason == DEOPT_BOUNDS ? index_of(x) : NULL);
        case N_NO_METATABLE: return expect(n, EXPECT_NO_METATABLE, 0, x);
        case N_TRUTH: return expect(n, EXPECT_TRUE, 0, x);
        case N_LOOKUPS_HOLD: return expect(n, EXPECT_UNCHANGED, 0, NULL);
        case N_NOT:
            if (x->op == N_HAS_TAG && x->imm.u == TAG_NIL) return expect(n, EXPECT_PRESENT, 0, x->in[0]);
            break;
        default: break;
    }
    return expect(n, EXPECT_NOTHING, 0, NULL);
}
