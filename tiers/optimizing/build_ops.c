// SPDX-License-Identifier: MIT
/* The words of sem/ops.h as graph building. Included under these definitions, that file becomes one
 * C function for each opcode, which builds the nodes of one instruction.
 *
 * A test (GUARD_INT(x, l) ...) is decided, in this order: by the types known of its operands, when building
 * (HOLDS, FAILS); by the profile, if only one way was ever taken: a guard that exits, or straight to l; if both were:
 * a branch, and the way to l is built when the other is finished (FORKS). The address of the C label
 * l waits in Builder.forks meanwhile.
 */
#ifndef __clang__ /* it takes a computed goto to a label for a way round what stands before */
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <string.h>

#include "front/operands.h"
#include "tiers/optimizing/build.h"

/* --------------------------------------------------------------------------------------- profile */

/* Instructions whose row of the profile tells which alternatives ran. */
static bool is_number_op(unsigned op) {
    return (op >= OP_SUBI && op <= OP_BNOT) || (op >= OP_JLT && op <= OP_JNLE) || (op >= OP_JEQI && op <= OP_JNGEI) ||
           op == OP_FORLOOP;
}
/* ... and are known not to have run by a row of zeros. Comparisons with a literal record numbers only. */
static bool row_tells(unsigned op) { return (is_number_op(op) && op != OP_JEQI && op != OP_JNEI) || opcode_indexes(op); }

static bool ends_with(const char *label, const char *suffix) {
    size_t n = strlen(label), m = strlen(suffix);
    return n >= m && strcmp(label + n - m, suffix) == 0;
}

/* Which ways were taken of a test that fails to `label`. */
typedef struct Ways {
    bool holds, fails;
} Ways;

static Ways ways_of(const Builder *b, const char *label) {
    unsigned op = opcode_base[insn_op(b->insn)];
    const uint8_t *seen = b->seen;
    if (strstr(label, "_ANY_") != NULL || ends_with(label, "_other_way")) return (Ways){true, true};
    if (op == OP_JEQI || op == OP_JNEI || op == OP_JEQ || op == OP_JNE || op == OP_LEN) return (Ways){true, true};
    if (opcode_indexes(op) && ends_with(label, "_slow")) return (Ways){true, seen[SEEN_OTHER]}; /* which string keys are, too */
    if (opcode_indexes(op)) return (Ways){seen[SEEN_INT] || seen[SEEN_FLT] || seen[SEEN_VALUE] || !seen[SEEN_OTHER], seen[SEEN_OTHER]};
    if (!is_number_op(op)) return (Ways){true, seen[SEEN_SLOW] >= SLOW_OFTEN};
    if (ends_with(label, "_flt")) {
        bool mixed = op <= OP_BNOT && seen[SEEN_MIXED]; /* an integer and a float; two integers if they were met (never_ints) */
        return (Ways){seen[SEEN_INT], seen[SEEN_FLT] || seen[SEEN_SLOW] || mixed};
    }
    return (Ways){seen[SEEN_INT] || seen[SEEN_FLT], seen[SEEN_SLOW]};
}

/* cond decides; what exits gives `reason`. */
static Decision decide(Builder *b, GNode *cond, unsigned reason, const char *label, void *at) {
    if (cond->op == N_BOOL) return cond->imm.i ? HOLDS : FAILS;
    Ways w = ways_of(b, label);
    if (w.holds && w.fails) {
        fork_on(b, cond, at, true);
        return FORKS;
    }
    if (w.fails && !w.holds) return FAILS;
    guard(b, cond, reason);
    return HOLDS;
}

/* ----------------------------------------------------------------------------------------- tests */

static GNode *has_tag(Builder *b, GNode *x, unsigned tag) {
    x = refined(b, x);
    if (x->type == T_BOOL) return const_bool(b, false);
    if (x->type != T_VALUE) return const_bool(b, type_tags[x->type] == tag);
    return emit1(b, N_HAS_TAG, x, tag);
}

static GNode *untag(Builder *b, GNode *x, unsigned type) {
    x = refined(b, x);
    if (x->type == type) return x;
    return emit_typed(b, N_UNTAG, type, x, type_tags[type]);
}

static Decision test_type(Builder *b, GNode *x, unsigned type, const char *label, void *at) {
    Decision d = decide(b, has_tag(b, x, type_tags[type]), DEOPT_TYPE, label, at);
    if (d != FAILS) refine(b, refined(b, x), untag(b, x, type));
    return d;
}

static bool is_number(unsigned type) { return type == T_INT || type == T_FLT; }

/* Can equality be told from tags and payloads? Not of an integer and a float, floats, long strings,
 * and what may have __eq. */
