// SPDX-License-Identifier: MIT
/* Global value numbering over the dominator tree, with memory.
 *
 * A node is the same as an earlier one if operation, immediate and operands are the same, the
 * earlier one dominates it, and nothing that both read was written in between. The last is told by
 * versions: each block knows for each category of memory the number of the last write that reaches it;
 * where paths with different numbers meet, and at the headers of loops that write, a new number begins.
 * Fields have a version by offset (stores to different offsets never meet), elements one by kind.
 *
 * Known at a point, besides values: tests that a dominating guard or branch has decided, and what
 * was just stored (a load after a store is the value stored).
 */
#include <string.h>

#include "tiers/optimizing/graph.h"

enum {
    SLOT_VERSIONS = 64,   /* by offset; even: inline, odd: overflow */
    V_EFFECTS = 0,
    ELEM_EFFECT = 4,      /* number of E_ELEM */
    V_FIELD = E_COUNT,
    V_ELEM = V_FIELD + SLOT_VERSIONS, /* INT, FLT, tagged */
    V_ANY_FIELD = V_ELEM + 3,
    V_COUNT
};

_Static_assert(E_ELEM == 1 << ELEM_EFFECT, "categories are numbered by bit");

typedef struct Versions {
    uint32_t v[V_COUNT];
} Versions;

typedef struct Key {
    uint16_t op, type;
    uint32_t version[3];
    uint64_t imm;
    const GNode *in[3];
} Key;

typedef struct Known {
    Key key;
    GNode *value;        /* what nodes with that key are */
    const Block *block;  /* from where on */
    struct Known *next;
} Known;

typedef struct Fact {
    const GNode *test;
    const Block *block;
    bool holds;
    struct Fact *next;
} Fact;

typedef struct Gvn {
    Graph *g;
    Known **buckets;
    Fact **facts;
    uint32_t size;       /* of both, a power of two */
    Versions *out;       /* by block id */
    Versions now;
    uint32_t last;       /* version given last */
    GNode *yes, *no;
    bool changed;
} Gvn;

/* ---------------------------------------------------------------------------------------- versions */

static void fresh(Gvn *v, unsigned i) { v->now.v[i] = ++v->last; }
static void all_fresh(Gvn *v) {
    for (unsigned i = 0; i < V_COUNT; i++) fresh(v, i);
}

static unsigned field_version(int64_t offset, bool far) {
    return V_FIELD + (unsigned)((((uint64_t)offset / 16) * 2 + far) % SLOT_VERSIONS);
}

static unsigned element_version(const GNode *x) { return V_ELEM + (x->type == T_INT ? 0 : x->type == T_FLT ? 1 : 2); }

static void write_fields(Gvn *v) {
    for (unsigned i = 0; i < SLOT_VERSIONS; i++) fresh(v, V_FIELD + i);
    fresh(v, V_ANY_FIELD);
}

static void write_elements(Gvn *v) {
    for (unsigned i = 0; i < 3; i++) fresh(v, V_ELEM + i);
}

/* The node's effect on versions. */
static void note_writes(Gvn *v, const GNode *n) {
    unsigned writes = op_info[n->op].writes;
    for (unsigned e = 0; e < E_COUNT; e++)
        if (writes >> e & 1) fresh(v, V_EFFECTS + e);
    switch (n->op) {
        case N_PUT_FIELD: case N_PUT_FAR_FIELD:
            fresh(v, field_version(n->imm.i, n->op == N_PUT_FAR_FIELD));
            fresh(v, V_ANY_FIELD);
            break;
        case N_PUT_ELEM: fresh(v, element_version(n->in[2])); break;
        case N_PUT_TAGGED: fresh(v, V_ELEM + 2); break;
        default:
            if (writes & E_SLOT) write_fields(v);
            if (writes & E_ELEM) write_elements(v);
    }
}

