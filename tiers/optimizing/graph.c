// SPDX-License-Identifier: MIT
/* Construction of graphs and what passes need to know of them: order, dominators (Cooper, Harvey,
 * Kennedy: A Simple, Fast Dominance Algorithm), loops. */
#include "tiers/optimizing/graph.h"

#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------------------------------- tables */

const char *const type_names[] = {
#define NAME(name, tag) #name,
    GRAPH_TYPES(NAME)
#undef NAME
};
const uint8_t type_tags[] = {
#define TAG(name, tag) tag,
    GRAPH_TYPES(TAG)
#undef TAG
};
const char *const reason_names[] = {
#define NAME(id, name, advice) #id,
    PERIGEE_REASONS(NAME)
#undef NAME
    [CODE_EXIT_PLAIN] = "PLAIN",
};
const OpInfo op_info[] = {
#define ROW(name, type, nin, a, b, c, reads, writes, flags)                                        \
    {#name, T_##type, nin, {T_##a, T_##b, T_##c}, reads, writes, flags},
    GRAPH_NODES(ROW)
#undef ROW
};

Type type_of_tag(unsigned tag) {
    for (unsigned t = T_NIL; t < T_COUNT; t++)
        if (type_tags[t] == tag) return (Type)t;
    return T_VALUE;
}

/* ------------------------------------------------------------------------------------------ arena */

typedef struct Chunk {
    struct Chunk *next;
    size_t used, size;
    _Alignas(16) char bytes[];
} Chunk;
struct Arena {
    Chunk *chunks;
};

struct Arena *arena_new(void) { return calloc(1, sizeof(struct Arena)); }

void arena_free(struct Arena *a) {
    for (Chunk *c = a->chunks, *next; c != NULL; c = next) {
        next = c->next;
        free(c);
    }
    free(a);
}

/* Without memory the process is in the hands of the plugin's handlers anyway (docs of the plugin). */
void *arena_alloc(struct Arena *a, size_t size) {
    enum { CHUNK = 1 << 16 };
    size = (size + 15) & ~(size_t)15;
    Chunk *c = a->chunks;
    if (c == NULL || c->size - c->used < size) {
        size_t room = size > CHUNK ? size : CHUNK;
        c = calloc(1, sizeof(Chunk) + room);
        if (c == NULL) abort();
        c->size = room;
        c->next = a->chunks;
        a->chunks = c;
    }
    void *p = c->bytes + c->used;
    c->used += size;
    return p;
}

/* Room for one more in a vector of pointers. */
static void *vector_room(struct Arena *a, void *vector, uint32_t count, uint32_t *cap, size_t elem) {
    if (count < *cap) return vector;
    uint32_t wanted = *cap ? *cap * 2 : 4;
    void *bigger = arena_alloc(a, wanted * elem);
    if (count) memcpy(bigger, vector, count * elem);
    *cap = wanted;
    return bigger;
}

/* --------------------------------------------------------------------------------------- building */

Graph *graph_new(JitFunction *f) {
    struct Arena *a = arena_new();
    if (a == NULL) return NULL;
    Graph *g = arena_alloc(a, sizeof *g);
    g->arena = a;
    g->function = f;
    graph_block(g, 0);
    return g;
}

void graph_free(Graph *g) { arena_free(g->arena); }

Block *graph_block(Graph *g, uint32_t pc) {
    Block *b = arena_alloc(g->arena, sizeof *b);
    b->id = g->nblocks;
    b->pc = pc;
    g->blocks = vector_room(g->arena, g->blocks, g->nblocks, &g->capblocks, sizeof(Block *));
    g->blocks[g->nblocks++] = b;
    return b;
}

void graph_edge(Graph *g, Block *from, Block *to) {
    from->succ[from->nsucc++] = to;
    to->pred = vector_room(g->arena, to->pred, to->npred, &to->cappred, sizeof(Block *));
    to->pred[to->npred++] = from;
}

unsigned graph_entry(Graph *g, uint32_t pc, Block *b) {
    g->entries = vector_room(g->arena, g->entries, g->nentries, &g->capentries, sizeof(Entry));
    g->entries[g->nentries] = (Entry){pc, b};
    b->pred = vector_room(g->arena, b->pred, b->npred, &b->cappred, sizeof(Block *));
    b->pred[b->npred++] = g->blocks[0];
    return g->nentries++;
}

GNode *node_make(Graph *g, Op op, unsigned nin, uint32_t pc) {
    GNode *n = arena_alloc(g->arena, sizeof *n);
    n->op = (uint8_t)op;
    n->type = op_info[op].type;
    n->nin = nin;
    n->id = g->nnodes++;
    n->pc = pc;
    n->in = nin ? arena_alloc(g->arena, nin * sizeof(GNode *)) : NULL;
    return n;
}

void node_append(Block *b, GNode *n) {
    n->block = b;
    n->prev = b->last;
    n->next = NULL;
    if (b->last != NULL) b->last->next = n;
    else b->first = n;
    b->last = n;
}

void node_insert_before(GNode *at, GNode *n) {
    Block *b = at->block;
    n->block = b;
    n->next = at;
    n->prev = at->prev;
    if (at->prev != NULL) at->prev->next = n;
    else b->first = n;
    at->prev = n;
}

void node_insert_first(Block *b, GNode *n) {
    GNode *at = b->first;
    while (at != NULL && at->op == N_PHI && n->op != N_PHI) at = at->next;
    if (at != NULL) node_insert_before(at, n);
    else node_append(b, n);
}

void node_remove(GNode *n) {
    if (n->prev != NULL) n->prev->next = n->next;
    else n->block->first = n->next;
    if (n->next != NULL) n->next->prev = n->prev;
    else n->block->last = n->prev;
    n->block = NULL;
}

void phi_add(Graph *g, GNode *phi, GNode *x) {
    if ((phi->nin & (phi->nin - 1)) == 0) { /* full: powers of two */
        GNode **bigger = arena_alloc(g->arena, (phi->nin ? 2 * phi->nin : 1) * sizeof(GNode *));
        if (phi->nin) memcpy(bigger, phi->in, phi->nin * sizeof(GNode *));
        phi->in = bigger;
    }
    phi->in[phi->nin++] = x;
}

State *state_new(Graph *g, const JitFunction *f, uint32_t pc) {
    State *s = arena_alloc(g->arena, sizeof *s + f->maxstack * sizeof(GNode *));
    s->function = f;
    s->pc = pc;
    s->nregs = f->maxstack;
    return s;
}

State *state_resize(Graph *g, const State *s, unsigned nregs) {
    State *copy = arena_alloc(g->arena, sizeof *s + nregs * sizeof(GNode *));
    memcpy(copy, s, sizeof *s + (nregs < s->nregs ? nregs : s->nregs) * sizeof(GNode *));
    copy->nregs = (uint16_t)nregs;
    return copy;
}

State *state_copy(Graph *g, const State *s) { return state_resize(g, s, s->nregs); }

/* ------------------------------------------------------------------------------------------ order */

static uint32_t successors(const Graph *g, const Block *b) { return b->id == 0 ? g->nentries : b->nsucc; }
static Block *successor(const Graph *g, const Block *b, uint32_t i) {
    return b->id == 0 ? g->entries[i].block : b->succ[i];
}

/* Depth first with a stack of its own: functions may be long. */
static void number_blocks(Graph *g) {
    typedef struct Walk {
        Block *b;
        uint32_t next;
    } Walk;
    Walk *stack = arena_alloc(g->arena, (g->nblocks + 1) * sizeof(Walk));
    uint8_t *seen = arena_alloc(g->arena, g->nblocks);
    uint32_t depth = 0, at = g->nblocks;
    g->order = arena_alloc(g->arena, g->nblocks * sizeof(Block *));
    for (uint32_t i = 0; i < g->nblocks; i++) g->blocks[i]->order = 0;
    stack[depth++] = (Walk){g->blocks[0], 0};
    seen[0] = 1;
    while (depth > 0) {
        Walk *w = &stack[depth - 1];
        if (w->next < successors(g, w->b)) {
            Block *s = successor(g, w->b, w->next++);
            if (seen[s->id]) continue;
            seen[s->id] = 1;
            stack[depth++] = (Walk){s, 0};
        } else {
            g->order[--at] = w->b;
            depth--;
        }
    }
    g->norder = g->nblocks - at;
    memmove(g->order, g->order + at, g->norder * sizeof(Block *));
    for (uint32_t i = 0; i < g->norder; i++) g->order[i]->order = i + 1;
}

/* Predecessors that nothing reaches go, with their operands of phis. */
static void cut_unreachable(Graph *g) {
    for (uint32_t i = 0; i < g->norder; i++) {
        Block *b = g->order[i];
        uint32_t kept = 0;
        for (uint32_t p = 0; p < b->npred; p++) {
            if (b->pred[p]->order == 0) continue;
            for (GNode *n = b->first; n != NULL && n->op == N_PHI; n = n->next) n->in[kept] = n->in[p];
            b->pred[kept++] = b->pred[p];
        }
        if (kept == b->npred) continue;
        for (GNode *n = b->first; n != NULL && n->op == N_PHI; n = n->next) n->nin = kept;
        b->npred = kept;
    }
}

static Block *common_dominator(Block *a, Block *b) {
    while (a != b) {
        while (a->order > b->order) a = a->idom;
        while (b->order > a->order) b = b->idom;
    }
    return a;
}

static void find_dominators(Graph *g) {
    for (uint32_t i = 0; i < g->norder; i++) g->order[i]->idom = NULL;
    Block *root = g->blocks[0];
    root->idom = root;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 1; i < g->norder; i++) {
            Block *b = g->order[i], *d = NULL;
            for (uint32_t p = 0; p < b->npred; p++) {
                if (b->pred[p]->idom == NULL) continue;
                d = d == NULL ? b->pred[p] : common_dominator(d, b->pred[p]);
            }
            changed |= d != b->idom;
            b->idom = d;
        }
    }
    root->depth = 0;
    for (uint32_t i = 1; i < g->norder; i++) /* of damaged graphs, which the verifier is going to name */
        if (g->order[i]->idom == NULL) g->order[i]->idom = root;
    for (uint32_t i = 1; i < g->norder; i++) g->order[i]->depth = g->order[i]->idom->depth + 1;
}