static GNode *decided(Builder *b, GNode *x, GNode *y) {
    x = refined(b, x);
    y = refined(b, y);
    if (x->type != T_VALUE && y->type != T_VALUE && x->type != y->type) return const_bool(b, !(is_number(x->type) && is_number(y->type)));
    return emit2(b, N_DECIDED, x, y, 0);
}

static GNode *is_string(Builder *b, GNode *x) {
    x = refined(b, x);
    if (x->type != T_VALUE) return const_bool(b, x->type == T_SSTR || x->type == T_LSTR);
    return emit1(b, N_IS_STR, x, 0);
}

static GNode *not_node(Builder *b, GNode *x) {
    if (x->op == N_BOOL) return const_bool(b, !x->imm.i);
    return emit1(b, N_NOT, x, 0);
}

static GNode *not_nil(Builder *b, GNode *x) { return not_node(b, has_tag(b, x, TAG_NIL)); }

static GNode *truth(Builder *b, GNode *x) {
    x = refined(b, x);
    if (x->type == T_BOOL) return x;
    if (x->type != T_VALUE) return const_bool(b, x->type != T_NIL);
    return emit1(b, N_TRUTH, x, 0);
}

/* --------------------------------------------------------------------------------------- numbers */

static GNode *to_flt(Builder *b, GNode *x) {
    x = refined(b, x);
    if (x->type == T_FLT) return x;
    if (x->type == T_INT) return emit1(b, N_ITOF, x, 0);
    return emit1(b, N_NTOF, x, 0);
}

static Decision test_number(Builder *b, GNode *x, const char *label, void *at) {
    x = refined(b, x);
    if (x->type == T_INT || x->type == T_FLT) return HOLDS;
    if (x->type != T_VALUE) return FAILS;
    if (b->floats) return test_type(b, x, T_FLT, label, at);
    return decide(b, emit1(b, N_IS_NUM, x, 0), DEOPT_TYPE, label, at);
}

/* Was x, an operand made a float, an integer? NULL: it was not. */
static GNode *was_int(Builder *b, const GNode *x) {
    if (x->op == N_ITOF) return const_bool(b, true);
    return x->op == N_NTOF ? emit1(b, N_HAS_TAG, x->in[0], TAG_INT) : NULL;
}

/* An operation that met an integer and a float, but no two integers, gives a float as long as that is so. */
static void never_ints(Builder *b, const GNode *x, const GNode *y) {
    if (!b->seen[SEEN_MIXED] || b->seen[SEEN_INT]) return;
    GNode *one = was_int(b, x), *other = one != NULL ? was_int(b, y) : NULL;
    if (other == NULL) return;
    if (one->op == N_BOOL) one = other;
    else if (other->op != N_BOOL) {
        GNode *both = emit3(b, N_SELECT, one, other, const_bool(b, false), 0);
        both->type = T_BOOL;
        one = both;
    }
    guard(b, one->op == N_BOOL ? const_bool(b, false) : emit1(b, N_NOT, one, 0), DEOPT_TYPE);
}

static GNode *flt_operation(Builder *b, Op op, GNode *x, GNode *y) {
    never_ints(b, x, y);
    return emit2(b, op, x, y, 0);
}

static GNode *divisor_fits(Builder *b, GNode *y) {
    if (y->op == N_INT) return const_bool(b, y->imm.u + 1u > 1u);
    return emit2(b, N_ULT, const_int(b, 1), emit2(b, N_IADD, y, const_int(b, 1), 0), 0);
}

static GNode *int_to_flt_node(Builder *b, GNode *x) {
    if (x->op == N_INT) return const_flt(b, (double)x->imm.i);
    return emit1(b, N_ITOF, x, 0);
}

/* x op y for one of < <= == > >= */
static GNode *compare(Builder *b, bool floats, const char *op, GNode *x, GNode *y) {
    if (op[0] == '>') {
        GNode *t = x;
        x = y;
        y = t;
    }
    Op eq = floats ? N_FEQ : N_IEQ, lt = floats ? N_FLESS : N_ILT, le = floats ? N_FLE : N_ILE;
    return emit2(b, op[0] == '=' ? eq : op[1] == '=' ? le : lt, x, y, 0);
}

static uint32_t jump_target(const Builder *b) { return (uint32_t)((int32_t)b->pc + 1 + insn_j(b->insn)); }

