// SPDX-License-Identifier: MIT
/* Loop-invariant code motion: what does not change in a loop is computed before it, guards above all.
 *
 *        outside: ... <- here
 *           |
 *        header: before <---+       inner loops first; what went before an inner loop
 *           |               |       may go on before the next one
 *         latch ------------+
 *
 * A node may go if its operands stand outside, nothing in the loop writes what it reads, and it is safe to compute
 * there. Arithmetic always is. A load that relies on a test (a field on the shape, an element on its
 * bounds) is safe if every test on that which stands before it in the iteration has gone too: so the
 * tests that stay are noted (Tested), and what relies on them stays as well.
 *
 * A guard goes if its test went and every iteration meets it; where it fails then, the interpreter begins the
 * loop (Block.before). One that not every iteration meets stays: it might fail, again and again, for a path that
 * is never taken. The way into an inner loop counts as met by every iteration around it (`usually`), but not for what an
 * empty array fails: loops over those are entered not once.
 *
 * Rules
 *  1. `usually` holds for a block of the loop => its dominators in the loop were visited before it.
 *  2. A node is moved behind all that was moved before, so operands stay in front of their users.
 */
#include <string.h>

#include "tiers/optimizing/graph.h"

/* What a test is about, and a load relies on. */
enum { ON_TYPE = 1, ON_SHAPE = 2, ON_ARRAY = 4, ON_NUMBER = 8, ON_NULL = 16, ON_CLOSURE = 32, ON_ANY = 63 };

/* Writes that are told apart from others in their part of the world */
typedef struct Writes {
    unsigned world;       /* E_*: anything in it */
    uint64_t slots[4];    /* PUT_SLOT, by register */
    uint64_t fields;      /* PUT_FIELD and PUT_FAR_FIELD, by a hash of the place */
    unsigned elements;    /* PUT_ELEM, PUT_TAGGED, by kind */
} Writes;

typedef struct Tested {
    uint32_t loop;        /* number of the loop that this holds for */
    unsigned about;
} Tested;

typedef struct Hoist {
    Graph *g;
    Tested *tested;       /* by node: tests of it that stay */
    unsigned stays;       /* what tests that stay are about */
    uint32_t *always, *usually; /* by block: number of the loop whose every iteration passes it; or enters an inner loop by it */
    uint32_t number;      /* of the loop; 0: none */
    Block *header, *outside;
    Writes writes;
    bool changed;
} Hoist;

/* ------------------------------------------------------------------------------------- preheaders */

static bool is_latch(const Block *header, const Block *pred) { return block_dominates(header, pred); }

static uint32_t count_outside(const Block *header) {
    uint32_t n = 0;
    for (uint32_t p = 0; p < header->npred; p++) n += !is_latch(header, header->pred[p]);
    return n;
}

/* The block that leads into the loop and nowhere else, or NULL. */
static Block *find_outside(const Block *header) {
    if (count_outside(header) != 1) return NULL;
    uint32_t p = 0;
    while (is_latch(header, header->pred[p])) p++;
    Block *b = header->pred[p];
    return b->id != 0 && b->last->op == N_GOTO ? b : NULL;
}

static void retarget(Graph *g, Block *from, const Block *old, Block *to) {
    for (uint32_t s = 0; s < from->nsucc; s++)
        if (from->succ[s] == old) from->succ[s] = to;
    for (uint32_t e = 0; from->id == 0 && e < g->nentries; e++)
        if (g->entries[e].block == old) g->entries[e].block = to;
}

/* Operands from outside meet in a phi of the new block. */
static void split_phi(Graph *g, GNode *phi, const Block *header, Block *made) {
    GNode *outer = node_make(g, N_PHI, 0, phi->pc);
    uint32_t kept = 0;
    outer->type = phi->type;
    outer->imm = phi->imm;
    for (uint32_t p = 0; p < header->npred; p++) {
        if (is_latch(header, header->pred[p])) phi->in[kept++] = phi->in[p];
        else phi_add(g, outer, phi->in[p]);
    }
    phi->in[kept] = outer;
    phi->nin = kept + 1;
    node_append(made, outer);
}

