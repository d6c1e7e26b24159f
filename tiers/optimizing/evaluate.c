// SPDX-License-Identifier: MIT
/* Runs a graph directly: an oracle that tells a wrong graph from wrong code. For tests only; it links to
 * the runtime, which the plugin does not.
 *
 * Each node's result is kept as a Lua value; tests are booleans, PTRs light user data. Registers are the caller's
 * array. What needs a running interpreter (slow paths, calls) ends the run: LEAVE as such, SLOW as "stuck". */
#include <math.h>
#include <string.h>

#include "gc/gc.h"
#include "object/func.h"
#include "object/string.h"
#include "sem/quicken.h"
#include "tiers/optimizing/graph.h"

typedef struct Run {
    Graph *g;
    Evaluation *e;
    TValue *value; /* by node */
    Block *block, *from;
} Run;

static TValue *of(Run *r, const GNode *n) { return &r->value[n->id]; }
static lua_Integer int_of(Run *r, const GNode *n, unsigned i) { return of(r, n->in[i])->v.i; }
static lua_Number flt_of(Run *r, const GNode *n, unsigned i) { return of(r, n->in[i])->v.n; }
static Table *table_in(Run *r, const GNode *n) { return as_table(of(r, n->in[0])); }
static bool truth_of(Run *r, const GNode *n, unsigned i) { return of(r, n->in[i])->tag == TAG_TRUE; }

/* --- numbers --- */

static bool eval_int(Run *r, const GNode *n, lua_Integer *x) {
    lua_Integer a = n->nin > 0 ? int_of(r, n, 0) : 0, b = n->nin > 1 ? int_of(r, n, 1) : 0;
    switch (n->op) {
        case N_INT: *x = n->imm.i; return true;
        case N_IADD: *x = int_add(a, b); return true;
        case N_ISUB: *x = int_sub(a, b); return true;
        case N_IMUL: *x = int_mul(a, b); return true;
        case N_IDIV: *x = int_floordiv(a, b); return true;
        case N_IMOD: *x = int_floormod(a, b); return true;
        case N_UDIV: *x = (lua_Integer)((lua_Unsigned)a / (lua_Unsigned)b); return true;
        case N_IAND: *x = a & b; return true;
        case N_IOR: *x = a | b; return true;
        case N_IXOR: *x = a ^ b; return true;
        case N_ISHL: *x = int_shl(a, b); return true;
        case N_ISHR: *x = int_shl(a, int_neg(b)); return true;
        case N_INEG: *x = int_neg(a); return true;
        case N_INOT: *x = ~a; return true;
        case N_STR_ORDER: *x = str_compare(as_str(of(r, n->in[0])), as_str(of(r, n->in[1]))); return true;
        default: return false;
    }
}

static bool eval_flt(Run *r, const GNode *n, lua_Number *x) {
    lua_Number a = n->nin > 0 ? flt_of(r, n, 0) : 0, b = n->nin > 1 ? flt_of(r, n, 1) : 0;
    switch (n->op) {
        case N_FLT: *x = n->imm.f; return true;
        case N_FADD: *x = a + b; return true;
        case N_FSUB: *x = a - b; return true;
        case N_FMUL: *x = a * b; return true;
        case N_FDIV: *x = a / b; return true;
        case N_FMOD: *x = flt_mod(a, b); return true;
        case N_FIDIV: *x = flt_idiv(a, b); return true;
        case N_FPOW: *x = flt_pow(a, b); return true;
        case N_FNEG: *x = -a; return true;
        case N_ITOF: *x = (lua_Number)int_of(r, n, 0); return true;
        case N_NTOF: *x = is_flt(of(r, n->in[0])) ? a : (lua_Number)int_of(r, n, 0); return true;
        default: return false;
    }
}

static bool goes_on(lua_Number i, lua_Number limit, lua_Number step) { return step > 0 ? i <= limit : limit <= i; }