/* Ends the instruction: jumps if cond == sense. */
static void jump_if(Builder *b, GNode *cond, bool sense) {
    uint32_t target = jump_target(b), next = b->pc + 1;
    if (!sense && cond->op == N_BOOL) {
        cond = const_bool(b, !cond->imm.i);
        sense = true;
    }
    if (!b->effect && cond->op != N_BOOL && target != next && never_jumps(b, b->pc, target)) {
        guard(b, sense ? not_node(b, cond) : cond, DEOPT_NEVER_RAN);
        go_to(b, next);
    } else if (sense) {
        branch_to(b, cond, target, next, 0);
    } else {
        branch_to(b, cond, next, target, 0);
    }
}

/* ---------------------------------------------------------------------------------------- tables */

static const Cell *cell_of(Builder *b) { return &b->f->cells[insn_d(b->insn)]; }

static GNode *has_shape(Builder *b, GNode *t, uint32_t shape) {
    uint32_t known = fresh_shape(b, t);
    return known != 0 ? const_bool(b, known == shape) : emit1(b, N_HAS_SHAPE, t, shape);
}
/* What the instruction's cell found through metatables still holds. */
static GNode *lookups_hold(Builder *b) {
    if (b->f->relied != NULL) b->f->relied[insn_d(b->insn)] = 1;
    return emit0(b, N_LOOKUPS_HOLD, 0);
}

/* A slot as a place is the node that reads it; STORE turns that into a write. */
static bool adds_field(const Builder *b) { return insn_op(b->insn) == OP_SETFIELD_ADD || insn_op(b->insn) == OP_SETFIELDK_ADD; }

/* What a fresh table gets may go without a barrier, and a new field counts as no write. */
static bool store_fresh(Builder *b, GNode *t, GNode *place, GNode *x) {
    if (!fresh_is_white(b, t) || place->op != N_FIELD) return false;
    if (adds_field(b)) node_remove(place);
    emit2(b, adds_field(b) ? N_INIT_FIELD : N_PUT_FIELD, t, x, place->imm.i);
    b->effect = true;
    return true;
}

static void put_shape(Builder *b, GNode *t, uint32_t shape) {
    bool fresh = fresh_shape(b, t) != 0;
    emit1(b, fresh ? N_INIT_SHAPE : N_PUT_SHAPE, t, shape);
    if (fresh) fresh_gets_shape(b, t, shape);
}

static void store(Builder *b, GNode *t, GNode *place, GNode *x) {
    x = refined(b, x);
    if (store_fresh(b, t, place, x)) return;
    emit2(b, place->op == N_FIELD ? N_PUT_FIELD : N_PUT_FAR_FIELD, t, x, place->imm.i);
    if (x->type == T_VALUE || type_is_object(x->type)) emit2(b, N_BARRIER, t, x, 0);
    b->effect = true;
}

/* A nil read from a slot may have to be looked for elsewhere. */
static GNode *nil_is_well(Builder *b, GNode *x, const Cell *c) {
    if (c->nilok == 1) return const_bool(b, true);
    if (c->nilok == 2) return lookups_hold(b);
    return not_nil(b, x);
}

static GNode *poly_slot(Builder *b, GNode *t, const Cell *e) {
    if (e->kind == CELL_PROTO) {
        guard(b, lookups_hold(b), DEOPT_METATABLE);
        return emit0(b, N_FIXED_FIELD, (int64_t)(uintptr_t)e->u.slot);
    }
    GNode *x = emit1(b, e->kind == CELL_INL ? N_FIELD : N_FAR_FIELD, t, e->u.offset);
    guard(b, nil_is_well(b, x, e), DEOPT_NIL);
    return x;
}

static void poly_store(Builder *b, GNode *t, const Cell *e, GNode *x) {
    GNode *place = emit1(b, e->kind == CELL_OVF ? N_FAR_FIELD : N_FIELD, t, e->u.offset);
    if (e->kind == CELL_ADD) {
        guard(b, lookups_hold(b), DEOPT_METATABLE);
        store(b, t, place, x);
        put_shape(b, t, e->h.newshape);
    } else {
        if (e->nilok != 1) guard(b, not_nil(b, place), DEOPT_NIL);
        store(b, t, place, x);
    }
}

/* Entry n of a polymorphic cell, or what comes after it. NULL: no more. */
static const Cell *poly_entry(Builder *b, GNode *t, const Cell *c, unsigned n, void *next) {
    if (c->u.poly == NULL || n >= POLY_MAX || c->u.poly[n].kind == CELL_EMPTY) return NULL;
    const Cell *e = &c->u.poly[n];
    bool last = n + 1 == POLY_MAX || c->u.poly[n + 1].kind == CELL_EMPTY;
    if (last) guard(b, has_shape(b, t, e->shape), DEOPT_SHAPE);
    else fork_on(b, has_shape(b, t, e->shape), next, false);
    return e;
}

