// SPDX-License-Identifier: MIT
/* Memory in SSA form (as LLVM's MemorySSA, Novillo's "Memory SSA"), one variable for each category of nodes.h.
 *
 * A version is the node that wrote the category, or the block where several versions meet. They are
 * found by rounds over the blocks in order that take it for granted that loops write nothing; a
 * retreating edge that brings another version than the block began with forces a merge there, and one more
 * round. So it does not matter whether a cycle has a header that dominates it: code that is entered behind calls has
 * cycles that do not.
 *
 * A read looks for its version upwards: past writers that cannot touch its place (apart), and past merges none of
 * whose ways, up to what dominates the merge, has a writer that may. Past a merge the
 * operands of a node may stand for values of another iteration, so that only rules without them apply.
 */
#include <string.h>

#include "tiers/optimizing/memory.h"

typedef struct Versions {
    uint32_t v[E_COUNT];
} Versions;

struct Memory {
    Graph *g;
    uint32_t nblocks, nnodes; /* version: number of a block, or nblocks + number of a writer */
    Versions *in, *out;       /* by block */
    uint16_t *forced;         /* by block: categories with a merge for certain */
    Versions **at;            /* by node: before it; NULL: has nothing to do with memory */
    GNode **nodes;            /* by number; writers only */
    uint32_t *shape;          /* by node: shape noted + 1; 0: none */
};

enum { NONE = UINT32_MAX };

/* --------------------------------------------------------------------------------------- versions */

static bool writes(const GNode *n, unsigned c) { return op_info[n->op].writes >> c & 1; }

/* The versions that a block leaves if it writes, NONE if not. */
static Versions *find_last_writes(Memory *m) {
    Versions *last = arena_alloc(m->g->arena, m->nblocks * sizeof(Versions));
    memset(last, 0xff, m->nblocks * sizeof(Versions));
    for (uint32_t i = 0; i < m->g->norder; i++)
        for (GNode *n = m->g->order[i]->first; n != NULL; n = n->next)
            for (unsigned c = 0; c < E_COUNT; c++)
                if (writes(n, c)) last[m->g->order[i]->id].v[c] = m->nblocks + n->id;
    return last;
}

static uint32_t version_in(const Memory *m, const Block *b, unsigned c) {
    uint32_t v = NONE;
    if (m->forced[b->id] >> c & 1) return b->id;
    for (uint32_t p = 0; p < b->npred; p++) {
        if (block_retreats(b->pred[p], b)) continue;
        uint32_t x = m->out[b->pred[p]->id].v[c];
        if (v != NONE && v != x) return b->id;
        v = x;
    }
    return v != NONE ? v : b->id;
}

static bool force_merges(Memory *m, const Block *b, bool all) {
    uint16_t before = m->forced[b->id];
    for (uint32_t p = 0; p < b->npred; p++) {
        if (!block_retreats(b->pred[p], b)) continue;
        for (unsigned c = 0; c < E_COUNT; c++)
            if (all || m->out[b->pred[p]->id].v[c] != m->in[b->id].v[c]) m->forced[b->id] |= (uint16_t)(1u << c);
    }
    return m->forced[b->id] != before;
}

static void find_versions(Memory *m) {
    enum { ROUNDS = 8 };
    Versions *last = find_last_writes(m);
    bool again = true;
    for (unsigned round = 0; again; round++) {
        again = false;
        for (uint32_t i = 0; i < m->g->norder; i++) {
            const Block *b = m->g->order[i];
            for (unsigned c = 0; c < E_COUNT; c++) {
                m->in[b->id].v[c] = version_in(m, b, c);
                m->out[b->id].v[c] = last[b->id].v[c] != NONE ? last[b->id].v[c] : m->in[b->id].v[c];
            }
        }
        for (uint32_t i = 0; i < m->g->norder; i++) again |= force_merges(m, m->g->order[i], round >= ROUNDS);
    }
}