/* Which versions a node depends on. */
static void versions_of(const Gvn *v, const GNode *n, uint32_t version[3]) {
    const Versions *w = &v->now;
    unsigned reads = op_info[n->op].reads, count = 0;
    memset(version, 0, 3 * sizeof(uint32_t));
    if (n->op == N_FIELD || n->op == N_FAR_FIELD) version[count++] = w->v[field_version(n->imm.i, n->op == N_FAR_FIELD)];
    else if (reads & E_SLOT) version[count++] = w->v[V_ANY_FIELD];
    if (n->op == N_ELEM_INT || n->op == N_ELEM_FLT) version[count++] = w->v[element_version(n)];
    else if (n->op == N_ELEM_TAGGED) version[count++] = w->v[V_ELEM + 2];
    else if (reads & E_ELEM) version[count++] = w->v[V_EFFECTS + ELEM_EFFECT];
    for (unsigned e = 0; e < E_COUNT && count < 3; e++) {
        if ((1u << e) == E_SLOT || (1u << e) == E_ELEM) continue;
        if (reads >> e & 1) version[count++] = w->v[V_EFFECTS + e];
    }
}

static void loop_writes(Gvn *v, const Block *header, bool *written) {
    Versions saved = v->now;
    uint32_t mark = v->last;
    for (uint32_t i = 0; i < v->g->norder; i++) {
        Block *b = v->g->order[i];
        if (!block_in_loop(b, header)) continue;
        for (GNode *n = b->first; n != NULL; n = n->next) note_writes(v, n);
    }
    for (unsigned i = 0; i < V_COUNT; i++) written[i] = v->now.v[i] > mark;
    v->now = saved;
}

/* Loops with more than one way in (code is entered behind calls) have no header. */
static bool retreats_into(const Block *b) {
    for (uint32_t p = 0; p < b->npred; p++)
        if (b->pred[p]->order >= b->order && !block_dominates(b, b->pred[p])) return true;
    return false;
}

/* The versions at the beginning of a block. */
static void begin_block(Gvn *v, const Block *b) {
    bool written[V_COUNT] = {false};
    const Versions *first = NULL;
    if (b->npred == 0 || b->pred[0]->id == 0) {
        all_fresh(v);
        return;
    }
    if (retreats_into(b)) {
        all_fresh(v);
        return;
    }
    if (b->loop_header) loop_writes(v, b, written);
    for (uint32_t p = 0; p < b->npred; p++) {
        const Block *from = b->pred[p];
        if (from->order >= b->order) continue; /* back edges */
        if (first == NULL) {
            first = &v->out[from->id];
            v->now = *first;
            continue;
        }
        for (unsigned i = 0; i < V_COUNT; i++) written[i] |= v->out[from->id].v[i] != first->v[i];
    }
    for (unsigned i = 0; i < V_COUNT; i++)
        if (first == NULL || written[i]) fresh(v, i);
}

/* ------------------------------------------------------------------------------------------ tables */

static uint32_t hash_key(const Key *k) {
    uint64_t h = k->op * UINT64_C(0x9e3779b97f4a7c15) + k->imm;
    for (int i = 0; i < 3; i++) h = (h ^ (k->in[i] != NULL ? k->in[i]->id + 1 : 0) ^ (uint64_t)k->version[i] << 32) * UINT64_C(0xd6e8feb86659fd93);
    return (uint32_t)(h >> 32);
}

static bool commutes(unsigned op) {
    switch (op) {
        case N_IADD: case N_IMUL: case N_IAND: case N_IOR: case N_IXOR: case N_IEQ: case N_FADD: case N_FMUL: case N_FEQ: return true;
        default: return false;
    }
}

static Key key_of(const Gvn *v, const GNode *n) {
    Key k;
    memset(&k, 0, sizeof k);
    k.op = n->op;
    k.type = n->type;
    k.imm = n->imm.u;
    for (uint32_t i = 0; i < n->nin; i++) k.in[i] = n->in[i];
    if (commutes(n->op) && k.in[0]->id > k.in[1]->id) {
        k.in[0] = n->in[1];
        k.in[1] = n->in[0];
    }
    versions_of(v, n, k.version);
    return k;
}