static GNode *cell_tag_fits(Builder *b, GNode *x, const Cell *c) {
    return c->tag == TAG_COUNT ? not_nil(b, x) : has_tag(b, x, c->tag);
}

/* ---------------------------------------------------------------------------------------- arrays */

enum { KINDS_ANY };

/* The one element kind seen, or KINDS_ANY. */
static int kind_seen(const Builder *b) {
    const uint8_t *seen = b->seen;
    if (seen[SEEN_INT] + seen[SEEN_FLT] + seen[SEEN_VALUE] != 1) return KINDS_ANY;
    return seen[SEEN_INT] ? KIND_INT : seen[SEEN_FLT] ? KIND_FLT : KIND_VALUE;
}

static GNode *kind_fits(Builder *b, GNode *array) {
    int kind = kind_seen(b);
    return kind == KINDS_ANY ? const_bool(b, true) : emit1(b, N_KIND_IS, array, kind);
}

static GNode *index_of(Builder *b, GNode *array, GNode *n) { return emit2(b, N_ISUB, n, emit1(b, N_ABASE, array, 0), 0); }
static GNode *in_bounds(Builder *b, GNode *array, GNode *index) {
    return emit2(b, N_ULT, index, emit1(b, N_ALEN, array, 0), 0);
}

static GNode *element(Builder *b, GNode *array, GNode *index) {
    static const uint8_t ops[] = {[KINDS_ANY] = N_ELEM_ANY, [KIND_INT] = N_ELEM_INT, [KIND_FLT] = N_ELEM_FLT, [KIND_VALUE] = N_ELEM_TAGGED};
    return emit2(b, ops[kind_seen(b)], array, index, 0);
}

/* Elements that are nil are looked for elsewhere when there is a metatable. */
static Decision test_element(Builder *b, GNode *t, GNode *x, const char *label, void *at) {
    if (x->type != T_VALUE) return HOLDS;
    (void)t;
    return decide(b, not_nil(b, x), DEOPT_NIL, label, at);
}

/* May the element be overwritten in place? */
static bool stores_in_place(Builder *b, GNode *x) {
    x = refined(b, x);
    switch (kind_seen(b)) {
        case KIND_INT: return x->type == T_INT || x->type == T_VALUE;
        case KIND_FLT: return x->type == T_FLT || x->type == T_VALUE;
        case KIND_VALUE: return x->type != T_NIL;
        default: return false;
    }
}

/* What the type of x must be for a store in place; a nil would change the border. */
static Decision test_stored(Builder *b, GNode *x, const char *label, void *at) {
    int kind = kind_seen(b);
    if (kind == KIND_VALUE) return decide(b, not_nil(b, x), DEOPT_NIL, label, at);
    return test_type(b, x, kind == KIND_INT ? T_INT : T_FLT, label, at);
}

/* ... and one may be overwritten where there is no metatable, which is what is asked where that was met. */
static GNode *holds_no_nil(Builder *b, GNode *t, GNode *array, GNode *index) {
    if (kind_seen(b) != KIND_VALUE) return const_bool(b, true);
    if (b->seen[SEEN_OTHER]) return emit1(b, N_NO_METATABLE, t, 0);
    return not_nil(b, emit2(b, N_ELEM_TAGGED, array, index, 0));
}

static void store_element(Builder *b, GNode *t, GNode *array, GNode *index, GNode *x) {
    x = refined(b, x);
    bool tagged = kind_seen(b) == KIND_VALUE;
    emit3(b, tagged ? N_PUT_TAGGED : N_PUT_ELEM, array, index, x, 0);
    if (tagged && (x->type == T_VALUE || type_is_object(x->type))) emit2(b, N_BARRIER, t, x, 0);
    b->effect = true;
}

static GNode *array_set(Builder *b, GNode *t, GNode *n, GNode *x) {
    if (in_protected_call(b)) return const_bool(b, false); /* it may want memory */
    return emit3(b, N_ARRAY_SET, t, n, refined(b, x), b->outer != NULL);
}

/* ------------------------------------------------------------------------------ ends of the paths */

static void next_instruction(Builder *b) { go_to(b, b->pc + 1 + b->skip); }
static void jump(Builder *b) { go_to(b, jump_target(b)); }

/* Takes up the next alternative; NULL: none is left. */
static void *next_fork(Builder *b) {
    if (b->nforks == 0 || b->failure != NULL) return NULL;
    Fork *f = &b->forks[--b->nforks];
    b->at = f->block;
    b->reg = f->reg;
    b->nrefined = f->nrefined;
    b->effect = f->effect;
    b->paid = f->paid;
    b->state = f->state;
    return f->label;
}

