// SPDX-License-Identifier: MIT
/* Global value numbering in one walk over the dominator tree (Click's; Briggs, Cooper, Simpson: Value Numbering): a node
 * is the same as an earlier one that dominates it if operation, immediate, operands and the versions of the memory
 * that it reads are the same. memory.c tells the versions; a load whose version is a store to its place is the value stored.
 *
 * Besides values it is known at a point, from the guards and branches that dominate it,
 *
 *   truth   which tests hold or fail, and what follows of other tests from that (a < b: not b <= a)
 *   tags    which tags a VALUE may have
 *   fact    which number a thing equals that tests compare with numbers: a table's shape, an array's kind, the epoch
 *
 * Everything known is on a trail, and is forgotten again when the walk leaves the subtree. Dead stores go
 * afterwards, block by block. */
#include <string.h>

#include "tiers/optimizing/memory.h"

enum { MAX_READS = 3 }; /* categories that one node reads, besides those that read all */

typedef struct Key {
    uint16_t op, type;
    uint32_t version[MAX_READS];
    uint64_t imm;
    const GNode *in[3];
} Key;

typedef struct Known {
    Key key;
    GNode *value;
    struct Known *next;
} Known;

typedef enum Truth { UNKNOWN, FAILS, HOLDS } Truth;
typedef enum Trace { TRACE_KNOWN, TRACE_TRUTH, TRACE_TAGS, TRACE_FACT } Trace;

typedef struct Trail {
    Trace kind;
    uint32_t index, old_number;
    const GNode *old_fact;
} Trail;

typedef struct Gvn {
    Graph *g;
    Memory *m;
    Known **buckets;
    uint32_t size;         /* of buckets, a power of two */
    uint32_t cap;          /* nodes that truth, tags and fact have room for; younger ones are not known about */
    uint8_t *truth;        /* by node */
    uint32_t *tags;
    const GNode **fact;    /* by node: a test on it that holds, or its PUT_SHAPE */
    Trail *trail;
    uint32_t ntrail, captrail;
    GNode *yes, *no;
    bool changed;
} Gvn;

static bool may(Gvn *v) {
    if (!graph_may(v->g)) return false;
    v->changed = true;
    return true;
}

/* ------------------------------------------------------------------------------------------- trail */

static void note(Gvn *v, Trail t) {
    if (v->ntrail == v->captrail) {
        Trail *bigger = arena_alloc(v->g->arena, 2 * v->captrail * sizeof(Trail));
        memcpy(bigger, v->trail, v->captrail * sizeof(Trail));
        v->trail = bigger;
        v->captrail *= 2;
    }
    v->trail[v->ntrail++] = t;
}

static void forget(Gvn *v, uint32_t mark) {
    while (v->ntrail > mark) {
        const Trail *t = &v->trail[--v->ntrail];
        switch (t->kind) {
            case TRACE_KNOWN: v->buckets[t->index] = v->buckets[t->index]->next; break;
            case TRACE_TRUTH: v->truth[t->index] = (uint8_t)t->old_number; break;
            case TRACE_TAGS: v->tags[t->index] = t->old_number; break;
            case TRACE_FACT: v->fact[t->index] = t->old_fact; break;
        }
    }
}

/* ------------------------------------------------------------------------------------------ values */

static uint32_t hash_key(const Key *k) {
    uint64_t h = k->op * UINT64_C(0x9e3779b97f4a7c15) ^ k->imm;
    for (int i = 0; i < 3; i++)
        h = (h ^ (k->in[i] != NULL ? k->in[i]->id + 1 : 0) ^ (uint64_t)k->version[i] << 32) * UINT64_C(0xd6e8feb86659fd93);
    return (uint32_t)(h >> 32);
}

static bool commutes(unsigned op) {
    switch (op) {
        case N_IADD: case N_IMUL: case N_IAND: case N_IOR: case N_IXOR: case N_IEQ: case N_FEQ: case N_SAME: case N_DECIDED:
        case N_RAW_EQUAL: return true;
        default: return false; /* sums of floats: of two NaNs the first is the result */
    }
}