static void place_nodes(Memory *m, const Block *b) {
    Versions now = m->in[b->id], *shared = NULL;
    for (GNode *n = b->first; n != NULL; n = n->next) {
        const OpInfo *info = &op_info[n->op];
        if ((info->reads | info->writes) == 0) continue;
        if (shared == NULL) {
            shared = arena_alloc(m->g->arena, sizeof *shared);
            *shared = now;
        }
        m->at[n->id] = shared;
        if (info->writes == 0) continue;
        m->nodes[n->id] = n;
        for (unsigned c = 0; c < E_COUNT; c++)
            if (writes(n, c)) now.v[c] = m->nblocks + n->id;
        shared = NULL;
    }
}

Memory *memory_new(Graph *g) {
    struct Arena *a = g->arena;
    Memory *m = arena_alloc(a, sizeof *m);
    m->g = g;
    m->nblocks = g->nblocks;
    m->nnodes = g->nnodes;
    m->in = arena_alloc(a, g->nblocks * sizeof(Versions));
    m->out = arena_alloc(a, g->nblocks * sizeof(Versions));
    m->forced = arena_alloc(a, g->nblocks * sizeof *m->forced);
    m->at = arena_alloc(a, g->nnodes * sizeof(Versions *));
    m->nodes = arena_alloc(a, g->nnodes * sizeof(GNode *));
    m->shape = arena_alloc(a, g->nnodes * sizeof(uint32_t));
    find_versions(m);
    for (uint32_t i = 0; i < g->norder; i++) place_nodes(m, g->order[i]);
    return m;
}

GNode *memory_writer(const Memory *m, uint32_t version) { return version < m->nblocks ? NULL : m->nodes[version - m->nblocks]; }
Block *memory_place(const Memory *m, uint32_t version) {
    return version < m->nblocks ? m->g->blocks[version] : memory_writer(m, version)->block;
}
uint32_t memory_written(const Memory *m, const GNode *writer) { return m->nblocks + writer->id; }
void memory_note_shape(Memory *m, const GNode *n, uint32_t shape) {
    if (n->id < m->nnodes) m->shape[n->id] = shape + 1;
}

/* -------------------------------------------------------------------------------- what cannot meet */

static const GNode *operand(const GNode *n, unsigned i) { return node_resolve(n->in[i]); }

/* n = root - minus + plus; minus may be NULL */
typedef struct Sum {
    const GNode *root, *minus;
    int64_t plus;
} Sum;

static Sum sum_of(const GNode *n) {
    Sum s = {n, NULL, 0};
    for (;;) {
        if (s.root->op == N_INT) return (Sum){NULL, s.minus, (int64_t)((uint64_t)s.plus + s.root->imm.u)};
        if (s.root->op != N_IADD && s.root->op != N_ISUB) return s;
        const GNode *y = operand(s.root, 1);
        bool add = s.root->op == N_IADD;
        if (y->op == N_INT) s.plus = (int64_t)(add ? (uint64_t)s.plus + y->imm.u : (uint64_t)s.plus - y->imm.u);
        else if (!add && s.minus == NULL) s.minus = y;
        else return s;
        s.root = operand(s.root, 0);
    }
}

static bool other_index(const GNode *x, const GNode *y) {
    Sum a = sum_of(x), b = sum_of(y);
    return a.root == b.root && a.minus == b.minus && a.plus != b.plus;
}

/* Tables that have different shapes are different. */
static bool other_shape(const Memory *m, const GNode *writer, const GNode *n) {
    enum { SHAPE = 1 };
    _Static_assert(E_SHAPE == 1 << SHAPE, "categories are numbered by bit");
    if (n->id >= m->nnodes || m->at[n->id] == NULL || m->at[writer->id]->v[SHAPE] != m->at[n->id]->v[SHAPE]) return false;
    return m->shape[n->id] != 0 && m->shape[writer->id] != 0 && m->shape[n->id] != m->shape[writer->id];
}

/* The table that n is about was there before the new one that w initialises: it is defined before it in this iteration, or
 * outside of the loops that make it. */