static void put_self(Builder *b, GNode *object, GNode *method) {
    put_reg(b, insn_a(b->insn) + 1, refined(b, object));
    put_reg(b, insn_a(b->insn), refined(b, method));
}

static void put_nils(Builder *b, unsigned count) {
    for (unsigned n = 0; n <= count; n++) put_reg(b, insn_a(b->insn) + n, const_nil(b));
}

/* ----------------------------------------------------------------------------------------- words */

#define REG_A insn_a(bd->insn)
#define REG_RA REG_A
#define VALUE_RA get_reg(bd, insn_a(bd->insn))
#define VALUE_RB get_reg(bd, insn_rb(bd->insn))
#define VALUE_RC get_reg(bd, insn_rc(bd->insn))
#define VALUE_KB const_value(bd, &bd->f->k[insn_b(bd->insn)])
#define VALUE_KC const_value(bd, &bd->f->k[insn_c(bd->insn)])
#define VALUE_KX const_value(bd, &bd->f->k[insn_x(bd->insn)])
#define VALUE_UA get_upvalue(bd, insn_a(bd->insn))
#define VALUE_UB get_upvalue(bd, insn_b(bd->insn))
#define IMM_SB insn_sb(bd->insn)
#define IMM_SC insn_sc(bd->insn)
#define IMM_UB_ insn_b(bd->insn)
#define IMM_UC insn_c(bd->insn)
#define IMM_J insn_j(bd->insn)
#define UIMM_B insn_b(bd->insn)

#define OPCODE(name) static void op_##name(Builder *bd) { void *resume_;
#define END                                                                                        \
    next_: __attribute__((unused));                                                                \
        next_instruction(bd);                                                                       \
    done_: __attribute__((unused));                                                                \
        resume_ = next_fork(bd);                                                                    \
        if (resume_ == NULL) return;                                                               \
        if (resume_ == &&next_) goto next_;                                                        \
        goto *resume_;                                                                             \
    }
#define LABEL(l) l: __attribute__((unused));
#define TEST(decision, l) if ((decision) == FAILS) goto l;
#define TEST_NODE(cond, reason, l) TEST(decide(bd, cond, reason, #l, &&l), l)
#define NEXT { next_instruction(bd); goto done_; }
#define JUMP { jump(bd); goto done_; }
#define SKIP bd->skip = true;
#define SLOW(f) { build_slow(bd, RT_##f); goto done_; }
#define JUMP_SLOW(f) goto done_; /* polls exit */

#define LOAD(x, W) GNode *x = VALUE_##W;
#define IMM_INT(n, W) GNode *n = const_int(bd, IMM_##W);
#define CELL(c) const Cell *c = cell_of(bd);
#define GUARD_INT(x, l) TEST(test_type(bd, x, T_INT, #l, &&l), l)
#define GUARD_FLT(x, l) TEST(test_type(bd, x, T_FLT, #l, &&l), l)
#define GUARD_SSTR(x, l) TEST(test_type(bd, x, T_SSTR, #l, &&l), l)
#define GUARD_STR(x, l) TEST_NODE(is_string(bd, x), DEOPT_TYPE, l)
#define GUARD_TABLE(t, x, l) TEST(test_type(bd, x, T_TABLE, #l, &&l), l) GNode *t = untag(bd, x, T_TABLE);
#define GUARD_SAME_TAG(x, y, l) GNode *other_ = y;
#define GUARD_BY_PAYLOAD(x, l) TEST_NODE(decided(bd, x, other_), DEOPT_TYPE, l)
#define GUARD_DIVISOR(y, l) TEST_NODE(divisor_fits(bd, y), DEOPT_DIVISOR, l)
#define GUARD_SHAPE(t, c, l) TEST_NODE(has_shape(bd, t, c->shape), DEOPT_SHAPE, l)
#define GUARD_EPOCH(c, l) TEST_NODE(lookups_hold(bd), DEOPT_METATABLE, l)
#define GUARD_SET(v, l) TEST_NODE(not_nil(bd, v), DEOPT_NIL, l)
#define GUARD_SET_OR(v, c, l) TEST_NODE(nil_is_well(bd, v, c), DEOPT_NIL, l)
#define GUARD_CELL_TAG(x, c, l) TEST_NODE(cell_tag_fits(bd, x, c), DEOPT_TYPE, l)
#define GUARD_NO_METATABLE(t, l) TEST_NODE(emit1(bd, N_NO_METATABLE, t, 0), DEOPT_METATABLE, l)

