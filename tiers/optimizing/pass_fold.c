// SPDX-License-Identifier: MIT
/* Folding: what a node computes is known from its operands. Integers wrap, as Lua's do. Floats are
 * only folded where the result is the machine's own (no x + 0: -0 + 0 is 0). One switch row per
 * rule; gvn asks again after it has replaced operands. */
#include <math.h>

#include "sem/sem.h"
#include "tiers/optimizing/graph.h"

static GNode *constant(Graph *g, Op op, int64_t imm) {
    GNode *n = node_make(g, op, 0, 0);
    n->imm.i = imm;
    node_append(g->blocks[0], n);
    return n;
}
static GNode *int_const(Graph *g, int64_t x) { return constant(g, N_INT, x); }
GNode *graph_bool(Graph *g, bool x) { return constant(g, N_BOOL, x); }
static GNode *flt_const(Graph *g, double x) {
    GNode *n = constant(g, N_FLT, 0);
    n->imm.f = x;
    return n;
}

static bool is_literal(const GNode *n, int64_t x) { return n->op == N_INT && n->imm.i == x; }

static GNode *fold_ints(Graph *g, unsigned op, int64_t x, int64_t y) {
    switch (op) {
        case N_IADD: return int_const(g, int_add(x, y));
        case N_ISUB: return int_const(g, int_sub(x, y));
        case N_IMUL: return int_const(g, int_mul(x, y));
        case N_IDIV: return (uint64_t)y + 1u > 1u ? int_const(g, int_floordiv(x, y)) : NULL;
        case N_IMOD: return (uint64_t)y + 1u > 1u ? int_const(g, int_floormod(x, y)) : NULL;
        case N_UDIV: return y != 0 ? int_const(g, (int64_t)((uint64_t)x / (uint64_t)y)) : NULL;
        case N_IAND: return int_const(g, x & y);
        case N_IOR: return int_const(g, x | y);
        case N_IXOR: return int_const(g, x ^ y);
        case N_ISHL: return int_const(g, int_shl(x, y));
        case N_ISHR: return int_const(g, int_shl(x, int_neg(y)));
        case N_IEQ: return graph_bool(g, x == y);
        case N_ILT: return graph_bool(g, x < y);
        case N_ILE: return graph_bool(g, x <= y);
        case N_ULT: return graph_bool(g, (uint64_t)x < (uint64_t)y);
        default: return NULL;
    }
}

static GNode *fold_flts(Graph *g, unsigned op, double x, double y) {
    switch (op) {
        case N_FADD: return flt_const(g, x + y);
        case N_FSUB: return flt_const(g, x - y);
        case N_FMUL: return flt_const(g, x * y);
        case N_FDIV: return flt_const(g, x / y);
        case N_FEQ: return graph_bool(g, x == y);
        case N_FLESS: return graph_bool(g, x < y);
        case N_FLE: return graph_bool(g, x <= y);
        default: return NULL;
    }
}

/* x op y where one is a constant that makes the operation trivial */
static GNode *fold_identity(Graph *g, const GNode *n) {
    GNode *x = n->in[0], *y = n->in[1];
    switch (n->op) {
        case N_IADD: return is_literal(y, 0) ? x : is_literal(x, 0) ? y : NULL;
        case N_ISUB: return is_literal(y, 0) ? x : x == y ? int_const(g, 0) : NULL;
        case N_IMUL: return is_literal(y, 1) ? x : is_literal(x, 1) ? y : is_literal(y, 0) || is_literal(x, 0) ? int_const(g, 0) : NULL;
        case N_IDIV: case N_UDIV: return is_literal(y, 1) ? x : NULL;
        case N_IMOD: return is_literal(y, 1) ? int_const(g, 0) : NULL;
        case N_IAND: return x == y || is_literal(y, -1) ? x : is_literal(y, 0) ? int_const(g, 0) : NULL;
        case N_IOR: return x == y || is_literal(y, 0) ? x : NULL;
        case N_IXOR: return x == y ? int_const(g, 0) : is_literal(y, 0) ? x : NULL;
        case N_ISHL: case N_ISHR: return is_literal(y, 0) ? x : NULL;
        case N_IEQ: case N_ILE: return x == y ? graph_bool(g, true) : NULL;
        case N_ILT: case N_ULT: return x == y ? graph_bool(g, false) : NULL;
        case N_FMUL: case N_FDIV: return y->op == N_FLT && y->imm.f == 1 ? x : NULL;
        default: return NULL;
    }
}

/* Division by a power of two is exact as a multiplication. */
static GNode *fold_division(Graph *g, GNode *n) {
    int exponent;
    GNode *y = n->in[1];
    if (y->op != N_FLT || y->imm.f == 0 || fabs(frexp(y->imm.f, &exponent)) != 0.5 || exponent < -1000 || exponent > 1000) return NULL;
    n->op = N_FMUL;
    n->in[1] = flt_const(g, 1 / y->imm.f);
    return NULL;
}