static Key key_of(const Gvn *v, const GNode *n) {
    Key k;
    unsigned count = 0;
    memset(&k, 0, sizeof k);
    k.op = n->op;
    k.type = n->type;
    k.imm = n->imm.u;
    for (uint32_t i = 0; i < n->nin; i++) k.in[i] = n->in[i];
    if (commutes(n->op) && k.in[0]->id > k.in[1]->id) {
        k.in[0] = n->in[1];
        k.in[1] = n->in[0];
    }
    for (unsigned c = 0; c < E_COUNT && count < MAX_READS; c++)
        if (op_info[n->op].reads >> c & 1) k.version[count++] = memory_version(v->m, n, c);
    return k;
}

static GNode *find(const Gvn *v, const Key *k) {
    for (const Known *e = v->buckets[hash_key(k) & (v->size - 1)]; e != NULL; e = e->next)
        if (memcmp(&e->key, k, sizeof *k) == 0) return e->value;
    return NULL;
}

static void enter(Gvn *v, const Key *k, GNode *value) {
    uint32_t bucket = hash_key(k) & (v->size - 1);
    Known *e = arena_alloc(v->g->arena, sizeof *e);
    *e = (Known){*k, value, v->buckets[bucket]};
    v->buckets[bucket] = e;
    note(v, (Trail){TRACE_KNOWN, bucket, 0, NULL});
}

/* ------------------------------------------------------------------------------------- truth of tests */

static void set_truth(Gvn *v, const GNode *test, bool holds) {
    if (test->id >= v->cap || v->truth[test->id] != UNKNOWN) return;
    note(v, (Trail){TRACE_TRUTH, test->id, UNKNOWN, NULL});
    v->truth[test->id] = holds ? HOLDS : FAILS;
}

static void set_tags(Gvn *v, const GNode *x, uint32_t among) {
    if (x->id >= v->cap || x->type != T_VALUE) return;
    note(v, (Trail){TRACE_TAGS, x->id, v->tags[x->id], NULL});
    v->tags[x->id] &= among;
}

static void set_fact(Gvn *v, const GNode *about, const GNode *test) {
    if (about->id >= v->cap) return;
    note(v, (Trail){TRACE_FACT, about->id, 0, v->fact[about->id]});
    v->fact[about->id] = test;
}

enum {
    FALSY = 1 << TAG_NIL | 1 << TAG_FALSE,
    NUMBERS = 1 << TAG_INT | 1 << TAG_FLT,
    STRINGS = 1 << TAG_SSTR | 1 << TAG_LSTR
};

/* Tags with which a test of tags holds; 0: it is none. */
static uint32_t tags_tested(const GNode *test) {
    switch (test->op) {
        case N_HAS_TAG: return 1u << test->imm.u;
        case N_IS_STR: return STRINGS;
        case N_IS_NUM: return NUMBERS;
        case N_TRUTH: return ~(uint32_t)FALSY;
        default: return 0;
    }
}

/* Tests whether something equals the immediate. */
static bool compares(const GNode *test) { return test->op == N_HAS_SHAPE || test->op == N_KIND_IS || test->op == N_LOOKUPS_HOLD || test->op == N_PC_IS; }
/* What it is about; the epoch is about nothing but the constant true, which stands for it. */
static const GNode *subject(const Gvn *v, const GNode *test) { return test->op == N_LOOKUPS_HOLD ? v->yes : node_resolve(test->in[0]); }

/* `op x y` is known to hold or fail. */
static void imply(Gvn *v, Op op, GNode *x, GNode *y, bool holds) {
    GNode *in[2] = {x, y}, test;
    memset(&test, 0, sizeof test);
    test.op = (uint8_t)op;
    test.type = T_BOOL;
    test.nin = 2;
    test.in = in;
    Key k = key_of(v, &test);
    GNode *there = find(v, &k);
    if (there != NULL && there->op == op) set_truth(v, there, holds);
    enter(v, &k, holds ? v->yes : v->no);
}