static bool fresh_apart(const GNode *w, const GNode *n, bool here) {
    const GNode *made = operand(w, 0), *t = operand(n, 0);
    if (t == made || made->block == NULL || t->block == NULL || !block_dominates(t->block, made->block)) return false;
    if (here) return t->block != made->block || t->id < made->id;
    const Block *l = made->block->loop;
    while (l != NULL && l->outer != NULL) l = l->outer;
    return l == NULL || !block_in_loop(t->block, l);
}

static bool field_apart(const Memory *m, const GNode *w, const GNode *n, bool here) {
    bool far = n->op == N_FAR_FIELD || n->op == N_PUT_FAR_FIELD;
    if (w->op == N_INIT_FIELD) return far || w->imm.i != n->imm.i || fresh_apart(w, n, here);
    if (w->op != N_PUT_FIELD && w->op != N_PUT_FAR_FIELD && w->op != N_INIT_FIELD) return false;
    return w->imm.i != n->imm.i || far != (w->op == N_PUT_FAR_FIELD) || (here && other_shape(m, w, n));
}

/* KIND_INT and so on for accesses whose kind is known by their operation; 0: not known */
static int kind_of(const GNode *n) {
    switch (n->op) {
        case N_ELEM_INT: return KIND_INT;
        case N_ELEM_FLT: return KIND_FLT;
        case N_ELEM_TAGGED: case N_PUT_TAGGED: return KIND_VALUE;
        case N_PUT_ELEM: return operand(n, 2)->type == T_INT ? KIND_INT : KIND_FLT;
        default: return 0;
    }
}

static bool elem_apart(const GNode *w, const GNode *n, bool here) {
    if (w->op != N_PUT_ELEM && w->op != N_PUT_TAGGED) return false;
    if (kind_of(n) != 0 && kind_of(n) != kind_of(w)) return true;
    return here && other_index(operand(w, 1), operand(n, 1));
}

/* A table changes from the noted shape to that of the PUT_SHAPE: the test on any other has the same result before and after. */
static bool shape_apart(const Memory *m, const GNode *w, const GNode *n, bool here) {
    if (w->op == N_INIT_SHAPE) return fresh_apart(w, n, here);
    if (w->op == N_PUT_METATABLE) return true; /* PUT_SHAPE follows */
    return w->op == N_PUT_SHAPE && w->imm.i != n->imm.i && m->shape[w->id] != 0 && m->shape[w->id] - 1 != n->imm.u;
}

/* here: the operands of both stand for the same values */
static bool apart(const Memory *m, const GNode *w, const GNode *n, bool here) {
    switch (n->op) {
        /* variables of enclosing functions are not in this frame's registers */
        case N_SLOT: case N_PUT_SLOT: return w->op == N_PUT_UPVAL || (w->op == N_PUT_SLOT && w->imm.i != n->imm.i);
        case N_UPVAL: case N_PUT_UPVAL: return w->op == N_PUT_SLOT;
        case N_UPVAL_OF: case N_PUT_UPVAL_OF: return w->op == N_PUT_SLOT && !graph_is_captured(m->g, w->imm.u);
        case N_FIELD: case N_FAR_FIELD: case N_PUT_FIELD: case N_PUT_FAR_FIELD: return field_apart(m, w, n, here);
        case N_HAS_SHAPE: return shape_apart(m, w, n, here);
        case N_NO_METATABLE: case N_METATABLE_IS:
            return w->op == N_PUT_SHAPE || w->op == N_INIT_SHAPE || (w->op == N_PUT_METATABLE && operand(w, 0)->op == N_NEW_TABLE && fresh_apart(w, n, here));
        case N_ELEM_INT: case N_ELEM_FLT: case N_ELEM_TAGGED: case N_ELEM_ANY: case N_PUT_ELEM: case N_PUT_TAGGED:
            return elem_apart(w, n, here);
        /* they overwrite what is not nil by what is not nil */
        case N_LENGTH: return w->op == N_PUT_ELEM || w->op == N_PUT_TAGGED || w->op == N_LOOKUP || w->op == N_STORE_STR;
        default: return false;
    }
}

