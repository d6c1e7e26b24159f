// SPDX-License-Identifier: MIT
/* What a node is the same as, by its operation and operands alone: constants, identities, strength, tests on
 * known types. A rule never changes a node; it answers with an operand, a constant, or new nodes that it puts before
 * the node (and that may be folded in turn).
 *
 * Integers wrap, as Lua's do. Of floats only what gives the same bits for all operands, NaN's sign and -0.0 among them:
 * no x + 0.0 (-0.0 + 0.0 is 0.0), no x * 0.0, no -1.0 * x (a NaN keeps its sign there), no other order of sums.
 * Float constants are computed here rather than by LLVM: its 0.0/0.0 has the other sign than the machine's. */
#include <math.h>
#include <string.h>

#include "sem/sem.h"
#include "tiers/optimizing/graph.h"

typedef struct Fold {
    Graph *g;
    GNode *n;          /* to be folded; new nodes go before it */
    GNode *x, *y;      /* its operands */
} Fold;

/* --------------------------------------------------------------------------------------- new nodes */

static GNode *constant(Graph *g, Op op, uint64_t imm) {
    GNode *n = node_make(g, op, 0, 0);
    n->imm.u = imm;
    node_append(g->blocks[0], n);
    return n;
}
GNode *graph_bool(Graph *g, bool x) { return constant(g, N_BOOL, x); }
static GNode *truth(const Fold *f, bool x) { return graph_bool(f->g, x); }
static GNode *integer(const Fold *f, int64_t x) { return constant(f->g, N_INT, (uint64_t)x); }
static GNode *number(const Fold *f, double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return constant(f->g, N_FLT, bits);
}

static GNode *binary(const Fold *f, Op op, GNode *x, GNode *y) {
    GNode *n = node_make(f->g, op, 2, f->n->pc);
    n->in[0] = x;
    n->in[1] = y;
    node_insert_before(f->n, n);
    return n;
}
static GNode *unary(const Fold *f, Op op, GNode *x, int64_t imm) {
    GNode *n = node_make(f->g, op, 1, f->n->pc);
    n->in[0] = x;
    n->imm.i = imm;
    node_insert_before(f->n, n);
    return n;
}

static bool int_is(const GNode *n, int64_t x) { return n->op == N_INT && n->imm.i == x; }
static bool flt_is(const GNode *n, double x) { return n->op == N_FLT && n->imm.f == x && signbit(n->imm.f) == signbit(x); }
static bool same_node(const GNode *x, const GNode *y) {
    return x == y || (node_is_const(x) && x->op == y->op && x->type == y->type && x->imm.u == y->imm.u);
}

/* ---------------------------------------------------------------------------------------- integers */

static int64_t divide(int64_t x, int64_t y) { return y == -1 ? int_neg(x) : int_floordiv(x, y); }
static int64_t modulo(int64_t x, int64_t y) { return y == -1 ? 0 : int_floormod(x, y); }

static GNode *int_constants(const Fold *f) {
    int64_t x = f->x->imm.i, y = f->y->imm.i;
    switch (f->n->op) {
        case N_IADD: return integer(f, int_add(x, y));
        case N_ISUB: return integer(f, int_sub(x, y));
        case N_IMUL: return integer(f, int_mul(x, y));
        case N_IDIV: return y != 0 ? integer(f, divide(x, y)) : NULL;
        case N_IREM: return y != 0 && y != -1 ? integer(f, x % y) : NULL;
        case N_IMOD: return y != 0 ? integer(f, modulo(x, y)) : NULL;
        case N_UDIV: return y != 0 ? integer(f, (int64_t)((uint64_t)x / (uint64_t)y)) : NULL;
        case N_IAND: return integer(f, x & y);
        case N_IOR: return integer(f, x | y);
        case N_IXOR: return integer(f, x ^ y);
        case N_ISHL: return integer(f, int_shl(x, y));
        case N_ISHR: return integer(f, int_shl(x, int_neg(y)));
        case N_IEQ: return truth(f, x == y);
        case N_ILT: return truth(f, x < y);
        case N_ILE: return truth(f, x <= y);
        case N_ULT: return truth(f, (uint64_t)x < (uint64_t)y);
        default: return NULL;
    }
}