/* What else follows from x op y. */
static void imply_order(Gvn *v, const GNode *t, bool holds) {
    if (t->nin < 2) return;
    GNode *x = t->in[0], *y = t->in[1];
    switch (t->op) {
        case N_ILT:
            imply(v, N_ILE, y, x, !holds);
            if (!holds) return;
            imply(v, N_ILE, x, y, true);
            imply(v, N_ILT, y, x, false);
            imply(v, N_IEQ, x, y, false);
            return;
        case N_ILE:
            imply(v, N_ILT, y, x, !holds);
            if (holds) return;
            imply(v, N_ILE, y, x, true);
            imply(v, N_ILT, x, y, false);
            imply(v, N_IEQ, x, y, false);
            return;
        case N_IEQ:
            if (!holds) return;
            imply(v, N_ILE, x, y, true);
            imply(v, N_ILE, y, x, true);
            imply(v, N_ILT, x, y, false);
            imply(v, N_ILT, y, x, false);
            imply(v, N_ULT, x, y, false);
            return;
        case N_FLESS: /* nothing follows from its failure: NaN */
            if (!holds) return;
            imply(v, N_FLE, x, y, true);
            imply(v, N_FLE, y, x, false);
            imply(v, N_FLESS, y, x, false);
            imply(v, N_FEQ, x, y, false);
            return;
        case N_FLE:
            if (holds) {
                imply(v, N_FLESS, y, x, false);
            } else {
                imply(v, N_FLESS, x, y, false);
                imply(v, N_FEQ, x, y, false);
            }
            return;
        default: return;
    }
}

static void assume(Gvn *v, const GNode *test, bool holds) {
    for (; test->op == N_NOT; test = node_resolve(test->in[0])) holds = !holds;
    if (test->op == N_BOOL) return;
    uint32_t tags = tags_tested(test);
    set_truth(v, test, holds);
    if (tags != 0) set_tags(v, node_resolve(test->in[0]), holds ? tags : ~tags);
    else if (compares(test) && holds) set_fact(v, subject(v, test), test);
    else imply_order(v, test, holds);
}

/* Does the fact, a test of the operation of `probe` (whose immediate is changed) or a PUT_SHAPE, still hold where `at` stands? */
static bool still_holds(const Gvn *v, const GNode *fact, GNode *probe, const GNode *at) {
    bool put = fact->op == N_PUT_SHAPE || fact->op == N_INIT_SHAPE;
    if (put ? probe->op != N_HAS_SHAPE : fact->op != probe->op) return false;
    probe->imm = fact->imm;
    for (unsigned c = 0; c < E_COUNT; c++) {
        if (!(op_info[probe->op].reads >> c & 1)) continue;
        uint32_t then = put ? memory_written(v->m, fact) : memory_version(v->m, fact, c);
        if (then != memory_version_at(v->m, probe, at, c)) return false;
    }
    return true;
}

static Truth compare_with_fact(const Gvn *v, const GNode *test) {
    const GNode *about = subject(v, test), *fact = about->id < v->cap ? v->fact[about->id] : NULL;
    GNode probe = *test;
    if (fact == NULL || !still_holds(v, fact, &probe, test)) return UNKNOWN;
    return fact->imm.u == test->imm.u ? HOLDS : FAILS;
}

static uint32_t tags_of(const Gvn *v, const GNode *x) { return x->id < v->cap ? v->tags[x->id] : ~0u; }

static Truth truth_of(const Gvn *v, const GNode *test) {
    if (test->id < v->cap && v->truth[test->id] != UNKNOWN) return v->truth[test->id];
    if (test->op == N_BOOL) return test->imm.u & 1 ? HOLDS : FAILS;
    uint32_t wanted = tags_tested(test);
    if (wanted != 0 && test->in[0]->type == T_VALUE) {
        uint32_t tags = tags_of(v, test->in[0]);
        return (tags & wanted) == 0 ? FAILS : (tags & ~wanted) == 0 ? HOLDS : UNKNOWN;
    }
    return compares(test) ? compare_with_fact(v, test) : UNKNOWN;
}

/* ------------------------------------------------------------------------------------------- nodes */

static void replace(GNode *n, GNode *by) { n->replaced = by; }

static GNode *new_unary(Gvn *v, GNode *at, Op op, unsigned type, GNode *x, int64_t imm) {
    GNode *n = node_make(v->g, op, 1, at->pc);
    n->type = (uint8_t)type;
    n->in[0] = x;
    n->imm.i = imm;
    node_insert_before(at, n);
    return n;
}