static void enter(Gvn *v, const Key *k, GNode *value, const Block *b) {
    Known *e = arena_alloc(v->g->arena, sizeof *e), **bucket = &v->buckets[hash_key(k) & (v->size - 1)];
    *e = (Known){*k, value, b, *bucket};
    *bucket = e;
}

static GNode *find(const Gvn *v, const Key *k, const Block *b) {
    for (const Known *e = v->buckets[hash_key(k) & (v->size - 1)]; e != NULL; e = e->next)
        if (memcmp(&e->key, k, sizeof *k) == 0 && block_dominates(e->block, b)) return e->value;
    return NULL;
}

static void learn(Gvn *v, const GNode *test, bool holds, const Block *b) {
    if (test->op == N_NOT) {
        learn(v, test->in[0], !holds, b);
    }
    Fact *f = arena_alloc(v->g->arena, sizeof *f), **bucket = &v->facts[test->id & (v->size - 1)];
    *f = (Fact){test, b, holds, *bucket};
    *bucket = f;
}

static const Fact *known(const Gvn *v, const GNode *test, const Block *b) {
    for (const Fact *f = v->facts[test->id & (v->size - 1)]; f != NULL; f = f->next)
        if (f->test == test && block_dominates(f->block, b)) return f;
    return NULL;
}

/* ------------------------------------------------------------------------------------------- nodes */

/* What a store makes known: the load that would read it. */
static void remember_store(Gvn *v, const GNode *n) {
    GNode load = *n;
    load.nin--;
    load.type = T_VALUE;
    switch (n->op) {
        case N_PUT_FIELD: load.op = N_FIELD; break;
        case N_PUT_FAR_FIELD: load.op = N_FAR_FIELD; break;
        case N_PUT_ELEM:
            load.type = n->in[2]->type;
            load.op = load.type == T_INT ? N_ELEM_INT : N_ELEM_FLT;
            if (load.type != T_INT && load.type != T_FLT) return;
            break;
        case N_PUT_TAGGED: load.op = N_ELEM_TAGGED; break;
        case N_PUT_UPVAL:
            load.op = N_UPVAL;
            break;
        case N_PUT_SHAPE: {
            load.nin = 1;
            load.op = N_HAS_SHAPE;
            load.type = T_BOOL;
            Key k = key_of(v, &load);
            enter(v, &k, v->yes, n->block);
            return;
        }
        default: return;
    }
    Key k = key_of(v, &load);
    enter(v, &k, n->in[n->nin - 1], n->block);
}

static bool numbered(const GNode *n) {
    return n->op != N_PHI && n->op != N_SLOT && n->nin <= 3 && n->type != T_NONE && !(op_info[n->op].flags & (F_KEEP | F_EXIT | F_END)) &&
           op_info[n->op].writes == 0;
}

/* A phi of one value. */
static GNode *same_operands(const GNode *phi) {
    GNode *x = NULL;
    for (uint32_t i = 0; i < phi->nin; i++) {
        GNode *y = node_resolve(phi->in[i]);
        if (y == phi || y == x) continue;
        if (x != NULL) return NULL;
        x = y;
    }
    return x;
}

static void replace(Gvn *v, GNode *n, GNode *by) {
    n->replaced = by;
    v->changed = true;
}

static void visit_guard(Gvn *v, GNode *n) {
    const Fact *f = known(v, n->in[0], n->block);
    if ((n->in[0]->op == N_BOOL && n->in[0]->imm.i) || (f != NULL && f->holds)) {
        if (graph_may(v->g)) n->mark = 1; /* to be removed */
        v->changed |= n->mark;
        return;
    }
    learn(v, n->in[0], true, n->block);
}

static void visit_branch(Gvn *v, GNode *n) {
    const Fact *f = known(v, n->in[0], n->block);
    if (f != NULL && n->in[0]->op != N_BOOL && graph_may(v->g)) {
        n->in[0] = f->holds ? v->yes : v->no;
        v->changed = true;
    }
    if (n->in[0]->op == N_BOOL) return;
    learn(v, n->in[0], true, n->block->succ[0]);
    learn(v, n->in[0], false, n->block->succ[1]);
}