static void make_outside(Graph *g, Block *header) {
    Block *made = graph_block(g, header->pc);
    uint32_t kept = 0;
    made->pred = arena_alloc(g->arena, header->npred * sizeof(Block *));
    for (GNode *n = header->first; n != NULL && n->op == N_PHI; n = n->next) split_phi(g, n, header, made);
    for (uint32_t p = 0; p < header->npred; p++) {
        Block *from = header->pred[p];
        if (is_latch(header, from)) {
            header->pred[kept++] = from;
        } else {
            made->pred[made->npred++] = from;
            retarget(g, from, header, made);
        }
    }
    header->pred[kept] = made;
    header->npred = kept + 1;
    made->cappred = made->npred;
    made->succ[made->nsucc++] = header;
    node_append(made, node_make(g, N_GOTO, 0, header->pc));
    header->before = NULL; /* it may speak of nodes on one of several ways */
}

/* Every loop gets a block in front of it. */
static bool make_all_outside(Graph *g) {
    bool made = false;
    for (uint32_t i = 0; i < g->norder; i++) {
        Block *b = g->order[i];
        if (!b->loop_header || find_outside(b) != NULL) continue;
        make_outside(g, b);
        made = true;
    }
    return made;
}

/* ------------------------------------------------------------------------------------------ effects */

static unsigned slot_bit(const GNode *n) { return (unsigned)n->imm.u & 255; }

static uint64_t field_bit(const GNode *n) {
    bool far = n->op == N_FAR_FIELD || n->op == N_PUT_FAR_FIELD;
    return UINT64_C(1) << ((n->imm.u / sizeof(TValue) + 31 * far) & 63);
}

enum { INTS = 1, FLTS = 2, TAGGED = 4 };

/* Arrays of different kinds are different arrays. */
static unsigned elements_of(const GNode *n) {
    switch (n->op) {
        case N_ELEM_INT: return INTS;
        case N_ELEM_FLT: return FLTS;
        case N_ELEM_TAGGED: case N_PUT_TAGGED: return TAGGED;
        case N_PUT_ELEM: return n->in[2]->type == T_INT ? INTS : FLTS;
        default: return INTS | FLTS | TAGGED;
    }
}

static void note_write(Writes *w, const GNode *n) {
    switch (n->op) {
        case N_PUT_SLOT: w->slots[slot_bit(n) >> 6] |= UINT64_C(1) << (slot_bit(n) & 63); break;
        case N_PUT_FIELD: case N_PUT_FAR_FIELD: w->fields |= field_bit(n); break;
        case N_INIT_FIELD: case N_INIT_SHAPE: break; /* of tables that are not there before the loop */
        case N_PUT_ELEM: case N_PUT_TAGGED: w->elements |= elements_of(n); break;
        default: w->world |= op_info[n->op].writes;
    }
}

/* Is something written of what n reads? */
static bool is_written(const Writes *w, const GNode *n) {
    unsigned reads = op_info[n->op].reads;
    if (reads & w->world) return true;
    switch (n->op) {
        case N_SLOT: return w->slots[slot_bit(n) >> 6] >> (slot_bit(n) & 63) & 1;
        case N_UPVAL_OF: case N_EXTRA_AT: return (w->slots[0] | w->slots[1] | w->slots[2] | w->slots[3]) != 0;
        case N_FIELD: case N_FAR_FIELD: return (w->fields & field_bit(n)) != 0;
        default: return ((reads & E_SLOT) && w->fields) || ((reads & E_ELEM) && (w->elements & elements_of(n)));
    }
}

/* -------------------------------------------------------------------------------------------- tests */

static GNode *origin(GNode *x) {
    while (x->op == N_UNTAG) x = x->in[0];
    return x;
}

static void note_about(Hoist *h, GNode *x, unsigned about, unsigned depth) {
    for (; !node_is_const(x) || x->op == N_OBJECT; x = x->in[0]) {
        Tested *t = &h->tested[x->id];
        if (t->loop != h->number) *t = (Tested){h->number, 0};
        t->about |= about;
        if ((x->op == N_IADD || x->op == N_ISUB) && depth > 0)
            for (uint32_t i = 0; i < x->nin; i++) note_about(h, x->in[i], about, depth - 1);
        if (x->op != N_UNTAG) return;
    }
}

static unsigned test_about(const GNode *test) {
    switch (test->op) {
        case N_HAS_TAG: case N_IS_STR: case N_IS_NUM: case N_TRUTH: return ON_TYPE;
        case N_HAS_SHAPE: case N_NO_METATABLE: return ON_SHAPE;
        case N_KIND_IS: return ON_ARRAY;
        case N_IEQ: case N_ILT: case N_ILE: case N_ULT: return ON_NUMBER;
        case N_NOT_NULL: return ON_NULL;
        case N_CLOSURE_IS: return ON_CLOSURE;
        default: return ON_ANY;
    }
}