bool block_dominates(const Block *a, const Block *b) {
    while (b->depth > a->depth) b = b->idom;
    return a == b;
}

/* The natural loop of a header: all that reaches one of its latches without passing it. Inner loops
 * are found first, so whoever has no loop yet belongs to this one. */
static void mark_loop(Block *header, Block **work, uint8_t *in_loop) {
    uint32_t n = 0;
    in_loop[header->id] = 1;
    if (header->loop == NULL) header->loop = header;
    for (uint32_t p = 0; p < header->npred; p++)
        if (block_dominates(header, header->pred[p])) work[n++] = header->pred[p];
    while (n > 0) {
        Block *b = work[--n];
        if (in_loop[b->id]) continue;
        in_loop[b->id] = 1;
        if (b->loop == NULL) b->loop = header;
        else if (b->loop == b && b->outer == NULL) b->outer = header;
        for (uint32_t p = 0; p < b->npred; p++)
            if (!in_loop[b->pred[p]->id]) work[n++] = b->pred[p];
    }
}

static bool heads_loop(const Block *b) {
    for (uint32_t p = 0; p < b->npred; p++)
        if (block_dominates(b, b->pred[p])) return true;
    return false;
}

static void find_loops(Graph *g) {
    uint32_t edges = 0;
    for (uint32_t i = 0; i < g->norder; i++) edges += g->order[i]->npred;
    Block **work = arena_alloc(g->arena, (edges + g->nblocks) * sizeof(Block *));
    uint8_t *in_loop = arena_alloc(g->arena, g->nblocks);
    for (uint32_t i = 0; i < g->norder; i++) {
        Block *b = g->order[i];
        b->loop = b->outer = NULL;
        b->loop_header = heads_loop(b);
    }
    for (uint32_t i = g->norder; i-- > 0;) {
        if (!g->order[i]->loop_header) continue;
        memset(in_loop, 0, g->nblocks);
        mark_loop(g->order[i], work, in_loop);
    }
    for (uint32_t i = 0; i < g->norder; i++) {
        Block *b = g->order[i];
        b->loop_depth = 0;
        for (Block *l = b->loop; l != NULL; l = l->outer) b->loop_depth++;
    }
}