/* The value of a load that sees the store w; NULL: not to be had. */
static GNode *stored_value(Gvn *v, GNode *n, GNode *w) {
    if (w->op == N_PUT_SHAPE || w->op == N_INIT_SHAPE) return w->imm.u == n->imm.u ? v->yes : v->no;
    GNode *x = node_resolve(w->in[w->nin - 1]);
    if (n->type == T_VALUE || n->type == x->type) return x;
    return x->type == T_VALUE && n->type != T_BOOL ? new_unary(v, n, N_UNTAG, n->type, x, type_tags[n->type]) : NULL;
}

/* The category of memory in which a load has a place of its own. */
static int place_category(const GNode *n) {
    switch (n->op) {
        case N_SLOT: return E_STACK;
        case N_UPVAL: case N_UPVAL_OF: return E_UPVAL;
        case N_FIELD: case N_FAR_FIELD: return E_SLOT;
        case N_HAS_SHAPE: return E_SHAPE;
        case N_ELEM_INT: case N_ELEM_FLT: case N_ELEM_TAGGED: return E_ELEM;
        default: return 0;
    }
}

static GNode *forwarded(Gvn *v, GNode *n) {
    int category = place_category(n);
    if (category == 0) return NULL;
    GNode *w = memory_writer(v->m, memory_version(v->m, n, (unsigned)__builtin_ctz((unsigned)category)));
    if (w == NULL || !memory_same_place(w, n)) return NULL;
    if (n->op == N_UPVAL_OF && memory_version(v->m, n, (unsigned)__builtin_ctz(E_STACK)) != memory_written(v->m, w)) return NULL; /* assigned in its register since */
    return stored_value(v, n, w);
}

static bool numbered(const GNode *n) {
    const OpInfo *info = &op_info[n->op];
    return n->op != N_PHI && n->nin <= 3 && n->type != T_NONE && !(info->flags & (F_KEEP | F_EXIT | F_END)) &&
           (info->writes == 0 || n->op == N_LOOKUP); /* it fills a cache */
}

/* A value that can have one tag only, as that type. */
static GNode *typed(Gvn *v, GNode *x, GNode *at) {
    uint32_t tags = x->type == T_VALUE ? tags_of(v, x) : 0;
    if (tags == 0 || (tags & (tags - 1)) != 0) return x;
    unsigned type = type_of_tag((unsigned)__builtin_ctz(tags));
    if (type == T_VALUE) return x;
    Key k = {.op = N_UNTAG, .type = (uint16_t)type, .imm = type_tags[type], .in = {x}};
    GNode *there = find(v, &k);
    if (there != NULL || !may(v)) return there != NULL ? there : x;
    GNode *n = new_unary(v, at, N_UNTAG, type, x, type_tags[type]);
    enter(v, &k, n);
    return n;
}

static bool profits_from_types(unsigned op) {
    return op == N_DECIDED || op == N_SAME || op == N_RAW_EQUAL || op == N_NTOF || op == N_BARRIER;
}

/* Tables are made without a metatable; did anything happen since that may have set this one's? */
static bool has_none_yet(Gvn *v, GNode *n) {
    unsigned c = (unsigned)__builtin_ctz(E_SHAPE);
    if (n->op != N_NO_METATABLE || n->in[0]->op != N_NEW_TABLE) return false;
    return memory_version(v->m, n, c) == memory_version_at(v->m, n, n->in[0], c);
}

static GNode *better(Gvn *v, GNode *n) {
    GNode *r = graph_fold(v->g, n);
    if (r != NULL) return r;
    if (has_none_yet(v, n)) return v->yes;
    if (n->type == T_BOOL) {
        Truth t = truth_of(v, n);
        if (t != UNKNOWN && n->op != N_BOOL) return t == HOLDS ? v->yes : v->no;
    }
    return forwarded(v, n);
}

static void visit(Gvn *v, GNode *n);

static void visit_value(Gvn *v, GNode *n) {
    GNode *before = n->prev, *r = better(v, n);
    if (r != NULL && may(v)) {
        for (GNode *x = before != NULL ? before->next : n->block->first; x != n; x = x->next) visit(v, x); /* new ones */
        replace(n, r);
        return;
    }
    Key k = key_of(v, n);
    r = find(v, &k);
    if (r != NULL && may(v)) replace(n, r);
    else if (r == NULL) enter(v, &k, n);
}