/* This test stays in the loop; what it is about is known behind it only. */
static void note_test(Hoist *h, const GNode *test) {
    while (test->op == N_NOT) test = test->in[0];
    unsigned about = test_about(test);
    h->stays |= about;
    for (uint32_t i = 0; i < test->nin; i++) note_about(h, test->in[i], about, 3);
}

static bool is_tested(const Hoist *h, const GNode *x, unsigned about) {
    const Tested *t = &h->tested[x->id], *o = &h->tested[origin((GNode *)(uintptr_t)x)->id];
    return (t->loop == h->number && (t->about & about)) || (o->loop == h->number && (o->about & about));
}

/* Would n be computed without a test that makes it safe? */
static bool relies_on_tests(const Hoist *h, const GNode *n) {
    switch (n->op) {
        case N_UNTAG: case N_STR_ORDER: case N_STR_LEN: return is_tested(h, n->in[0], ON_TYPE) || is_tested(h, n->in[n->nin - 1], ON_TYPE);
        case N_FIELD: case N_FAR_FIELD: return is_tested(h, n->in[0], ON_SHAPE);
        case N_STR_BYTE: return is_tested(h, n->in[0], ON_TYPE) || is_tested(h, n->in[1], ON_NUMBER);
        case N_FETCH: return is_tested(h, n->in[0], ON_NULL);
        case N_IDIV: case N_IMOD: case N_UDIV: return is_tested(h, n->in[1], ON_NUMBER);
        case N_ELEM_INT: case N_ELEM_FLT: case N_ELEM_TAGGED: case N_ELEM_ANY:
            return is_tested(h, n->in[0], ON_ARRAY) || is_tested(h, n->in[1], ON_NUMBER);
        case N_UPVAL_OF: case N_FIXED_UPVAL_OF: return is_tested(h, n->in[0], ON_CLOSURE);
        case N_FIXED_FIELD: return (h->stays & ON_SHAPE) != 0; /* and the epoch: its test is about anything */
        default: return h->stays != 0;
    }
}

/* ------------------------------------------------------------------------------------------ motion */

typedef enum Price { CHEAP, DEAR, RELIANT } Price;

/* CHEAP: may be computed for iterations that would not; RELIANT: some test makes it safe. */
static Price price(const GNode *n) {
    switch (n->op) {
        case N_HAS_SHAPE: case N_NO_METATABLE: case N_LOOKUPS_HOLD: case N_CLOSURE_IS: case N_HAS_ROOM: case N_MAY_NEST: case N_UPVAL: case N_ARRAY:
        case N_KIND_IS: case N_ABASE: case N_ALEN: case N_ACAP: return CHEAP;
        case N_FMOD: case N_FPOW: case N_LIBM: case N_LIBM2: case N_RAW_EQUAL: case N_LENGTH: case N_SLOT: return DEAR;
        case N_UNTAG: return RELIANT;
        default: return op_info[n->op].flags & F_FLOATS ? CHEAP : RELIANT;
    }
}

static bool is_outside(const Hoist *h, const GNode *x) { return !block_in_loop(x->block, h->header); }

static bool operands_outside(const Hoist *h, const GNode *n) {
    for (uint32_t i = 0; i < n->nin; i++)
        if (!is_outside(h, n->in[i])) return false;
    return true;
}

static bool may_go(const Hoist *h, const GNode *n, bool usually) {
    const OpInfo *info = &op_info[n->op];
    if (n->op == N_PHI || (info->flags & (F_KEEP | F_EXIT | F_END)) || info->writes || !operands_outside(h, n)) return false;
    if (is_written(&h->writes, n)) return false;
    switch (price(n)) {
        case CHEAP: return usually || !n->block->cold;
        case DEAR: return usually;
        default: return usually && !relies_on_tests(h, n);
    }
}

static void move(Hoist *h, GNode *n) {
    node_remove(n);
    node_insert_before(h->outside->last, n);
    h->changed = true;
}

/* Tests that a loop over an empty array would not meet */
static bool is_about_contents(const GNode *test) { return test->op == N_KIND_IS || test_about(test) == ON_NUMBER; }

static void visit_guard(Hoist *h, GNode *n, bool always) {
    bool goes = is_outside(h, n->in[0]) && h->header->before != NULL && (always || !is_about_contents(n->in[0]));
    if (goes && graph_may(h->g)) {
        move(h, n);
        n->state = h->header->before;
    } else {
        note_test(h, n->in[0]);
    }
}

