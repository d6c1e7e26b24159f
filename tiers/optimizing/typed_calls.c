// SPDX-License-Identifier: MIT
/* Typed host functions (state/typed.h), called directly.
 *
 *      f(x, 3)   ->   GUARD SAME f      GUARD each argument      TYPED_CALL      R[A] := result
 *
 * The guards come first and exit before the call: what they do not let pass, wrong arguments among it, the ordinary way
 * converts or refuses (api/typed.c). The function cannot look at the frame, so nothing is stored for it; it is an
 * effect, so nothing exits behind it but an error of its own (TYPED_TRY). Functions that return strings are
 * left to the ordinary way. */
#include "tiers/optimizing/typed_calls.h"

#include "tiers/optimizing/builtins_build.h"

static const Typed *typed_at(const Builder *b, uint32_t pc) {
    unsigned d = insn_d(b->f->quick[pc]);
    return b->f->typed != NULL && d < b->f->ncells ? b->f->typed[d] : NULL;
}

bool is_typed_call(const Builder *b, uint32_t pc) {
    Insn i = b->f->quick[pc];
    const Typed *t = typed_at(b, pc);
    if (t == NULL || b->restarts || t->result == TYPED_STRING || failed_before(b, pc, SEEN_SLOW)) return false;
    if (insn_b(i) == 0 || insn_b(i) - 1 < t->nargs) return false;
    if (insn_op(i) == OP_TAILCALL) return !(insn_c(i) & 1) && !b->f->isvararg && t->result != TYPED_VOID;
    return insn_c(i) != 0;
}

/* ------------------------------------------------------------------------------------- arguments */

static const struct {
    uint8_t bits;
    bool sign;
} integers[TYPED_COUNT] = {
#define ROW(letter, name, text, bits, sign) {bits, sign},
    TYPED_TYPES(ROW)
#undef ROW
};

static GNode *integer_operand(Builder *b, GNode *x, unsigned type) {
    unsigned bits = integers[type].bits;
    GNode *n = as_type(b, x, T_INT);
    if (n == NULL || bits == 64) return n;
    GNode *shifted = integers[type].sign ? emit2(b, N_IADD, n, const_int(b, INT64_C(1) << (bits - 1)), 0) : n;
    guard(b, emit2(b, N_ULT, shifted, const_int(b, INT64_C(1) << bits), 0), DEOPT_BOUNDS);
    return n;
}

static GNode *bool_operand(Builder *b, GNode *x) {
    if (x->type == T_BOOL) return x;
    if (x->type != T_VALUE) return NULL;
    GNode *yes = emit1(b, N_HAS_TAG, x, TAG_TRUE);
    GNode *either = emit3(b, N_SELECT, yes, const_bool(b, true), emit1(b, N_HAS_TAG, x, TAG_FALSE), 0);
    either->type = T_BOOL;
    guard(b, either, DEOPT_TYPE);
    return yes;
}

static GNode *pointer_operand(Builder *b, GNode *x) {
    if (x->type != T_NIL && x->type != T_LIGHTUD && x->type != T_UDATA) {
        if (x->type != T_VALUE) return NULL;
        guard(b, emit1(b, N_IS_POINTER, x, 0), DEOPT_TYPE);
    }
    return emit1(b, N_POINTER_OF, x, 0);
}

static GNode *string_operand(Builder *b, GNode *x) {
    if (!as_string(b, x)) return NULL;
    GNode *p = emit1(b, N_C_STRING, x, 0);
    guard(b, emit1(b, N_NOT_NULL, p, 0), DEOPT_TYPE);
    return p;
}

/* NULL: it cannot be. */
static GNode *operand(Builder *b, GNode *x, unsigned type) {
    switch (type) {
        case TYPED_BOOL: return bool_operand(b, x);
        case TYPED_F32: case TYPED_F64: return as_flt(b, x);
        case TYPED_POINTER: return pointer_operand(b, x);
        case TYPED_STRING: return string_operand(b, x);
        default: return integer_operand(b, x, type);
    }
}

/* ------------------------------------------------------------------------------------------ call */

static unsigned result_type(unsigned type) {
    switch (type) {
        case TYPED_VOID: return T_NONE;
        case TYPED_BOOL: return T_BOOL;
        case TYPED_F32: case TYPED_F64: return T_FLT;
        case TYPED_POINTER: return T_PTR;
        default: return T_INT;
    }
}

static GNode *call_node(Builder *b, const Typed *t, GNode *const *in) {
    GNode *n = node_make(b->g, t->status ? N_TYPED_TRY : N_TYPED_CALL, t->nargs, b->pc);
    for (unsigned k = 0; k < t->nargs; k++) n->in[k] = in[k];
    n->imm.u = (uint64_t)(uintptr_t)t;
    n->type = (uint8_t)result_type(t->result);
    if (t->status) {
        n->reason = CODE_EXIT_PLAIN;
        n->state = exit_state(b);
    }
    node_append(b->at, n);
    fresh_forget(b);
    return n;
}

/* Is it still the function that the site has met? */
static void guard_typed(Builder *b, unsigned a) {
    TValue f = {.tag = TAG_CCL, .v.gc = b->f->cells[insn_d(b->insn)].u.target};
    GNode *known = const_value(b, &f), *x = get_reg(b, a);
    if (x->op != N_OBJECT || x->imm.u != known->imm.u) guard(b, emit2(b, N_SAME, x, known, 0), DEOPT_CALLEE);
}

void build_typed_call(Builder *b) {
    const Typed *t = typed_at(b, b->pc);
    Args args = {insn_a(b->insn), insn_b(b->insn) - 1, insn_op(b->insn) == OP_TAILCALL ? -1 : (int)insn_c(b->insn) - 1, 0};
    GNode *in[TYPED_MAX_PARAMS];
    guard_typed(b, args.a);
    for (unsigned p = 0, k = 0; p < t->nparams; p++) {
        if (t->params[p] == TYPED_UD) continue;
        in[k] = operand(b, argument(b, &args, k + 1), t->params[p]);
        if (in[k] == NULL) {
            exit_here(b, DEOPT_TYPE);
            return;
        }
        k++;
    }
    GNode *x = call_node(b, t, in);
    b->effect = true;
    if (t->result == TYPED_POINTER) x = emit1(b, N_POINTER_VALUE, x, 0);
    finish_many(b, &args, &x, t->result != TYPED_VOID);
}