static void visit_phi(Gvn *v, GNode *n) {
    for (GNode *other = n->block->first; other != n; other = other->next) {
        if (other->replaced != NULL || other->type != n->type || memcmp(other->in, n->in, n->nin * sizeof(GNode *)) != 0) continue;
        if (may(v)) replace(n, other);
        return;
    }
}

static void visit_guard(Gvn *v, GNode *n) {
    Truth t = truth_of(v, n->in[0]);
    if (t == HOLDS && may(v)) n->mark = 1; /* to be removed */
    else if (t == FAILS && n->in[0] != v->no && may(v)) n->in[0] = v->no; /* folding makes an exit of it */
    else assume(v, n->in[0], true);
}

static void visit_branch(Gvn *v, GNode *n) {
    Truth t = truth_of(v, n->in[0]);
    if (t != UNKNOWN && n->in[0]->op != N_BOOL && may(v)) n->in[0] = t == HOLDS ? v->yes : v->no;
}

/* For memory: which shape the table of an access has here. */
static void note_shape(Gvn *v, const GNode *n) {
    if (n->op != N_FIELD && n->op != N_FAR_FIELD && n->op != N_PUT_FIELD && n->op != N_PUT_FAR_FIELD && n->op != N_PUT_SHAPE &&
        n->op != N_INIT_SHAPE)
        return;
    const GNode *t = n->in[0], *fact = t->id < v->cap ? v->fact[t->id] : NULL;
    GNode *in[1] = {n->in[0]}, probe = {.op = N_HAS_SHAPE, .type = T_BOOL, .id = n->id, .nin = 1, .in = in};
    if (fact != NULL && still_holds(v, fact, &probe, n)) memory_note_shape(v->m, n, (uint32_t)fact->imm.u);
    if (n->op == N_PUT_SHAPE || n->op == N_INIT_SHAPE) set_fact(v, t, n);
}

/* Constants that folding has made meanwhile are not numbered yet. */
static GNode *operand(Gvn *v, GNode *x) {
    x = node_resolve(x);
    if (!node_is_const(x) || x->id < v->cap) return x;
    Key k = key_of(v, x);
    GNode *there = find(v, &k);
    if (there == NULL) enter(v, &k, x);
    return there != NULL ? there : x;
}

static void visit(Gvn *v, GNode *n) {
    for (uint32_t i = 0; i < n->nin; i++) n->in[i] = operand(v, n->in[i]);
    if (profits_from_types(n->op))
        for (uint32_t i = 0; i < n->nin; i++) n->in[i] = typed(v, n->in[i], n);
    note_shape(v, n);
    if (n->op == N_PHI) visit_phi(v, n);
    else if (n->op == N_GUARD) visit_guard(v, n);
    else if (n->op == N_BRANCH) visit_branch(v, n);
    else if (numbered(n)) visit_value(v, n);
}

/* --------------------------------------------------------------------------------------- dead stores */

enum { MAX_PENDING = 8 };

/* Stores of this block that nobody has read yet. */
typedef struct Pending {
    GNode *store[MAX_PENDING];
    unsigned n;
} Pending;

static bool is_store(const GNode *n) {
    switch (n->op) {
        case N_PUT_SLOT: case N_PUT_UPVAL: case N_PUT_FIELD: case N_PUT_FAR_FIELD: case N_PUT_ELEM: case N_PUT_TAGGED: case N_PUT_SHAPE: return true;
        default: return false;
    }
}

static void drop_pending(Pending *p, unsigned i) {
    p->n--;
    memmove(p->store + i, p->store + i + 1, (p->n - i) * sizeof(GNode *));
}

static bool may_read(const Gvn *v, const GNode *n, const GNode *store) {
    return (op_info[n->op].reads & op_info[store->op].writes) != 0 && !memory_apart(v->m, store, n);
}

static void note_store(Gvn *v, Pending *p, GNode *n) {
    for (unsigned i = p->n; i-- > 0;) {
        if (!memory_same_place(p->store[i], n) || !may(v)) continue;
        node_remove(p->store[i]);
        drop_pending(p, i);
    }
    if (p->n == MAX_PENDING) drop_pending(p, 0);
    p->store[p->n++] = n;
}