bool block_in_loop(const Block *b, const Block *header) {
    for (const Block *l = b->loop; l != NULL; l = l->outer)
        if (l == header) return true;
    return false;
}

void graph_order(Graph *g) {
    number_blocks(g);
    cut_unreachable(g);
    find_dominators(g);
    find_loops(g);
}

bool graph_is_captured(const Graph *g, uint64_t reg) {
    const JitFunction *f = g->function;
    bool inlined = reg < 64 * CAPTURED_WORDS ? g->captured[reg / 64] >> reg % 64 & 1 : true;
    return inlined || (reg < f->maxstack && (f->captured == NULL || f->captured[reg]));
}

const JitChild *graph_child(const Graph *g, const GNode *n) {
    const JitFunction *f = n->function != NULL ? n->function : g->function;
    return closure_number(n) < f->nchildren ? &f->children[closure_number(n)] : NULL;
}

/* ----------------------------------------------------------------------------------- replacements */

static void resolve_state(State *s) {
    for (; s != NULL; s = s->caller)
        for (unsigned r = 0; r < s->nregs; r++) s->reg[r] = node_resolve(s->reg[r]);
}

void graph_apply_replacements(Graph *g) {
    for (uint32_t i = 0; i < g->nblocks; i++) {
        Block *b = g->blocks[i];
        resolve_state(b->before);
        for (GNode *n = b->first; n != NULL; n = n->next) {
            for (uint32_t k = 0; k < n->nin; k++) n->in[k] = node_resolve(n->in[k]);
            resolve_state(n->state);
        }
    }
}

void graph_remove_replaced(Graph *g) {
    for (uint32_t i = 0; i < g->nblocks; i++) {
        for (GNode *n = g->blocks[i]->first, *next; n != NULL; n = next) {
            next = n->next;
            if (n->replaced != NULL) node_remove(n);
        }
    }
}