bool memory_apart(const Memory *m, const GNode *writer, const GNode *n) { return apart(m, writer, n, true); }

static bool same_operands(const GNode *w, const GNode *n, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        if (operand(w, i) != operand(n, i)) return false;
    return w->imm.i == n->imm.i;
}

bool memory_same_place(const GNode *w, const GNode *n) {
    switch (w->op) {
        case N_PUT_SLOT: return (n->op == N_SLOT || n->op == N_PUT_SLOT) && w->imm.i == n->imm.i;
        case N_PUT_UPVAL: return (n->op == N_UPVAL || n->op == N_PUT_UPVAL) && w->imm.i == n->imm.i;
        case N_PUT_UPVAL_OF: return (n->op == N_UPVAL_OF || n->op == N_PUT_UPVAL_OF) && same_operands(w, n, 1);
        case N_PUT_FIELD: case N_INIT_FIELD: return (n->op == N_FIELD || n->op == N_PUT_FIELD) && same_operands(w, n, 1);
        case N_PUT_FAR_FIELD: return (n->op == N_FAR_FIELD || n->op == N_PUT_FAR_FIELD) && same_operands(w, n, 1);
        case N_PUT_ELEM: case N_PUT_TAGGED: return kind_of(n) == kind_of(w) && same_operands(w, n, 2);
        case N_PUT_SHAPE: case N_INIT_SHAPE: return (n->op == N_HAS_SHAPE || n->op == N_PUT_SHAPE) && operand(w, 0) == operand(n, 0);
        default: return false;
    }
}

/* ------------------------------------------------------------------------------------ looking upwards */

typedef struct Walk {
    Memory *m;
    const GNode *n;
    unsigned c;
    unsigned budget;     /* steps left */
    bool here;           /* no merge passed yet */
    uint32_t merges[16]; /* passed */
    unsigned nmerges;
} Walk;

static bool pass_writer(Walk *w, uint32_t *v) {
    const GNode *x = memory_writer(w->m, *v);
    if (w->budget == 0 || !apart(w->m, x, w->n, w->here)) return false;
    w->budget--;
    *v = w->m->at[x->id]->v[w->c];
    return true;
}

/* false: met before, so its ways are looked after */
static bool new_merge(Walk *w, uint32_t v) {
    for (unsigned i = 0; i < w->nmerges; i++)
        if (w->merges[i] == v) return false;
    w->merges[w->nmerges++] = v;
    return true;
}

/* Do all ways from v up to version `top` pass only writers that do not matter? */
static bool leads_to(Walk *w, uint32_t v, uint32_t top) {
    enum { MERGES = sizeof w->merges / sizeof w->merges[0] };
    while (v != top && v >= w->m->nblocks)
        if (!pass_writer(w, &v)) return false;
    if (v == top) return true;
    const Block *b = w->m->g->blocks[v];
    if (w->nmerges == MERGES || b->npred == 0 || b->id == 0) return false;
    if (!new_merge(w, v)) return true;
    for (uint32_t p = 0; p < b->npred; p++)
        if (!leads_to(w, w->m->out[b->pred[p]->id].v[w->c], top)) return false;
    return true;
}

static uint32_t walk(Walk *w, uint32_t v) {
    for (;;) {
        if (v >= w->m->nblocks) {
            if (!pass_writer(w, &v)) return v;
            continue;
        }
        const Block *b = w->m->g->blocks[v];
        if (b->id == 0 || b->npred == 0 || b->idom == b) return v;
        uint32_t top = w->m->out[b->idom->id].v[w->c];
        w->here = false;
        if (!leads_to(w, v, top)) return v;
        v = top;
    }
}

uint32_t memory_version_at(Memory *m, const GNode *n, const GNode *at, unsigned c) {
    enum { BUDGET = 64 };
    Walk w = {.m = m, .n = n, .c = c, .budget = BUDGET, .here = true};
    return walk(&w, m->at[at->id]->v[c]);
}

uint32_t memory_version(Memory *m, const GNode *n, unsigned c) { return memory_version_at(m, n, n, c); }