#define GET_INT(n, x) GNode *n = untag(bd, x, T_INT);
#define GET_FLT(f, x) GNode *f = untag(bd, x, T_FLT);
#define INT_TO_FLT(f, n) GNode *f = int_to_flt_node(bd, n);
#define TO_FLT(f, x, l) TEST(test_number(bd, x, #l, &&l), l) GNode *f = to_flt(bd, x);
#define BINARY(r, op, x, y) GNode *r = emit2(bd, op, x, y, 0);
#define INT_ADD(r, x, y) BINARY(r, N_IADD, x, y)
#define INT_SUB(r, x, y) BINARY(r, N_ISUB, x, y)
#define INT_MUL(r, x, y) BINARY(r, N_IMUL, x, y)
#define INT_DIV(r, x, y) BINARY(r, N_IDIV, x, y)
#define INT_MOD(r, x, y) BINARY(r, N_IMOD, x, y)
#define INT_AND(r, x, y) BINARY(r, N_IAND, x, y)
#define INT_OR(r, x, y) BINARY(r, N_IOR, x, y)
#define INT_XOR(r, x, y) BINARY(r, N_IXOR, x, y)
#define INT_SHL(r, x, y) BINARY(r, N_ISHL, x, y)
#define INT_SHR(r, x, y) BINARY(r, N_ISHR, x, y)
#define INT_NEG(r, x) GNode *r = emit1(bd, N_INEG, x, 0);
#define INT_NOT(r, x) GNode *r = emit1(bd, N_INOT, x, 0);
#define FLT_ADD(r, x, y) GNode *r = flt_operation(bd, N_FADD, x, y);
#define FLT_SUB(r, x, y) GNode *r = flt_operation(bd, N_FSUB, x, y);
#define FLT_MUL(r, x, y) GNode *r = flt_operation(bd, N_FMUL, x, y);
#define FLT_DIV(r, x, y) BINARY(r, N_FDIV, x, y)
#define FLT_MOD(r, x, y) GNode *r = flt_operation(bd, N_FMOD, x, y);
#define FLT_IDIV(r, x, y) GNode *r = flt_operation(bd, N_FIDIV, x, y);
#define FLT_POW(r, x, y) BINARY(r, N_FPOW, x, y)
#define FLT_NEG(r, x) GNode *r = emit1(bd, N_FNEG, x, 0);

#define PUT(W, x) put_reg(bd, REG_##W, refined(bd, x));
#define PUT_INT(W, n) put_reg(bd, REG_##W, n);
#define PUT_FLT(W, f) put_reg(bd, REG_##W, f);
#define PUT_TAG(W, tag) put_reg(bd, REG_##W, const_bool(bd, tag == TAG_TRUE));
#define PUT_NOT(W, t) put_reg(bd, REG_##W, not_node(bd, t));
#define PUT_NILS(W, n) put_nils(bd, n);
#define PUT_SELF(W, x, v) put_self(bd, x, v);
#define STORE_UPVALUE(B, x) put_upvalue(bd, insn_b(bd->insn), refined(bd, x));

#define TRUTH(e, x) GNode *e = truth(bd, x);
#define TEST_NIL(e, x) GNode *e = has_tag(bd, x, TAG_NIL);
#define RAW_EQUAL(e, x, y) GNode *e = emit2(bd, N_RAW_EQUAL, refined(bd, x), refined(bd, y), 0);
#define BRANCH_IF(e, sense) { jump_if(bd, e, sense); goto done_; }
#define UNLESS_NEXT(e, sense)                                                                      \
    {                                                                                              \
        GNode *wanted_ = sense ? e : not_node(bd, e);                                               \
        if (wanted_->op != N_BOOL) fork_on(bd, wanted_, &&next_, false);                            \
        else if (!wanted_->imm.i) goto next_;                                                      \
    }
#define BRANCH_INT(x, op, y, sense) BRANCH_IF(compare(bd, false, #op, x, y), sense)
#define BRANCH_FLT(x, op, y, sense) BRANCH_IF(compare(bd, true, #op, x, y), sense)
#define BRANCH_SAME(x, y, sense) BRANCH_IF(emit2(bd, N_SAME, refined(bd, x), refined(bd, y), 0), sense)
#define ORDER_STRINGS(NAME, x, y, op, sense)                                                       \
    if (bd->inlined[bd->pc] != NULL) goto order_other_way; /* objects are compared here */         \
    TEST(decide(bd, is_string(bd, x), DEOPT_TYPE, "order_other_way", &&order_other_way), order_other_way) \
    TEST(decide(bd, is_string(bd, y), DEOPT_TYPE, "order_other_way", &&order_other_way), order_other_way) \
    BRANCH_INT(emit2(bd, N_STR_ORDER, refined(bd, x), refined(bd, y), 0), op, const_int(bd, 0), sense) \
    order_other_way:;

