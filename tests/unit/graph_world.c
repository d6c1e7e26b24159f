// SPDX-License-Identifier: MIT
/* Random graphs in structured code: straight runs, branches, loops, and joins with a second entry (as behind calls,
 * which makes cycles without a header that dominates them). Run by an interpreter of nodes that says what they mean once
 * more. Slow paths change everything in the world; so a pass that lets a load see through one is found out. */
#include "graph_world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sem/sem.h"

uint64_t world_random(uint64_t *seed) {
    uint64_t x = *seed += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* ------------------------------------------------------------------------------------------- values */

static Val val_int(int64_t i) { return (Val){.tag = TAG_INT, .v.i = i}; }
static Val val_flt(double f) { return (Val){.tag = TAG_FLT, .v.f = f}; }
static Val val_bool(bool b) { return (Val){.tag = b ? TAG_TRUE : TAG_FALSE}; }
static Val val_table(int64_t n) { return (Val){.tag = TAG_TABLE, .v.i = n}; }

static int64_t some_int(uint64_t *seed) {
    static const int64_t special[] = {0, 1, -1, 2, 3, 7, 63, 64, INT64_MAX, INT64_MIN, INT64_MIN + 1, 1 << 20};
    uint64_t r = world_random(seed);
    return r % 3 == 0 ? special[r / 3 % (sizeof special / sizeof special[0])] : (int64_t)(r / 3 % 9) - 4;
}

static double some_flt(uint64_t *seed) {
    static const double special[] = {0.0, -0.0, 1, -1, 2, 0.5, 1e308, 5e-324, INFINITY, -INFINITY, 3.25, 9007199254740993.0};
    uint64_t r = world_random(seed);
    return special[r % (sizeof special / sizeof special[0])];
}

static Val some_value(uint64_t *seed) {
    switch (world_random(seed) % 6) {
        case 0: return (Val){.tag = TAG_NIL};
        case 1: return val_bool(world_random(seed) & 1);
        case 2: return val_flt(some_flt(seed));
        case 3: return val_table((int64_t)(world_random(seed) % W_TABLES));
        default: return val_int(some_int(seed));
    }
}

void world_make(World *w, uint64_t *seed) {
    memset(w, 0, sizeof *w);
    for (int r = 0; r < 2; r++) w->slot[r] = val_int(some_int(seed));
    w->slot[2] = val_flt(some_flt(seed));
    for (int r = 3; r < 5; r++) w->slot[r] = some_value(seed);
    for (int r = 5; r < 7; r++) w->slot[r] = val_table((int64_t)(world_random(seed) % W_TABLES));
    for (int u = 0; u < W_UPVALS; u++) w->upval[u] = some_value(seed);
    for (int t = 0; t < W_TABLES; t++) {
        w->shape[t] = world_random(seed) % 3;
        for (int f = 0; f < W_FIELDS; f++) w->field[t][f] = some_value(seed);
        for (int e = 0; e < W_ELEMS; e++) {
            w->elem[t][KIND_INT - 1][e] = val_int(some_int(seed));
            w->elem[t][KIND_FLT - 1][e] = val_flt(some_flt(seed));
            w->elem[t][KIND_VALUE - 1][e] = some_value(seed);
        }
    }
}

/* What a slow path does: anything that keeps the types of registers. */
static void change_everything(World *w) {
    uint64_t seed = ++w->slow * 77;
    World other;
    world_make(&other, &seed);
    other.slow = w->slow;
    *w = other;
}

/* --------------------------------------------------------------------------------------- running */

typedef struct Run {
    const Graph *g;
    World *w;
    Val *value;         /* by node */
    const char *fault;
} Run;

static bool truth(Val x) { return x.tag > TAG_FALSE; }
static bool same(Val x, Val y) { return x.tag == y.tag && (x.tag <= TAG_TRUE || x.v.i == y.v.i); }
static bool is_number(Val x) { return x.tag == TAG_INT || x.tag == TAG_FLT; }

static bool raw_equal(Val x, Val y) {
    if (x.tag == TAG_FLT && y.tag == TAG_FLT) return x.v.f == y.v.f;
    return same(x, y);
}

static bool decided(Val x, Val y) {
    if (x.tag != y.tag) return !(is_number(x) && is_number(y));
    return x.tag != TAG_FLT && (x.tag != TAG_TABLE || x.v.i == y.v.i);
}

static double float_modulo(double x, double y) {
    double r = fmod(x, y);
    return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

static bool eval_int(const GNode *n, int64_t x, int64_t y, Val *r) {
    switch (n->op) {
        case N_IADD: *r = val_int(int_add(x, y)); return true;
        case N_ISUB: *r = val_int(int_sub(x, y)); return true;
        case N_IMUL: *r = val_int(int_mul(x, y)); return true;
        case N_IDIV: *r = val_int(y == 0 ? 0 : y == -1 ? int_neg(x) : int_floordiv(x, y)); return true;
        case N_IMOD: *r = val_int(y == 0 || y == -1 ? 0 : int_floormod(x, y)); return true;
        case N_UDIV: *r = val_int(y == 0 ? 0 : (int64_t)((uint64_t)x / (uint64_t)y)); return true;
        case N_IAND: *r = val_int(x & y); return true;
        case N_IOR: *r = val_int(x | y); return true;
        case N_IXOR: *r = val_int(x ^ y); return true;
        case N_ISHL: *r = val_int(int_shl(x, y)); return true;
        case N_ISHR: *r = val_int(int_shl(x, int_neg(y))); return true;
        case N_INEG: *r = val_int(int_neg(x)); return true;
        case N_INOT: *r = val_int(~x); return true;
        case N_IEQ: *r = val_bool(x == y); return true;
        case N_ILT: *r = val_bool(x < y); return true;
        case N_ILE: *r = val_bool(x <= y); return true;
        case N_ULT: *r = val_bool((uint64_t)x < (uint64_t)y); return true;
        case N_ITOF: *r = val_flt((double)x); return true;
        default: return false;
    }
}

static bool eval_flt(const GNode *n, double x, double y, Val *r) {
    switch (n->op) {
        case N_FADD: *r = val_flt(x + y); return true;
        case N_FSUB: *r = val_flt(x - y); return true;
        case N_FMUL: *r = val_flt(x * y); return true;
        case N_FDIV: *r = val_flt(x / y); return true;
        case N_FMOD: *r = val_flt(float_modulo(x, y)); return true;
        case N_FIDIV: *r = val_flt(floor(x / y)); return true;
        case N_FPOW: *r = val_flt(y == 2 ? x * x : pow(x, y)); return true;
        case N_FNEG: *r = val_flt(-x); return true;
        case N_FEQ: *r = val_bool(x == y); return true;
        case N_FLESS: *r = val_bool(x < y); return true;
        case N_FLE: *r = val_bool(x <= y); return true;
        default: return false;
    }
}

static bool eval_test(const GNode *n, Val x, Val y, Val *r) {
    switch (n->op) {
        case N_HAS_TAG: *r = val_bool(x.tag == n->imm.u); return true;
        case N_IS_NUM: *r = val_bool(is_number(x)); return true;
        case N_IS_STR: *r = val_bool(false); return true;
        case N_TRUTH: *r = val_bool(truth(x)); return true;
        case N_NOT: *r = val_bool(!truth(x)); return true;
        case N_SAME: *r = val_bool(same(x, y)); return true;
        case N_DECIDED: *r = val_bool(decided(x, y)); return true;
        case N_RAW_EQUAL: *r = val_bool(raw_equal(x, y)); return true;
        case N_NTOF: *r = x.tag == TAG_INT ? val_flt((double)x.v.i) : x; return true;
        default: return false;
    }
}

static bool eval_const(const GNode *n, Val *r) {
    switch (n->op) {
        case N_INT: *r = val_int(n->imm.i); return true;
        case N_FLT: *r = val_flt(n->imm.f); return true;
        case N_BOOL: *r = val_bool(n->imm.u & 1); return true;
        case N_NIL: *r = (Val){.tag = TAG_NIL}; return true;
        default: return false;
    }
}

static Val *field(World *w, Val t, const GNode *n) { return &w->field[t.v.i][n->imm.i / 16 % W_FIELDS]; }
static Val *element(World *w, Val array, Val index, int kind) { return &w->elem[array.v.i][kind - 1][(uint64_t)index.v.i % W_ELEMS]; }

static bool eval_memory(World *w, const GNode *n, Val x, Val y, Val z, Val *r) {
    switch (n->op) {
        case N_SLOT: *r = w->slot[n->imm.i]; return true;
        case N_PUT_SLOT: w->slot[n->imm.i] = x; return true;
        case N_UPVAL: *r = w->upval[n->imm.i]; return true;
        case N_PUT_UPVAL: w->upval[n->imm.i] = x; return true;
        case N_HAS_SHAPE: *r = val_bool(w->shape[x.v.i] == n->imm.u); return true;
        case N_PUT_SHAPE: w->shape[x.v.i] = n->imm.u; return true;
        case N_FIELD: *r = *field(w, x, n); return true;
        case N_PUT_FIELD: *field(w, x, n) = y; return true;
        case N_ARRAY: *r = (Val){.tag = TAG_COUNT, .v.i = x.v.i}; return true;
        case N_ELEM_INT: *r = *element(w, x, y, KIND_INT); return true;
        case N_ELEM_FLT: *r = *element(w, x, y, KIND_FLT); return true;
        case N_ELEM_TAGGED: *r = *element(w, x, y, KIND_VALUE); return true;
        case N_PUT_ELEM: *element(w, x, y, z.tag == TAG_INT ? KIND_INT : KIND_FLT) = z; return true;
        case N_PUT_TAGGED: *element(w, x, y, KIND_VALUE) = z; return true;
        case N_SLOW: change_everything(w); return true;
        case N_GO_ON: case N_BARRIER: case N_POLL: return true;
        default: return false;
    }
}

static Val eval(Run *r, const GNode *n) {
    Val in[3] = {{.tag = TAG_NIL}}, x = {.tag = TAG_NIL};
    for (uint32_t i = 0; i < n->nin && i < 3; i++) in[i] = r->value[n->in[i]->id];
    if (n->op == N_UNTAG) {
        if (in[0].tag != type_tags[n->type]) r->fault = "untagged a value of another type";
        return in[0];
    }
    if (eval_const(n, &x) || eval_test(n, in[0], in[1], &x) || eval_memory(r->w, n, in[0], in[1], in[2], &x)) return x;
    if (eval_int(n, in[0].v.i, in[1].v.i, &x) || eval_flt(n, in[0].v.f, in[1].v.f, &x)) return x;
    r->fault = op_info[n->op].name;
    return x;
}

static void take_exit(Run *r, const GNode *n) {
    const State *s = n->state;
    r->w->outcome = 2;
    r->w->pc = s->pc;
    for (unsigned i = 0; i < s->nregs && i < W_SLOTS; i++)
        if (s->reg[i] != NULL) r->w->slot[i] = r->value[s->reg[i]->id];
}

/* Phis take their values at once. */
static GNode *enter_block(Run *r, const Block *from, Block *to) {
    Val now[64];
    uint32_t p = 0, n = 0;
    GNode *phi;
    while (p < to->npred && to->pred[p] != from) p++;
    if (p == to->npred) {
        r->fault = "edge unknown to its target";
        return to->first;
    }
    for (phi = to->first; phi != NULL && phi->op == N_PHI; phi = phi->next) now[n++ % 64] = r->value[phi->in[p]->id];
    n = 0;
    for (phi = to->first; phi != NULL && phi->op == N_PHI; phi = phi->next) r->value[phi->id] = now[n++ % 64];
    return phi;
}

/* The next node; NULL: the end. */
static GNode *step(Run *r, GNode *n) {
    Block *b = n->block;
    switch (n->op) {
        case N_GOTO: return enter_block(r, b, b->succ[0]);
        case N_BRANCH: return enter_block(r, b, b->succ[truth(r->value[n->in[0]->id]) ? 0 : 1]);
        case N_LEAVE: r->w->outcome = 1; return NULL;
        case N_EXIT: take_exit(r, n); return NULL;
        case N_GUARD:
            if (truth(r->value[n->in[0]->id])) return n->next;
            take_exit(r, n);
            return NULL;
        default: r->value[n->id] = eval(r, n); return n->next;
    }
}

const char *world_run(const Graph *g, unsigned entry, World *w) {
    enum { MAX_STEPS = 20000 };
    Run r = {.g = g, .w = w, .value = calloc(g->nnodes + 1, sizeof(Val))};
    for (GNode *n = g->blocks[0]->first; n != NULL; n = n->next) r.value[n->id] = eval(&r, n);
    GNode *n = enter_block(&r, g->blocks[0], g->entries[entry].block);
    for (unsigned steps = 0; n != NULL && r.fault == NULL; steps++) {
        if (steps == MAX_STEPS) r.fault = "does not end";
        n = step(&r, n);
    }
    free(r.value);
    return r.fault;
}

/* ------------------------------------------------------------------------------------ random graphs */

enum { MAX_NODES_OF_A_TYPE = 64 };

typedef struct Pool {
    GNode *node[MAX_NODES_OF_A_TYPE];
    unsigned n;
} Pool;

typedef struct Maker {
    Graph *g;
    uint64_t seed;
    Block *at;
    Pool ints, flts, values, bools, tables;
    unsigned budget;
    uint32_t pc;
} Maker;

static unsigned choose(Maker *m, unsigned n) { return (unsigned)(world_random(&m->seed) % n); }

static void keep(Pool *p, GNode *n) {
    if (p->n < MAX_NODES_OF_A_TYPE) p->node[p->n++] = n;
}

static GNode *put(Maker *m, Op op, unsigned nin, GNode *x, GNode *y, int64_t imm) {
    GNode *n = node_make(m->g, op, nin, m->pc);
    if (nin > 0) n->in[0] = x;
    if (nin > 1) n->in[1] = y;
    n->imm.i = imm;
    node_append(m->at, n);
    return n;
}
static GNode *put_typed(Maker *m, Op op, unsigned type, unsigned nin, GNode *x, int64_t imm) {
    GNode *n = put(m, op, nin, x, NULL, imm);
    n->type = (uint8_t)type;
    return n;
}

static GNode *literal(Maker *m, Op op, Val x) {
    Block *at = m->at;
    m->at = m->g->blocks[0];
    GNode *n = put(m, op, 0, NULL, NULL, x.v.i);
    m->at = at;
    return n;
}

static GNode *pick(Maker *m, Pool *p, GNode *otherwise) { return p->n == 0 ? otherwise : p->node[choose(m, p->n)]; }

static GNode *some_int_node(Maker *m) {
    if (m->ints.n == 0 || choose(m, 4) == 0) return literal(m, N_INT, val_int(some_int(&m->seed)));
    return pick(m, &m->ints, NULL);
}
static GNode *some_flt_node(Maker *m) {
    if (m->flts.n == 0 || choose(m, 4) == 0) return literal(m, N_FLT, val_flt(some_flt(&m->seed)));
    return pick(m, &m->flts, NULL);
}
static GNode *some_table_node(Maker *m) {
    if (m->tables.n == 0 || choose(m, 6) == 0) {
        GNode *n = put_typed(m, N_SLOT, T_TABLE, 0, NULL, 5 + choose(m, 2));
        keep(&m->tables, n);
        return n;
    }
    return pick(m, &m->tables, NULL);
}
static GNode *some_value_node(Maker *m) {
    switch (choose(m, 6)) {
        case 0: return some_int_node(m);
        case 1: return some_flt_node(m);
        case 2: return literal(m, N_NIL, (Val){.tag = TAG_NIL});
        default: return m->values.n > 0 ? pick(m, &m->values, NULL) : some_int_node(m);
    }
}
static GNode *some_bool_node(Maker *m) {
    if (m->bools.n == 0) {
        GNode *x = some_int_node(m);
        keep(&m->bools, put(m, N_ILT, 2, x, some_int_node(m), 0));
    }
    return pick(m, &m->bools, NULL);
}

static State *some_state(Maker *m) {
    State *s = state_new(m->g, m->g->function, m->pc);
    for (unsigned r = 3; r < 5; r++)
        if (choose(m, 2)) s->reg[r] = some_value_node(m);
    return s;
}

static void make_guard(Maker *m, GNode *test, unsigned reason) {
    State *s = some_state(m);
    GNode *n = put(m, N_GUARD, 1, test, NULL, 0);
    n->reason = (uint8_t)reason;
    n->state = s;
}

static void make_arithmetic(Maker *m) {
    static const uint8_t ints[] = {N_IADD, N_ISUB, N_IMUL, N_IAND, N_IOR, N_IXOR, N_ISHL, N_ISHR, N_IADD, N_ISUB};
    static const uint8_t flts[] = {N_FADD, N_FSUB, N_FMUL, N_FDIV, N_FMOD, N_FIDIV};
    GNode *x;
    switch (choose(m, 6)) {
        case 0:
            x = some_flt_node(m);
            keep(&m->flts, put(m, (Op)flts[choose(m, sizeof flts)], 2, x, some_flt_node(m), 0));
            break;
        case 1: keep(&m->ints, put(m, choose(m, 2) ? N_INEG : N_INOT, 1, some_int_node(m), NULL, 0)); break;
        case 2: keep(&m->flts, choose(m, 2) ? put(m, N_ITOF, 1, some_int_node(m), NULL, 0) : put(m, N_FNEG, 1, some_flt_node(m), NULL, 0)); break;
        default:
            x = some_int_node(m);
            keep(&m->ints, put(m, (Op)ints[choose(m, sizeof ints)], 2, x, some_int_node(m), 0));
    }
}

static void make_division(Maker *m) {
    static const int64_t divisors[] = {1, 2, 3, -2, -7, 8, 10};
    GNode *y = literal(m, N_INT, val_int(divisors[choose(m, 7)]));
    keep(&m->ints, put(m, choose(m, 2) ? N_IDIV : N_IMOD, 2, some_int_node(m), y, 0));
}

static void make_test(Maker *m) {
    static const uint8_t ints[] = {N_IEQ, N_ILT, N_ILE, N_ULT}, flts[] = {N_FEQ, N_FLESS, N_FLE};
    static const uint8_t any[] = {N_SAME, N_DECIDED, N_RAW_EQUAL}, tags[] = {TAG_NIL, TAG_INT, TAG_FLT, TAG_TABLE, TAG_TRUE};
    GNode *x;
    switch (choose(m, 6)) {
        case 0:
            x = some_flt_node(m);
            keep(&m->bools, put(m, (Op)flts[choose(m, sizeof flts)], 2, x, some_flt_node(m), 0));
            break;
        case 1: keep(&m->bools, put(m, N_NOT, 1, some_bool_node(m), NULL, 0)); break;
        case 2:
            x = some_value_node(m);
            if (x->type == T_INT || x->type == T_FLT) return; /* RAW_EQUAL of an integer and a float is the runtime's */
            keep(&m->bools, put(m, (Op)any[choose(m, sizeof any)], 2, x, literal(m, N_NIL, (Val){.tag = TAG_NIL}), 0));
            break;
        case 3: keep(&m->bools, put(m, N_HAS_TAG, 1, some_value_node(m), NULL, tags[choose(m, sizeof tags)])); break;
        case 4: keep(&m->bools, put(m, choose(m, 2) ? N_TRUTH : N_IS_NUM, 1, some_value_node(m), NULL, 0)); break;
        default:
            x = some_int_node(m);
            keep(&m->bools, put(m, (Op)ints[choose(m, sizeof ints)], 2, x, some_int_node(m), 0));
    }
}

static void make_register(Maker *m) {
    unsigned r = choose(m, 5);
    if (choose(m, 2)) {
        GNode *x = r < 2 ? some_int_node(m) : r == 2 ? some_flt_node(m) : some_value_node(m);
        put(m, N_PUT_SLOT, 1, x, NULL, r);
    } else {
        GNode *n = put_typed(m, N_SLOT, r < 2 ? T_INT : r == 2 ? T_FLT : T_VALUE, 0, NULL, r);
        keep(r < 2 ? &m->ints : r == 2 ? &m->flts : &m->values, n);
    }
}

static void make_upvalue(Maker *m) {
    unsigned u = choose(m, W_UPVALS);
    if (choose(m, 2)) put(m, N_PUT_UPVAL, 1, some_value_node(m), NULL, u);
    else keep(&m->values, put(m, N_UPVAL, 0, NULL, NULL, u));
}

static void make_field(Maker *m) {
    GNode *t = some_table_node(m);
    int64_t offset = 16 * choose(m, W_FIELDS);
    switch (choose(m, 6)) {
        case 0: make_guard(m, put(m, N_HAS_SHAPE, 1, t, NULL, choose(m, 3)), DEOPT_SHAPE); break;
        case 1: put(m, N_PUT_SHAPE, 1, t, NULL, choose(m, 3)); break;
        case 2: case 3: put(m, N_PUT_FIELD, 2, t, some_value_node(m), offset); break;
        default: keep(&m->values, put(m, N_FIELD, 1, t, NULL, offset));
    }
    if (choose(m, 8) == 0) keep(&m->bools, put(m, N_HAS_SHAPE, 1, t, NULL, choose(m, 3)));
}

/* Indices 0..1, or those and 1 or 2 */
static GNode *some_index(Maker *m) {
    GNode *i = put(m, N_IAND, 2, some_int_node(m), literal(m, N_INT, val_int(1)), 0);
    return choose(m, 2) ? i : put(m, N_IADD, 2, i, literal(m, N_INT, val_int(1 + choose(m, 2))), 0);
}

static void make_element(Maker *m) {
    GNode *array = put(m, N_ARRAY, 1, some_table_node(m), NULL, 0), *i = some_index(m);
    for (unsigned n = 0; n < 2; n++) {
        unsigned kind = choose(m, 3);
        GNode *x = kind == 0 ? some_int_node(m) : kind == 1 ? some_flt_node(m) : some_value_node(m);
        if (choose(m, 2)) {
            GNode *s = node_make(m->g, kind == 2 ? N_PUT_TAGGED : N_PUT_ELEM, 3, m->pc);
            s->in[0] = array;
            s->in[1] = i;
            s->in[2] = x;
            node_append(m->at, s);
        } else {
            static const uint8_t loads[] = {N_ELEM_INT, N_ELEM_FLT, N_ELEM_TAGGED};
            keep(kind == 0 ? &m->ints : kind == 1 ? &m->flts : &m->values, put(m, (Op)loads[kind], 2, array, i, 0));
        }
        if (choose(m, 2)) i = some_index(m);
    }
}

static void make_untag(Maker *m) {
    GNode *x = pick(m, &m->values, NULL);
    if (x == NULL || x->type != T_VALUE) return;
    bool flt = choose(m, 3) == 0;
    make_guard(m, put(m, N_HAS_TAG, 1, x, NULL, flt ? TAG_FLT : TAG_INT), DEOPT_TYPE);
    keep(flt ? &m->flts : &m->ints, put_typed(m, N_UNTAG, flt ? T_FLT : T_INT, 1, x, flt ? TAG_FLT : TAG_INT));
}

static void make_slow(Maker *m) {
    GNode *n = put(m, N_SLOW, 0, NULL, NULL, 0);
    put(m, N_GO_ON, 1, n, NULL, m->pc + 1);
}

static void make_code(Maker *m, unsigned depth);

/* Nodes made meanwhile do not dominate what follows. */
typedef struct Scope {
    unsigned n[5];
} Scope;
static Scope scope(const Maker *m) { return (Scope){{m->ints.n, m->flts.n, m->values.n, m->bools.n, m->tables.n}}; }
static void leave_scope(Maker *m, Scope s) {
    m->ints.n = s.n[0];
    m->flts.n = s.n[1];
    m->values.n = s.n[2];
    m->bools.n = s.n[3];
    m->tables.n = s.n[4];
}

static Block *new_block(Maker *m) { return graph_block(m->g, m->pc); }
static void goto_block(Maker *m, Block *to) {
    put(m, N_GOTO, 0, NULL, NULL, 0);
    graph_edge(m->g, m->at, to);
}

static GNode *make_phi(Maker *m, Block *b, unsigned type, GNode *x, GNode *y) {
    GNode *phi = node_make(m->g, N_PHI, 0, m->pc);
    phi->type = (uint8_t)type;
    phi_add(m->g, phi, x);
    if (y != NULL) phi_add(m->g, phi, y);
    node_insert_first(b, phi);
    return phi;
}

static void make_branch(Maker *m, unsigned depth) {
    GNode *test = some_bool_node(m);
    Block *yes = new_block(m), *no = new_block(m), *join = new_block(m);
    put(m, N_BRANCH, 1, test, NULL, 0);
    graph_edge(m->g, m->at, yes);
    graph_edge(m->g, m->at, no);
    Scope s = scope(m);
    m->at = yes;
    make_code(m, depth + 1);
    GNode *i = some_int_node(m), *v = some_value_node(m);
    goto_block(m, join);
    leave_scope(m, s);
    m->at = no;
    make_code(m, depth + 1);
    GNode *i2 = some_int_node(m), *v2 = some_value_node(m);
    goto_block(m, join);
    leave_scope(m, s);
    m->at = join;
    keep(&m->ints, make_phi(m, join, T_INT, i, i2));
    keep(&m->values, make_phi(m, join, T_VALUE, v, v2));
}

/* A join of the code with a second entry; what came before is known no more. The phi goes on for i. */
static GNode *make_entry(Maker *m, GNode *i) {
    Block *entry = new_block(m), *join = new_block(m);
    graph_entry(m->g, m->pc, entry);
    goto_block(m, join);
    m->at = entry;
    GNode *other = put_typed(m, N_SLOT, T_INT, 0, NULL, 0);
    GNode *limited = put(m, N_IAND, 2, other, literal(m, N_INT, val_int(3)), 0);
    goto_block(m, join);
    m->at = join;
    leave_scope(m, (Scope){{0, 0, 0, 0, 0}});
    GNode *phi = make_phi(m, join, T_INT, i, limited);
    keep(&m->ints, phi);
    return phi;
}

static void make_loop(Maker *m, unsigned depth) {
    Block *header = new_block(m), *back = new_block(m), *out = new_block(m);
    GNode *zero = literal(m, N_INT, val_int(0)), *x = some_int_node(m), *v = some_value_node(m);
    /* Entered in its middle as well, so that nothing before dominates it. Not further inside: enclosing code would have to know. */
    bool entered = depth == 0 && choose(m, 2) == 0;
    goto_block(m, header);
    if (entered) leave_scope(m, (Scope){{0, 0, 0, 0, 0}});
    Scope s = scope(m);
    m->at = header;
    GNode *i = make_phi(m, header, T_INT, zero, NULL), *j = make_phi(m, header, T_INT, x, NULL), *w = make_phi(m, header, T_VALUE, v, NULL);
    keep(&m->ints, i);
    keep(&m->ints, j);
    keep(&m->values, w);
    make_code(m, depth + 1);
    GNode *count = i;
    if (entered) {
        count = make_entry(m, i);
        make_code(m, depth + 1);
    }
    GNode *next = put(m, N_IADD, 2, count, literal(m, N_INT, val_int(1)), 0);
    GNode *more = put(m, N_ILT, 2, next, literal(m, N_INT, val_int(1 + choose(m, 4))), 0);
    put(m, N_BRANCH, 1, more, NULL, 1);
    graph_edge(m->g, m->at, back);
    graph_edge(m->g, m->at, out);
    m->at = back;
    phi_add(m->g, i, next);
    phi_add(m->g, j, some_int_node(m));
    phi_add(m->g, w, some_value_node(m));
    goto_block(m, header);
    leave_scope(m, s);
    m->at = out;
}

static void make_one(Maker *m, unsigned depth) {
    static void (*const makers[])(Maker *) = {make_arithmetic, make_arithmetic, make_arithmetic, make_test, make_register, make_upvalue,
                                              make_field, make_field, make_field, make_element, make_element, make_untag, make_division};
    unsigned kind = choose(m, 40);
    m->pc++;
    if (kind == 0) make_slow(m);
    else if (kind < 4 && depth < 3) make_branch(m, depth);
    else if (kind < 7 && depth < 3) make_loop(m, depth);
    else if (kind == 8) make_guard(m, some_bool_node(m), DEOPT_OTHER);
    else makers[choose(m, sizeof makers / sizeof makers[0])](m);
}

static void make_code(Maker *m, unsigned depth) {
    for (unsigned n = 2 + choose(m, 8); n-- > 0 && m->budget > 0; m->budget--) make_one(m, depth);
}

Graph *random_graph(JitFunction *f, uint64_t seed) {
    Maker m = {.g = graph_new(f), .seed = seed, .budget = 80};
    m.at = new_block(&m);
    graph_entry(m.g, 0, m.at);
    for (int n = 0; n < 3; n++) make_code(&m, 0);
    put(&m, N_PUT_SLOT, 1, some_value_node(&m), NULL, 3);
    put(&m, N_LEAVE, 0, NULL, NULL, 0);
    graph_order(m.g);
    return m.g;
}