static void visit_memory(Gvn *v, Pending *p, GNode *n) {
    if (is_store(n)) {
        note_store(v, p, n);
        return;
    }
    if ((op_info[n->op].flags & (F_EXIT | F_END)) || n->op == N_GO_ON || op_info[n->op].writes != 0) p->n = 0;
    for (unsigned i = p->n; i-- > 0;)
        if (may_read(v, n, p->store[i])) drop_pending(p, i);
}

static void remove_dead_stores(Gvn *v) {
    for (uint32_t i = 1; i < v->g->norder; i++) {
        Pending p = {.n = 0};
        for (GNode *n = v->g->order[i]->first, *next; n != NULL; n = next) {
            next = n->next;
            visit_memory(v, &p, n);
        }
    }
}

/* ---------------------------------------------------------------------------------------------- walk */

typedef struct Visit {
    Block *next;         /* child to visit */
    uint32_t mark;       /* of the trail */
} Visit;

/* Children in the tree of dominators, in order: first by block, then the next of each. */
static void find_children(const Graph *g, Block **first, Block **next) {
    for (uint32_t i = g->norder; i-- > 1;) {
        Block *b = g->order[i];
        next[b->id] = first[b->idom->id];
        first[b->idom->id] = b;
    }
}

static void visit_block(Gvn *v, Block *b) {
    const Block *from = b->npred == 1 ? b->pred[0] : NULL;
    if (from != NULL && from->last != NULL && from->last->op == N_BRANCH) assume(v, from->last->in[0], from->succ[0] == b);
    for (GNode *n = b->first; n != NULL; n = n->next) visit(v, n);
}

static void walk(Gvn *v) {
    Graph *g = v->g;
    Block **first = arena_alloc(g->arena, g->nblocks * sizeof(Block *)), **next = arena_alloc(g->arena, g->nblocks * sizeof(Block *));
    Visit *stack = arena_alloc(g->arena, (g->norder + 1) * sizeof(Visit));
    uint32_t depth = 0;
    find_children(g, first, next);
    stack[depth++] = (Visit){g->order[0], 0};
    visit_block(v, g->order[0]);
    stack[0].next = first[g->order[0]->id];
    while (depth > 0) {
        Visit *at = &stack[depth - 1];
        Block *b = at->next;
        if (b == NULL) {
            forget(v, at->mark);
            depth--;
            continue;
        }
        at->next = next[b->id];
        stack[depth++] = (Visit){first[b->id], v->ntrail};
        visit_block(v, b);
    }
}

static Gvn *begin(Graph *g) {
    struct Arena *a = g->arena;
    Gvn *v = arena_alloc(a, sizeof *v);
    v->g = g;
    v->yes = graph_bool(g, true);
    v->no = graph_bool(g, false);
    v->m = memory_new(g);
    v->tags = graph_tags(g); /* has room for all nodes now */
    v->cap = g->nnodes;
    v->truth = arena_alloc(a, v->cap);
    v->fact = arena_alloc(a, v->cap * sizeof(GNode *));
    v->size = 256;
    while (v->size < g->nnodes) v->size *= 2;
    v->buckets = arena_alloc(a, v->size * sizeof(Known *));
    v->captrail = 1024;
    v->trail = arena_alloc(a, v->captrail * sizeof(Trail));
    return v;
}

static void remove_marked(Graph *g) {
    for (uint32_t i = 1; i < g->norder; i++) {
        for (GNode *n = g->order[i]->first, *next; n != NULL; n = next) {
            next = n->next;
            if (n->op == N_GUARD && n->mark) node_remove(n);
        }
    }
}

bool pass_gvn(Graph *g) {
    Gvn *v = begin(g);
    for (uint32_t i = 0; i < g->norder; i++)
        for (GNode *n = g->order[i]->first; n != NULL; n = n->next) n->mark = 0;
    walk(v);
    graph_apply_replacements(g);
    remove_marked(g);
    graph_remove_replaced(g);
    remove_dead_stores(v);
    return v->changed;
}