#define SLOT_INLINE(v, t, c) GNode *v = emit1(bd, N_FIELD, t, c->u.offset);
#define SLOT_OVERFLOW(v, t, c) GNode *v = emit1(bd, N_FAR_FIELD, t, c->u.offset);
#define SLOT_FAR(v, c) GNode *v = emit0(bd, N_FIXED_FIELD, (int64_t)(uintptr_t)c->u.slot);
#define STORE(t, v, x) store(bd, t, v, x);
#define PUT_SHAPE(t, c) put_shape(bd, t, c->h.newshape);
#define POLY_ENTRY(e, t, c, l)                                                                     \
    unsigned poly_n_ = 0;                                                                          \
    const Cell *e;                                                                                 \
    poly_next_:                                                                                    \
    e = poly_entry(bd, t, c, poly_n_++, &&poly_next_);                                              \
    if (e == NULL) goto l;
#define POLY_SLOT(v, t, e, l) GNode *v = poly_slot(bd, t, e);
#define POLY_STORE(t, e, x, l) poly_store(bd, t, e, x);
#define TABLE_FIND_STR(v, t, key, l)                                                               \
    GNode *found_ = emit2(bd, N_LOOKUP, t, untag(bd, key, T_SSTR), 0);                               \
    TEST_NODE(emit1(bd, N_NOT_NULL, found_, 0), DEOPT_NIL, l)                                      \
    GNode *v = emit1(bd, N_FETCH, found_, 0);
#define TABLE_GET_STR(t, key, W, l) TABLE_FIND_STR(value_, t, key, l) PUT(W, value_)
#define TABLE_SET_STR(t, key, x, l)                                                                \
    TEST_NODE(emit3(bd, N_STORE_STR, t, untag(bd, key, T_SSTR), refined(bd, x), 0), DEOPT_NIL, l)