static bool eval_compare(Run *r, const GNode *n, bool *x) {
    switch (n->op) {
        case N_IEQ: *x = int_of(r, n, 0) == int_of(r, n, 1); return true;
        case N_ILT: *x = int_of(r, n, 0) < int_of(r, n, 1); return true;
        case N_ILE: *x = int_of(r, n, 0) <= int_of(r, n, 1); return true;
        case N_ULT: *x = (lua_Unsigned)int_of(r, n, 0) < (lua_Unsigned)int_of(r, n, 1); return true;
        case N_FEQ: *x = flt_of(r, n, 0) == flt_of(r, n, 1); return true;
        case N_FLESS: *x = flt_of(r, n, 0) < flt_of(r, n, 1); return true;
        case N_FLE: *x = flt_of(r, n, 0) <= flt_of(r, n, 1); return true;
        case N_FOR_GOES: *x = goes_on(flt_of(r, n, 0), flt_of(r, n, 1), flt_of(r, n, 2)); return true;
        case N_NOT: *x = !truth_of(r, n, 0); return true;
        default: return false;
    }
}

/* --- tests of values --- */

static bool same(const TValue *x, const TValue *y) { return x->tag == y->tag && (x->tag <= TAG_TRUE || x->v.u == y->v.u); }

static bool decided(const TValue *x, const TValue *y) {
    if (x->tag != y->tag) return !(is_num(x) && is_num(y));
    if (x->tag == TAG_FLT) return false;
    return (x->tag != TAG_TABLE && x->tag != TAG_UDATA && x->tag != TAG_LSTR) || same(x, y);
}

static bool eval_test(Run *r, const GNode *n, bool *x) {
    const TValue *v = n->nin > 0 ? of(r, n->in[0]) : NULL;
    switch (n->op) {
        case N_BOOL: *x = n->imm.i != 0; return true;
        case N_HAS_TAG: *x = v->tag == n->imm.u; return true;
        case N_IS_STR: *x = is_str(v); return true;
        case N_IS_NUM: *x = is_num(v); return true;
        case N_TRUTH: *x = !is_falsy(v); return true;
        case N_SAME: *x = same(v, of(r, n->in[1])); return true;
        case N_DECIDED: *x = decided(v, of(r, n->in[1])); return true;
        case N_RAW_EQUAL: *x = value_raw_equal(v, of(r, n->in[1])); return true;
        case N_HAS_SHAPE: *x = table_in(r, n)->shape == n->imm.u; return true;
        case N_NO_METATABLE: *x = table_in(r, n)->metatable == NULL; return true;
        case N_LOOKUPS_HOLD: {
            const uint32_t *stale = (const uint32_t *)(uintptr_t)r->g->function->stale_address;
            *x = stale == NULL || *stale == 0;
            return true;
        }
        case N_NONE_TO_CLOSE: *x = true; return true;
        case N_NOT_NULL: *x = v->v.p != NULL; return true;
        case N_KIND_IS: *x = ((ArrayHead *)v->v.p - 1)->kind == n->imm.i; return true;
        default: return false;
    }
}

/* --- memory --- */

static TValue *place_of(Run *r, const GNode *n) {
    switch (n->op) {
        case N_FIELD: case N_PUT_FIELD: case N_INIT_FIELD: return (TValue *)(void *)((char *)table_in(r, n) + n->imm.i);
        case N_FAR_FIELD: case N_PUT_FAR_FIELD: return (TValue *)(void *)((char *)table_in(r, n)->props - n->imm.i);
        case N_FIXED_FIELD: return (TValue *)(uintptr_t)n->imm.u;
        case N_FETCH: return of(r, n->in[0])->v.p;
        default: return NULL;
    }
}

static void load_element(Run *r, const GNode *n, TValue *x) {
    Value *array = of(r, n->in[0])->v.p;
    const ArrayHead *h = (const ArrayHead *)(const void *)array - 1;
    uint64_t i = (uint64_t)int_of(r, n, 1);
    uint32_t tag = kind_is_tagged(h->kind) ? ((const uint8_t *)(array + h->cap))[i] : (uint32_t)(h->kind + TAG_INT - KIND_INT);
    set_parts(x, array[i], tag);
}

static void store_element(Run *r, const GNode *n) {
    Value *array = of(r, n->in[0])->v.p;
    const ArrayHead *h = (const ArrayHead *)(const void *)array - 1;
    uint64_t i = (uint64_t)int_of(r, n, 1);
    const TValue *x = of(r, n->in[2]);
    if (n->op == N_PUT_TAGGED) ((uint8_t *)(array + h->cap))[i] = (uint8_t)x->tag;
    array[i] = x->v;
}