/* x op x */
static GNode *int_twins(const Fold *f) {
    switch (f->n->op) {
        case N_ISUB: case N_IXOR: return integer(f, 0);
        case N_IAND: case N_IOR: return f->x;
        case N_IEQ: case N_ILE: return truth(f, true);
        case N_ILT: case N_ULT: return truth(f, false);
        default: return NULL;
    }
}

/* (x op a) op b, op associative: one operation */
static GNode *int_chain(const Fold *f) {
    GNode *x = f->x;
    if (x->op != f->n->op || x->in[1]->op != N_INT) return NULL;
    Fold inner = {f->g, f->n, x->in[1], f->y};
    return binary(f, (Op)f->n->op, x->in[0], int_constants(&inner));
}

/* Shifts by two amounts in the same direction; each is 0..63. */
static GNode *shift_chain(const Fold *f, int64_t c) {
    GNode *x = f->x;
    if (x->op != f->n->op || x->in[1]->op != N_INT) return NULL;
    uint64_t a = x->in[1]->imm.u;
    return a < 64 && (uint64_t)c < 64 ? binary(f, (Op)f->n->op, x->in[0], integer(f, (int64_t)a + c)) : NULL;
}

static GNode *int_shift(const Fold *f, int64_t c) {
    if (c == 0) return f->x;
    if (c >= 64 || c <= -64) return integer(f, 0);
    if (c < 0) return binary(f, f->n->op == N_ISHL ? N_ISHR : N_ISHL, f->x, integer(f, -c));
    return shift_chain(f, c);
}

/* x op c */
static GNode *int_by_literal(const Fold *f) {
    int64_t c = f->y->imm.i;
    GNode *x = f->x;
    switch (f->n->op) {
        case N_IADD: return c == 0 ? x : int_chain(f);
        case N_ISUB: return binary(f, N_IADD, x, integer(f, int_neg(c))); /* sums are easier to see through */
        case N_IMUL: return c == 0 ? f->y : c == 1 ? x : c == -1 ? unary(f, N_INEG, x, 0) : int_chain(f);
        case N_IDIV: return c == 1 ? x : c == -1 ? unary(f, N_INEG, x, 0) : NULL;
        case N_IMOD: return c == 1 || c == -1 ? integer(f, 0) : x->op == N_IMOD && int_is(x->in[1], c) ? x : NULL;
        case N_UDIV: return c == 1 ? x : NULL;
        case N_IAND: return c == 0 ? f->y : c == -1 ? x : int_chain(f);
        case N_IOR: return c == 0 ? x : c == -1 ? f->y : int_chain(f);
        case N_IXOR: return c == 0 ? x : c == -1 ? unary(f, N_INOT, x, 0) : int_chain(f);
        case N_ISHL: case N_ISHR: return int_shift(f, c);
        case N_IEQ: return x->op == N_IADD && x->in[1]->op == N_INT ? binary(f, N_IEQ, x->in[0], integer(f, int_sub(c, x->in[1]->imm.i))) : NULL;
        case N_ILT: return c == INT64_MIN ? truth(f, false) : NULL;
        case N_ILE: return c == INT64_MAX ? truth(f, true) : NULL;
        case N_ULT: return c == 0 ? truth(f, false) : NULL;
        default: return NULL;
    }
}

static bool int_commutes(unsigned op) {
    return op == N_IADD || op == N_IMUL || op == N_IAND || op == N_IOR || op == N_IXOR || op == N_IEQ;
}

/* c op x of what does not commute */
static GNode *int_from_literal(const Fold *f) {
    int64_t c = f->x->imm.i;
    GNode *y = f->y;
    switch (f->n->op) {
        case N_ISUB:
            if (c == 0) return unary(f, N_INEG, y, 0);
            return y->op == N_IADD && y->in[1]->op == N_INT ? binary(f, N_ISUB, integer(f, int_sub(c, y->in[1]->imm.i)), y->in[0]) : NULL;
        case N_ISHL: case N_ISHR: case N_UDIV: return c == 0 ? f->x : NULL;
        case N_ILT: return c == INT64_MAX ? truth(f, false) : NULL;
        case N_ILE: return c == INT64_MIN ? truth(f, true) : NULL;
        case N_ULT: return c == -1 ? truth(f, false) : NULL;
        default: return NULL;
    }
}