/* (x + a) + b: one addition */
static GNode *fold_sum(Graph *g, GNode *n) {
    GNode *x = n->in[0], *y = n->in[1];
    if (n->op == N_ISUB && y->op == N_INT) { /* sums are easier to see through */
        n->op = N_IADD;
        n->in[1] = y = int_const(g, int_neg(y->imm.i));
    }
    if (n->op != N_IADD || y->op != N_INT || x->op != N_IADD || x->in[1]->op != N_INT) return NULL;
    n->in[0] = x->in[0];
    n->in[1] = int_const(g, int_add(x->in[1]->imm.i, y->imm.i));
    return NULL;
}

static GNode *fold_tag(Graph *g, const GNode *n) {
    const GNode *x = n->in[0];
    if (x->type == T_VALUE) return NULL;
    switch (n->op) {
        case N_HAS_TAG: return graph_bool(g, x->type != T_BOOL && type_tags[x->type] == n->imm.u);
        case N_IS_STR: return graph_bool(g, x->type == T_SSTR || x->type == T_LSTR);
        case N_IS_NUM: return graph_bool(g, x->type == T_INT || x->type == T_FLT);
        case N_TRUTH: return x->type == T_BOOL ? (GNode *)(uintptr_t)x : graph_bool(g, x->type != T_NIL);
        default: return NULL;
    }
}

static GNode *fold_unary(Graph *g, GNode *n) {
    GNode *x = n->in[0];
    switch (n->op) {
        case N_INEG: return x->op == N_INT ? int_const(g, int_neg(x->imm.i)) : NULL;
        case N_INOT: return x->op == N_INT ? int_const(g, ~x->imm.i) : NULL;
        case N_FNEG: return x->op == N_FLT ? flt_const(g, -x->imm.f) : NULL;
        case N_ITOF: return x->op == N_INT ? flt_const(g, (double)x->imm.i) : NULL;
        case N_NTOF:
            if (x->type == T_FLT) return x;
            if (x->type == T_INT) n->op = N_ITOF;
            return NULL;
        case N_NOT: return x->op == N_BOOL ? graph_bool(g, !x->imm.i) : x->op == N_NOT ? x->in[0] : NULL;
        case N_UNTAG: return x->type == n->type ? x : NULL;
        default: return fold_tag(g, n);
    }
}

static GNode *fold_equality(Graph *g, const GNode *n) {
    const GNode *x = n->in[0], *y = n->in[1];
    if (n->op == N_RAW_EQUAL && x->type != T_VALUE && y->type != T_VALUE && x->type != y->type &&
        !((x->type == T_INT || x->type == T_FLT) && (y->type == T_INT || y->type == T_FLT)))
        return graph_bool(g, false);
    if (n->op == N_SAME && x->type == T_INT && y->type == T_INT && x->op == N_INT && y->op == N_INT) return graph_bool(g, x->imm.i == y->imm.i);
    if (n->op == N_DECIDED && x->type == y->type && (x->type == T_INT || x->type == T_SSTR || x->type == T_NIL || x->type == T_BOOL)) return graph_bool(g, true);
    return NULL;
}

/* What n is the same as; NULL: nothing simpler. May turn n into a cheaper operation. */
GNode *graph_fold(Graph *g, GNode *n) {
    if (n->op == N_PHI || n->nin == 0 || n->nin > 2) return NULL;
    if (n->nin == 1) return fold_unary(g, n);
    GNode *x = n->in[0], *y = n->in[1], *r = NULL;
    if (x->op == N_INT && y->op == N_INT) r = fold_ints(g, n->op, x->imm.i, y->imm.i);
    else if (x->op == N_FLT && y->op == N_FLT) r = fold_flts(g, n->op, x->imm.f, y->imm.f);
    if (r == NULL) r = fold_identity(g, n);
    if (r == NULL && n->op == N_FDIV) r = fold_division(g, n);
    if (r == NULL && (n->op == N_IADD || n->op == N_ISUB)) r = fold_sum(g, n);
    return r != NULL ? r : fold_equality(g, n);
}

bool pass_fold(Graph *g) {
    bool changed = false;
    for (uint32_t i = 1; i < g->norder; i++) {
        for (GNode *n = g->order[i]->first; n != NULL; n = n->next) {
            for (uint32_t k = 0; k < n->nin; k++) n->in[k] = node_resolve(n->in[k]);
            if ((op_info[n->op].flags & (F_KEEP | F_EXIT)) || !graph_may(g)) continue;
            n->replaced = graph_fold(g, n);
            changed |= n->replaced != NULL;
        }
    }
    graph_apply_replacements(g);
    graph_remove_replaced(g);
    return changed;
}