/* Operands from `first` on are its elements. */
static void set_list(Run *r, Table *t, const GNode *n, uint32_t first) {
    for (uint32_t i = first; i < n->nin; i++) table_set_int(r->e->L, t, (lua_Integer)(i - first) + 1, of(r, n->in[i]));
}

/* Tables that the program does without are made where they are described; one number is one table only as long as nobody
 * compares those of several descriptions. */
static Table *make_table(Run *r, const GNode *n) {
    Table *t = table_new(r->e->L, table_inline(n), 0, 0);
    unsigned meta = n->op == N_REBUILT && rebuilt_has_metatable(n);
    t->shape = (uint32_t)n->imm.u;
    if (meta) t->metatable = as_table(of(r, n->in[0]));
    unsigned elements = n->op == N_REBUILT ? rebuilt_elements(n) : 0;
    for (uint32_t i = meta; i < n->nin - elements; i++) set_value(&t->slot[i - meta], of(r, n->in[i]));
    set_list(r, t, n, n->nin - elements);
    return t;
}

/* Likewise closures, each with variables of its own: those in registers are not followed. */
static LClosure *make_closure(Run *r, const GNode *n) {
    lua_State *L = r->e->L;
    Proto *p = as_lcl(of(r, n->in[0]))->p->p[closure_number(n)];
    LClosure *cl = lclosure_new(L, p, p->sizeupvalues), *encl = as_lcl(of(r, n->in[0]));
    for (unsigned u = 0; u < cl->nupvalues; u++) {
        const UpvalDesc *d = &p->upvalues[u];
        const TValue *x = of(r, n->in[u + 1]), *slot = &r->e->slot[closure_base(n) + d->idx];
        cl->upvals[u] = !d->instack ? encl->upvals[d->idx] : x->tag == TAG_UPVAL ? (UpVal *)(void *)x->v.gc : upval_closed(L, d->constant ? x : slot);
    }
    return cl;
}

static void make_object(Run *r, const GNode *n, TValue *x) {
    bool variable = n->op == N_REBUILT && (uint32_t)n->imm.u == 0 && !rebuilt_is_closure(n);
    if (n->type == T_LCL) set_gc(x, make_closure(r, n));
    else if (variable) set_gc(x, upval_closed(r->e->L, of(r, n->in[0])));
    else set_table(x, make_table(r, n));
}

static bool eval_memory(Run *r, const GNode *n, TValue *x) {
    switch (n->op) {
        case N_SLOT: set_value(x, &r->e->slot[n->imm.i]); return true;
        case N_PUT_SLOT: set_value(&r->e->slot[n->imm.i], of(r, n->in[0])); return true;
        case N_FIELD: case N_FAR_FIELD: case N_FIXED_FIELD: case N_FETCH: set_value(x, place_of(r, n)); return true;
        case N_PUT_FIELD: case N_INIT_FIELD: case N_PUT_FAR_FIELD: set_value(place_of(r, n), of(r, n->in[1])); return true;
        case N_PUT_SHAPE: table_in(r, n)->shape = (uint32_t)n->imm.u; return true;
        case N_NEW_TABLE: case N_NEW_CLOSURE: case N_REBUILT: make_object(r, n, x); return true;
        case N_CLOSE: return true;
        case N_SET_LIST: set_list(r, table_in(r, n), n, 1); return true;
        case N_INIT_SHAPE: table_in(r, n)->shape = (uint32_t)n->imm.u; return true;
        case N_PUT_METATABLE: table_in(r, n)->metatable = as_table(of(r, n->in[1])); return true;
        case N_BARRIER: gc_barrier_back(r->e->L, table_in(r, n), of(r, n->in[1])); return true;
        case N_ARRAY: set_lightud(x, table_in(r, n)->array); return true;
        case N_ABASE: set_int(x, ((ArrayHead *)of(r, n->in[0])->v.p - 1)->base); return true;
        case N_ALEN: set_int(x, ((ArrayHead *)of(r, n->in[0])->v.p - 1)->len); return true;
        case N_ACAP: set_int(x, ((ArrayHead *)of(r, n->in[0])->v.p - 1)->cap); return true;
        case N_PUT_ALEN: ((ArrayHead *)of(r, n->in[0])->v.p - 1)->len = (uint32_t)int_of(r, n, 1); return true;
        case N_ELEM_INT: case N_ELEM_FLT: case N_ELEM_TAGGED: case N_ELEM_ANY: load_element(r, n, x); return true;
        case N_PUT_ELEM: case N_PUT_TAGGED: store_element(r, n); return true;
        case N_LENGTH: set_int(x, (lua_Integer)table_len(r->e->L, table_in(r, n))); return true;
        case N_LOOKUP: set_lightud(x, (void *)(uintptr_t)lookup_get(G(r->e->L), table_in(r, n), as_str(of(r, n->in[1])))); return true;
        default: return false;
    }
}