static void visit_value(Gvn *v, GNode *n) {
    GNode *folded = graph_fold(v->g, n);
    if (folded != NULL && graph_may(v->g)) {
        replace(v, n, folded);
        return;
    }
    Key k = key_of(v, n);
    GNode *same = find(v, &k, n->block);
    if (same == NULL || (same->type != n->type && n->type != T_VALUE) || !graph_may(v->g)) {
        enter(v, &k, n, n->block);
        return;
    }
    replace(v, n, same);
}

static void visit(Gvn *v, GNode *n) {
    for (uint32_t i = 0; i < n->nin; i++) n->in[i] = node_resolve(n->in[i]);
    if (n->op == N_PHI) {
        GNode *x = same_operands(n);
        if (x != NULL && x->type == n->type && graph_may(v->g)) replace(v, n, x);
    } else if (n->op == N_GUARD) {
        visit_guard(v, n);
    } else if (n->op == N_BRANCH) {
        visit_branch(v, n);
    } else if (numbered(n)) {
        visit_value(v, n);
    }
    note_writes(v, n);
    remember_store(v, n);
}

/* Constants stand in the root in any number. */
static void visit_constants(Gvn *v) {
    Block *root = v->g->blocks[0];
    for (GNode *n = root->first; n != NULL; n = n->next) {
        Key k = key_of(v, n);
        GNode *same = find(v, &k, root);
        if (same != NULL && graph_may(v->g)) replace(v, n, same);
        else enter(v, &k, n, root);
    }
}

/* ----------------------------------------------------------------------------------------- control */

static void remove_marked(Graph *g) {
    for (uint32_t i = 1; i < g->norder; i++) {
        for (GNode *n = g->order[i]->first, *next; n != NULL; n = next) {
            next = n->next;
            if (n->op == N_GUARD && n->mark) node_remove(n);
        }
    }
}

static void remove_edge(Block *from, Block *to) {
    uint32_t p = 0;
    while (to->pred[p] != from) p++;
    for (GNode *n = to->first; n != NULL && n->op == N_PHI; n = n->next) {
        memmove(n->in + p, n->in + p + 1, (n->nin - p - 1) * sizeof(GNode *));
        n->nin--;
    }
    memmove(to->pred + p, to->pred + p + 1, (to->npred - p - 1) * sizeof(Block *));
    to->npred--;
}

/* Branches whose test is a constant. */
static void cut_branches(Graph *g) {
    for (uint32_t i = 1; i < g->norder; i++) {
        Block *b = g->order[i];
        GNode *n = b->last;
        if (n->op != N_BRANCH || n->in[0]->op != N_BOOL) continue;
        Block *taken = b->succ[n->in[0]->imm.i ? 0 : 1];
        remove_edge(b, b->succ[n->in[0]->imm.i ? 1 : 0]);
        b->succ[0] = taken;
        b->nsucc = 1;
        n->op = N_GOTO;
        n->nin = 0;
    }
}

bool pass_gvn(Graph *g) {
    Gvn *v = arena_alloc(g->arena, sizeof *v);
    v->g = g;
    v->size = 256;
    while (v->size < g->nnodes) v->size *= 2;
    v->buckets = arena_alloc(g->arena, v->size * sizeof(Known *));
    v->facts = arena_alloc(g->arena, v->size * sizeof(Fact *));
    v->out = arena_alloc(g->arena, g->nblocks * sizeof(Versions));
    v->yes = graph_bool(g, true);
    v->no = graph_bool(g, false);
    for (uint32_t i = 0; i < g->norder; i++)
        for (GNode *n = g->order[i]->first; n != NULL; n = n->next) n->mark = 0;
    visit_constants(v);
    for (uint32_t i = 1; i < g->norder; i++) {
        Block *b = g->order[i];
        begin_block(v, b);
        for (GNode *n = b->first; n != NULL; n = n->next) visit(v, n);
        v->out[b->id] = v->now;
    }
    graph_apply_replacements(g);
    remove_marked(g);
    graph_remove_replaced(g);
    cut_branches(g);
    graph_order(g);
    return v->changed;
}