static void visit_block(Hoist *h, Block *b) {
    bool always = h->always[b->id] == h->number, usually = h->usually[b->id] == h->number;
    for (GNode *n = b->first, *next; n != NULL; n = next) {
        next = n->next;
        if (n->op == N_GUARD && usually) visit_guard(h, n, always);
        else if (n->op == N_BRANCH && usually) note_test(h, n->in[0]);
        else if (may_go(h, n, usually) && graph_may(h->g)) move(h, n);
    }
}

/* ------------------------------------------------------------------------------------------- loops */

static Block *common_dominator(Block *a, Block *b) {
    while (a != b) {
        if (a->depth < b->depth) b = b->idom;
        else a = a->idom;
    }
    return a;
}

static void mark_always(Hoist *h) {
    Block *b = NULL;
    for (uint32_t p = 0; p < h->header->npred; p++) {
        Block *pred = h->header->pred[p];
        if (is_latch(h->header, pred)) b = b == NULL ? pred : common_dominator(b, pred);
    }
    for (; b != h->header; b = b->idom) h->always[b->id] = h->usually[b->id] = h->number;
    h->always[b->id] = h->usually[b->id] = h->number;
}

/* The way into an inner loop that usually runs. */
static bool enters_inner(const Hoist *h, const Block *b) {
    if (b->nsucc != 1 || !b->succ[0]->loop_header || b->npred != 1 || b->succ[0]->loop != b->succ[0] || b->loop == b->succ[0]) return false;
    const Block *from = b->pred[0];
    return h->usually[from->id] == h->number && from->last->op == N_BRANCH && from->last->imm.i == (from->succ[0] == b ? 1 : 2);
}

static void collect_writes(Hoist *h, Block *const *blocks, uint32_t n) {
    h->writes = (Writes){0};
    for (uint32_t i = 0; i < n; i++)
        for (const GNode *x = blocks[i]->first; x != NULL; x = x->next) note_write(&h->writes, x);
}

static void hoist_from(Hoist *h, Block *header, Block *const *blocks, uint32_t n) {
    h->header = header;
    h->outside = find_outside(header);
    if (h->outside == NULL) return;
    h->number++;
    h->stays = 0;
    collect_writes(h, blocks, n);
    mark_always(h);
    for (uint32_t i = 0; i < n; i++) {
        if (enters_inner(h, blocks[i])) h->usually[blocks[i]->id] = h->number;
        visit_block(h, blocks[i]);
    }
}

/* The blocks of every loop, in order: one vector, with its parts by header. */
typedef struct Members {
    Block **blocks;
    uint32_t *first, *count; /* by id of the header */
} Members;

static Members find_members(Graph *g) {
    uint32_t total = 0, at = 0;
    for (uint32_t i = 0; i < g->norder; i++) total += g->order[i]->loop_depth;
    Members m = {.blocks = arena_alloc(g->arena, (total + 1) * sizeof(Block *)),
                 .first = arena_alloc(g->arena, g->nblocks * sizeof(uint32_t)),
                 .count = arena_alloc(g->arena, g->nblocks * sizeof(uint32_t))};
    for (uint32_t i = 0; i < g->norder; i++)
        for (const Block *l = g->order[i]->loop; l != NULL; l = l->outer) m.count[l->id]++;
    for (uint32_t id = 0; id < g->nblocks; id++) {
        m.first[id] = at;
        at += m.count[id];
        m.count[id] = 0;
    }
    for (uint32_t i = 0; i < g->norder; i++)
        for (const Block *l = g->order[i]->loop; l != NULL; l = l->outer) m.blocks[m.first[l->id] + m.count[l->id]++] = g->order[i];
    return m;
}

bool pass_hoist(Graph *g) {
    Hoist h = {.g = g, .changed = make_all_outside(g)};
    if (h.changed) graph_order(g);
    Members m = find_members(g);
    h.tested = arena_alloc(g->arena, (g->nnodes + 1) * sizeof(Tested));
    h.always = arena_alloc(g->arena, g->nblocks * sizeof(uint32_t));
    h.usually = arena_alloc(g->arena, g->nblocks * sizeof(uint32_t));
    for (uint32_t i = g->norder; i-- > 0;) { /* inner headers come after outer ones */
        Block *b = g->order[i];
        if (b->loop_header) hoist_from(&h, b, m.blocks + m.first[b->id], m.count[b->id]);
    }
    return h.changed;
}