/* --- control --- */

static void store_state(Run *r, const State *s) {
    for (unsigned i = 0; i < s->nregs; i++)
        if (s->reg[i] != NULL) set_value(&r->e->slot[i], of(r, s->reg[i]));
}

static void leave_by_exit(Run *r, const GNode *n) {
    store_state(r, n->state);
    r->e->outcome = OUT_EXIT;
    r->e->reason = n->reason;
    r->e->pc = n->state->pc;
    r->block = NULL;
}

static void go_to(Run *r, Block *to) {
    uint32_t p = 0;
    TValue phi[256];
    unsigned count = 0;
    while (to->pred[p] != r->block) p++;
    for (const GNode *n = to->first; n != NULL && n->op == N_PHI && count < 256; n = n->next) set_value(&phi[count++], of(r, n->in[p]));
    count = 0;
    for (const GNode *n = to->first; n != NULL && n->op == N_PHI && count < 256; n = n->next) set_value(of(r, n), &phi[count++]);
    r->from = r->block;
    r->block = to;
}

static bool eval_control(Run *r, const GNode *n) {
    switch (n->op) {
        case N_PHI: case N_POLL: case N_CHARGE: case N_REFUND: case N_PUT_FUEL: return true; /* steps are not counted */
        case N_GUARD:
            if (!truth_of(r, n, 0)) leave_by_exit(r, n);
            return true;
        case N_EXIT: leave_by_exit(r, n); return true;
        case N_GOTO: go_to(r, r->block->succ[0]); return true;
        case N_BRANCH: go_to(r, r->block->succ[truth_of(r, n, 0) ? 0 : 1]); return true;
        case N_RETURN: set_value(&r->e->slot[insn_a(r->g->function->code[n->pc])], of(r, n->in[0])); /* fall through */
        case N_LEAVE:
            r->e->outcome = OUT_LEAVE;
            r->e->pc = n->pc;
            r->block = NULL;
            return true;
        default: return false;
    }
}

static void stuck(Run *r, const GNode *n) {
    r->e->outcome = OUT_STUCK;
    r->e->stuck = op_info[n->op].name;
    r->e->pc = n->pc;
    r->block = NULL;
}

static void eval_node(Run *r, const GNode *n) {
    TValue *x = of(r, n);
    lua_Integer i;
    lua_Number f;
    bool b;
    if (n->op == N_NIL) set_nil(x);
    else if (n->op == N_OBJECT) set_gc(x, (void *)(uintptr_t)n->imm.u);
    else if (n->op == N_UNTAG) set_value(x, of(r, n->in[0]));
    else if (n->op == N_SELECT) set_value(x, of(r, n->in[truth_of(r, n, 0) ? 1 : 2]));
    else if (eval_int(r, n, &i)) set_int(x, i);
    else if (eval_flt(r, n, &f)) set_flt(x, f);
    else if (eval_compare(r, n, &b) || eval_test(r, n, &b)) set_bool(x, b);
    else if (!eval_memory(r, n, x) && !eval_control(r, n)) stuck(r, n);
}

void graph_evaluate(Graph *g, unsigned entry, Evaluation *e) {
    Run r = {.g = g, .e = e};
    r.value = arena_alloc(g->arena, (g->nnodes + 1) * sizeof(TValue));
    for (const GNode *n = g->blocks[0]->first; n != NULL; n = n->next) eval_node(&r, n);
    r.block = g->entries[entry].block;
    while (r.block != NULL) {
        const GNode *last = r.block->last;
        for (const GNode *n = r.block->first; n != last && r.block != NULL; n = n->next) eval_node(&r, n);
        if (r.block != NULL) eval_node(&r, last);
        if (++e->steps > e->max_steps && r.block != NULL) {
            e->outcome = OUT_STUCK;
            e->stuck = "too many steps";
            return;
        }
    }
}