/* Sums whose parts cancel. */
static GNode *int_sums(const Fold *f) {
    GNode *x = f->x, *y = f->y;
    switch (f->n->op) {
        case N_IADD:
            if (x->op == N_ISUB && x->in[1] == y) return x->in[0];
            if (y->op == N_ISUB && y->in[1] == x) return y->in[0];
            return y->op == N_INEG ? binary(f, N_ISUB, x, y->in[0]) : NULL;
        case N_ISUB:
            if (x->op == N_IADD && x->in[0] == y) return x->in[1];
            if (x->op == N_IADD && x->in[1] == y) return x->in[0];
            return y->op == N_INEG ? binary(f, N_IADD, x, y->in[0]) : NULL;
        case N_IEQ: {
            bool shifted = x->op == N_IADD && y->op == N_IADD && same_node(x->in[1], y->in[1]);
            return shifted ? binary(f, N_IEQ, x->in[0], y->in[0]) : NULL;
        }
        default: return NULL;
    }
}

static GNode *fold_ints(const Fold *f) {
    GNode *r;
    if (f->x->op == N_INT && f->y->op == N_INT) return int_constants(f);
    if (f->x == f->y && (r = int_twins(f)) != NULL) return r;
    if (f->y->op == N_INT) return int_by_literal(f);
    if (f->x->op != N_INT) return int_sums(f);
    return int_commutes(f->n->op) ? binary(f, (Op)f->n->op, f->y, f->x) : int_from_literal(f);
}

/* ------------------------------------------------------------------------------------------ floats */