#define ARRAY_GET(t, n, W, l)                                                                      \
    GNode *array_ = emit1(bd, N_ARRAY, t, 0);                                                       \
    TEST_NODE(kind_fits(bd, array_), DEOPT_KIND, l)                                                \
    GNode *index_ = index_of(bd, array_, n);                                                        \
    TEST_NODE(in_bounds(bd, array_, index_), DEOPT_BOUNDS, l)                                      \
    GNode *element_ = element(bd, array_, index_);                                                  \
    TEST(test_element(bd, t, element_, #l, &&l), l)                                                 \
    PUT(W, element_)
/* In place when the element is there; what else may be done, appending for one, is a call. */
#define ARRAY_SET(t, n, x, l)                                                                      \
    if (!stores_in_place(bd, x)) goto set_other_way;                                                \
    GNode *array_ = emit1(bd, N_ARRAY, t, 0);                                                       \
    TEST(decide(bd, kind_fits(bd, array_), DEOPT_KIND, #l, &&set_other_way), set_other_way)         \
    TEST(test_stored(bd, x, #l, &&set_other_way), set_other_way)                                    \
    GNode *index_ = index_of(bd, array_, n);                                                        \
    TEST(decide(bd, in_bounds(bd, array_, index_), DEOPT_BOUNDS, #l, &&set_other_way), set_other_way) \
    TEST(decide(bd, holds_no_nil(bd, t, array_, index_), DEOPT_NIL, #l, &&set_other_way), set_other_way) \
    store_element(bd, t, array_, index_, x);                                                        \
    NEXT                                                                                           \
    set_other_way: TEST_NODE(array_set(bd, t, n, x), DEOPT_BOUNDS, l)
#define ARRAY_LEN(n, t, l) GNode *n = emit1(bd, N_LENGTH, t, 0);

#define REWRITE(name) bd->insn = (bd->insn & ~(Insn)0xff) | OP_##name;
#define AGAIN { build_op(insn_op(bd->insn))(bd); goto done_; }

#define COUNT_ITERATION(l) /* the last tier wants nothing more */
#define POLL(l) poll_at(bd, jump_target(bd)); bd->effect = true;
#define FOR_INT_STEP(not_int, end)                                                                 \
    GNode *at_ = get_reg(bd, REG_A), *left_ = get_reg(bd, REG_A + 1), *by_ = get_reg(bd, REG_A + 2); \
    TEST(test_type(bd, by_, T_INT, #not_int, &&not_int), not_int)                                  \
    TEST(test_type(bd, left_, T_INT, #not_int, &&not_int), not_int)                                \
    TEST(test_type(bd, at_, T_INT, #not_int, &&not_int), not_int)                                  \
    left_ = untag(bd, left_, T_INT);                                                               \
    fork_on(bd, not_node(bd, emit2(bd, N_IEQ, left_, const_int(bd, 0), 0)), &&end, true);          \
    put_reg(bd, REG_A + 1, emit2(bd, N_ISUB, left_, const_int(bd, 1), 0));                         \
    GNode *index_ = emit2(bd, N_IADD, untag(bd, at_, T_INT), untag(bd, by_, T_INT), 0);            \
    put_reg(bd, REG_A, index_);                                                                    \
    put_reg(bd, REG_A + 3, index_);
#define FOR_FLT_STEP(end)                                                                          \
    {                                                                                              \
        GNode *step_ = untag(bd, get_reg(bd, REG_A + 2), T_FLT), *limit_ = untag(bd, get_reg(bd, REG_A + 1), T_FLT); \
        GNode *i_ = emit2(bd, N_FADD, untag(bd, get_reg(bd, REG_A), T_FLT), step_, 0);                \
        fork_on(bd, emit3(bd, N_FOR_GOES, i_, limit_, step_, 0), &&end, true);                       \
        put_reg(bd, REG_A, i_);                                                                     \
        put_reg(bd, REG_A + 3, i_);                                                                 \
    }
#define TFOR_STEP(end)                                                                             \
    GNode *control_ = get_reg(bd, REG_A + 4);                                                       \
    fork_on(bd, not_nil(bd, control_), &&end, true);                                                 \
    put_reg(bd, REG_A + 2, control_);

#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#include "sem/ops.h"

/* ------------------------------------------------------------------------------------------ table */

#define op_CALL build_special
#define op_TAILCALL build_special
#define op_RETURN build_special
#define op_RETURN0 build_special
#define op_RETURN1 build_special
#define op_TFORCALL build_special

static BuildOp *const build_ops[] = {
#define ROW(name, ...) [OP_##name] = op_##name,
    PERIGEE_OPCODES(ROW) PERIGEE_QUICK_OPCODES(ROW)
#undef ROW
};

/* The word AGAIN leaves it to the opcode that the instruction was rewritten to. Those that do so are
 * built as the canonical opcode in the first place. */
BuildOp *build_op(unsigned op) { return build_ops[op]; }

static const char *const quick_names[] = {
#define ROW(name, ...) [OP_##name - OP_CANONICAL_COUNT] = #name,
    PERIGEE_QUICK_OPCODES(ROW)
#undef ROW
};

/* Operations on numbers are built as the canonical opcode; what the quickened one says goes into the
 * row of the profile. */
static void use_number_profile(Builder *b, unsigned op) {
    unsigned base = opcode_base[op];
    if (op >= OP_CANONICAL_COUNT && ends_with(quick_names[op - OP_CANONICAL_COUNT], "_FLT")) {
        b->floats = !b->seen[SEEN_INT] && !b->seen[SEEN_SLOW];
        b->seen[SEEN_FLT] = 1;
    } else if (!b->profiled && op == base) {
        b->seen[SEEN_INT] = 1;
    }
    if (base <= OP_BNOT && b->seen[SEEN_FLT] && !b->seen[SEEN_INT] && !b->seen[SEEN_MIXED]) b->floats = true;
    b->insn = (b->insn & ~(Insn)0xff) | base;
}

/* Without a row, but on the way to something: it may meet anything. */
static void expect_anything(Builder *b) {
    unsigned op = insn_op(b->insn);
    const uint8_t *s = b->seen;
    if (opcode_indexes(op)) {
        if (!s[SEEN_INT] && !s[SEEN_FLT] && !s[SEEN_VALUE] && !s[SEEN_OTHER]) memset(b->seen, 1, SEEN_WIDTH);
    } else if (row_tells(op) && !s[SEEN_INT] && !s[SEEN_FLT] && !s[SEEN_SLOW]) {
        b->seen[SEEN_INT] = b->seen[SEEN_FLT] = 1;
    }
}

void build_instruction(Builder *b) {
    unsigned op = insn_op(b->insn);
    if (is_number_op(opcode_base[op])) use_number_profile(b, op);
    if (!b->reached[b->pc] || never_looked_up(b, b->pc)) {
        exit_here(b, DEOPT_NEVER_RAN);
        return;
    }
    if (must_leave(b)) {
        leave_inlined(b);
        return;
    }
    expect_anything(b);
    set_top_of_builtin(b);
    share_appends(b);
    build_op(insn_op(b->insn))(b);
}