/* Of this module's own, as flt_mod and flt_pow are in the runtime, which the plugin does not link to. */
static double modulo_flt(double x, double y) {
    double r = fmod(x, y);
    return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

static GNode *flt_constants(const Fold *f) {
    double x = f->x->imm.f, y = f->y->imm.f;
    switch (f->n->op) {
        case N_FADD: return number(f, x + y);
        case N_FSUB: return number(f, x - y);
        case N_FMUL: return number(f, x * y);
        case N_FDIV: return number(f, x / y);
        case N_FMOD: return number(f, modulo_flt(x, y));
        case N_FIDIV: return number(f, floor(x / y));
        case N_FPOW: return number(f, y == 2 ? x * x : pow(x, y));
        case N_FEQ: return truth(f, x == y);
        case N_FLESS: return truth(f, x < y);
        case N_FLE: return truth(f, x <= y);
        default: return NULL;
    }
}

/* x / 2^k is x * 2^-k when both are exact and neither is subnormal. */
static GNode *flt_divide(const Fold *f) {
    int exponent;
    double c = f->y->imm.f;
    if (c == 1) return f->x;
    if (c == 0 || fabs(frexp(c, &exponent)) != 0.5 || exponent < -1000 || exponent > 1000) return NULL;
    return binary(f, N_FMUL, f->x, number(f, 1 / c));
}

static GNode *flt_by_literal(const Fold *f) {
    switch (f->n->op) {
        case N_FADD: return flt_is(f->y, -0.0) ? f->x : NULL;
        case N_FSUB: return flt_is(f->y, 0.0) ? f->x : NULL;
        case N_FMUL: return flt_is(f->y, 1) ? f->x : flt_is(f->y, 2) ? binary(f, N_FADD, f->x, f->x) : NULL;
        case N_FDIV: return flt_divide(f);
        case N_FPOW: return flt_is(f->y, 1) ? f->x : flt_is(f->y, 2) ? binary(f, N_FMUL, f->x, f->x) : NULL;
        default: return NULL;
    }
}

static GNode *fold_flts(const Fold *f) {
    unsigned op = f->n->op;
    if (f->x->op == N_FLT && f->y->op == N_FLT) return flt_constants(f);
    if (f->y->op == N_FLT) return flt_by_literal(f);
    if (f->x->op == N_FLT && op == N_FMUL && !isnan(f->x->imm.f)) return binary(f, N_FMUL, f->y, f->x);
    if (f->x != f->y) return NULL;
    if (op == N_FLESS) return truth(f, false);
    return (op == N_FEQ || op == N_FLE) && f->x->op == N_ITOF ? truth(f, true) : NULL; /* no NaN */
}

static GNode *fold_for_goes(const Fold *f) {
    GNode *step = f->n->in[2];
    if (step->op != N_FLT) return NULL;
    return step->imm.f > 0 ? binary(f, N_FLE, f->x, f->y) : binary(f, N_FLE, f->y, f->x);
}

/* ------------------------------------------------------------------------------------------- types */

/* By their tags alone values of these types are told apart or found equal. */
static bool decides_by_payload(unsigned type) {
    return type != T_VALUE && type != T_INT && type != T_FLT && type != T_LSTR && type != T_TABLE && type != T_UDATA;
}
static bool is_number(unsigned type) { return type == T_INT || type == T_FLT; }
static bool differ(const GNode *x, const GNode *y) { return x->type != T_VALUE && y->type != T_VALUE && x->type != y->type; }

static GNode *invert(const Fold *f, GNode *x, bool when) { return when ? unary(f, N_NOT, x, 0) : x; }

static GNode *fold_has_tag(const Fold *f) {
    GNode *x = f->x;
    if (x->type == T_VALUE) return NULL;
    if (x->type != T_BOOL) return truth(f, type_tags[x->type] == f->n->imm.u);
    bool is_bool = f->n->imm.u == TAG_TRUE || f->n->imm.u == TAG_FALSE;
    return is_bool ? invert(f, x, f->n->imm.u == TAG_FALSE) : truth(f, false);
}

static GNode *fold_type_test(const Fold *f) {
    GNode *x = f->x;
    if (x->type == T_VALUE) return NULL;
    switch (f->n->op) {
        case N_IS_STR: return truth(f, x->type == T_SSTR || x->type == T_LSTR);
        case N_IS_NUM: return truth(f, is_number(x->type));
        default: return x->type == T_BOOL ? x : truth(f, x->type != T_NIL);
    }
}

/* x is the constant y, which its tag tells */
static GNode *same_as_tag(const Fold *f, GNode *x, const GNode *y) {
    if (y->type == T_NIL) return unary(f, N_HAS_TAG, x, TAG_NIL);
    return y->op == N_BOOL ? unary(f, N_HAS_TAG, x, y->imm.u & 1 ? TAG_TRUE : TAG_FALSE) : NULL;
}

/* The name of x's type is the constant y: what one test of the tag tells. */
static GNode *named_type(const Fold *f, GNode *x, const GNode *y) {
    const uint64_t *names = f->g->function->typenames;
    if (y->op != N_OBJECT) return NULL;
    if (y->imm.u == names[TAG_INT]) return unary(f, N_IS_NUM, x, 0);
    if (y->imm.u == names[TAG_SSTR]) return unary(f, N_IS_STR, x, 0);
    if (y->imm.u == names[TAG_TABLE]) return unary(f, N_HAS_TAG, x, TAG_TABLE);
    return y->imm.u == names[TAG_NIL] ? unary(f, N_HAS_TAG, x, TAG_NIL) : NULL;
}

static GNode *fold_same(const Fold *f) {
    GNode *x = f->x, *y = f->y;
    if (x->op == N_TYPE_NAME && y->op != N_TYPE_NAME) return named_type(f, x->in[0], y);
    if (same_node(x, y)) return truth(f, true);
    if (differ(x, y)) return truth(f, false);
    if (x->type == T_INT && y->type == T_INT) return binary(f, N_IEQ, x, y);
    if (x->op == N_OBJECT && y->op == N_OBJECT) return truth(f, x->imm.u == y->imm.u);
    GNode *r = same_as_tag(f, x, y);
    return r != NULL ? r : same_as_tag(f, y, x);
}

static GNode *fold_decided(const Fold *f) {
    GNode *x = f->x, *y = f->y;
    if (decides_by_payload(x->type) || decides_by_payload(y->type)) return truth(f, true);
    if (differ(x, y)) return truth(f, !(is_number(x->type) && is_number(y->type)));
    if (x->type == T_VALUE || y->type == T_VALUE) return NULL;
    return x->type == T_INT ? truth(f, true) : x->type == T_FLT ? truth(f, false) : x == y ? truth(f, true) : NULL;
}

static GNode *fold_raw_equal(const Fold *f) {
    GNode *x = f->x, *y = f->y;
    if (x->type == T_INT && y->type == T_INT) return binary(f, N_IEQ, x, y);
    if (x->type == T_FLT && y->type == T_FLT) return binary(f, N_FEQ, x, y);
    if (differ(x, y)) return is_number(x->type) && is_number(y->type) ? NULL : truth(f, false);
    bool by_payload = decides_by_payload(x->type) || decides_by_payload(y->type);
    bool objects = x->type == y->type && (x->type == T_TABLE || x->type == T_UDATA); /* raw: no __eq */
    return by_payload || objects ? binary(f, N_SAME, x, y) : NULL;
}

static GNode *fold_not(const Fold *f) {
    GNode *x = f->x;
    switch (x->op) {
        case N_BOOL: return truth(f, !(x->imm.u & 1));
        case N_NOT: return x->in[0];
        case N_ILT: return binary(f, N_ILE, x->in[1], x->in[0]);
        case N_ILE: return binary(f, N_ILT, x->in[1], x->in[0]);
        default: return NULL;
    }
}

static GNode *fold_select(const Fold *f) {
    GNode *yes = f->n->in[1], *no = f->n->in[2];
    if (yes == no) return yes;
    return f->x->op == N_BOOL ? (f->x->imm.u & 1 ? yes : no) : NULL;
}

static GNode *fold_untag(const Fold *f) {
    if (f->x->type == f->n->type) return f->x;
    return f->n->type == T_NIL ? constant(f->g, N_NIL, 0) : NULL;
}

/* Of a closure made here the function is known. */
static GNode *fold_closure_is(const Fold *f) {
    const JitChild *child = f->x->op == N_NEW_CLOSURE ? graph_child(f->g, f->x) : NULL;
    if (child == NULL) return NULL;
    f->x->imm.u |= NEW_TABLE_SEEN;
    return truth(f, child->proto == f->n->imm.u);
}

static GNode *fold_negation(const Fold *f) {
    GNode *x = f->x;
    switch (f->n->op) {
        case N_INEG:
            if (x->op == N_ISUB) return binary(f, N_ISUB, x->in[1], x->in[0]);
            return x->op == N_INT ? integer(f, int_neg(x->imm.i)) : x->op == N_INEG ? x->in[0] : NULL;
        case N_INOT: return x->op == N_INT ? integer(f, ~x->imm.i) : x->op == N_INOT ? x->in[0] : NULL;
        default: return x->op == N_FLT ? number(f, -x->imm.f) : x->op == N_FNEG ? x->in[0] : NULL;
    }
}

static GNode *fold_to_flt(const Fold *f) {
    if (f->x->type == T_FLT) return f->x;
    if (f->x->op == N_INT) return number(f, (double)f->x->imm.i);
    return f->n->op == N_NTOF && f->x->type == T_INT ? unary(f, N_ITOF, f->x, 0) : NULL;
}

/* ------------------------------------------------------------------------------------------- table */

typedef GNode *Rule(const Fold *f);
static Rule *const rules[N_OPS] = {
    [N_CLOSURE_IS] = fold_closure_is, [N_IADD] = fold_ints, [N_ISUB] = fold_ints, [N_IMUL] = fold_ints, [N_IDIV] = fold_ints, [N_IMOD] = fold_ints,
    [N_UDIV] = fold_ints, [N_IREM] = fold_ints, [N_IAND] = fold_ints, [N_IOR] = fold_ints, [N_IXOR] = fold_ints, [N_ISHL] = fold_ints,
    [N_ISHR] = fold_ints, [N_IEQ] = fold_ints, [N_ILT] = fold_ints, [N_ILE] = fold_ints, [N_ULT] = fold_ints,
    [N_FADD] = fold_flts, [N_FSUB] = fold_flts, [N_FMUL] = fold_flts, [N_FDIV] = fold_flts, [N_FMOD] = fold_flts,
    [N_FIDIV] = fold_flts, [N_FPOW] = fold_flts, [N_FEQ] = fold_flts, [N_FLESS] = fold_flts, [N_FLE] = fold_flts,
    [N_INEG] = fold_negation, [N_INOT] = fold_negation, [N_FNEG] = fold_negation,
    [N_ITOF] = fold_to_flt, [N_NTOF] = fold_to_flt, [N_FOR_GOES] = fold_for_goes, [N_NOT] = fold_not,
    [N_HAS_TAG] = fold_has_tag, [N_IS_STR] = fold_type_test, [N_IS_NUM] = fold_type_test, [N_TRUTH] = fold_type_test,
    [N_UNTAG] = fold_untag, [N_SELECT] = fold_select, [N_SAME] = fold_same, [N_DECIDED] = fold_decided, [N_RAW_EQUAL] = fold_raw_equal,
};

GNode *graph_fold(Graph *g, GNode *n) {
    if (rules[n->op] == NULL) return NULL;
    Fold f = {g, n, n->in[0], n->nin > 1 ? n->in[1] : NULL};
    return rules[n->op](&f);
}
