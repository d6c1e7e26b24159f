// SPDX-License-Identifier: MIT
/* What does not change in a loop is computed before it, inner loops first.
 *
 * A node may go if its operands stand outside, nothing in the loop writes what it reads, and it
 * may be computed in vain: either it touches no memory, or all guards that made it safe go
 * before it. A guard may go if its test went and it is met in every iteration; should it fail there, the
 * interpreter begins the loop (Block.before).
 *
 * So the walk goes through the blocks that every iteration passes, in order; the operands of guards
 * that stay are tainted, and what reads memory through a tainted value stays too. */
#include "tiers/optimizing/graph.h"

typedef struct Hoist {
    Graph *g;
    Block *header, *outside; /* outside: the block before the loop */
    unsigned writes;         /* of the loop */
    bool changed;
} Hoist;

static GNode *origin(GNode *x) {
    while (x->op == N_UNTAG) x = x->in[0];
    return x;
}

static bool is_outside(const Hoist *h, const GNode *x) { return !block_in_loop(x->block, h->header); }

static bool operands_outside(const Hoist *h, const GNode *n) {
    for (uint32_t i = 0; i < n->nin; i++)
        if (!is_outside(h, n->in[i])) return false;
    return true;
}

static bool tainted(const GNode *n) {
    for (uint32_t i = 0; i < n->nin; i++)
        if (origin(n->in[i])->mark || n->in[i]->mark) return true;
    return false;
}

/* Whatever a test is about. */
static void taint(GNode *test, unsigned depth) {
    test->mark = 1;
    origin(test)->mark = 1;
    for (uint32_t i = 0; i < test->nin && depth > 0 && test->op != N_PHI; i++) taint(test->in[i], depth - 1);
}

static void move(Hoist *h, GNode *n) {
    node_remove(n);
    node_insert_before(h->outside->last, n);
    h->changed = true;
}

static void visit_guard(Hoist *h, GNode *n) {
    if (is_outside(h, n->in[0]) && h->header->before != NULL && graph_may(h->g)) {
        move(h, n);
        n->state = h->header->before;
    } else {
        taint(n->in[0], 3);
    }
}

static bool may_move(const Hoist *h, const GNode *n, bool always) {
    const OpInfo *info = &op_info[n->op];
    if (n->op == N_PHI || n->op == N_SLOT || (info->flags & (F_KEEP | F_EXIT | F_END)) || info->writes != 0 || !operands_outside(h, n)) return false;
    if (info->flags & F_FLOATS) return true;
    return always && !(info->reads & h->writes) && !tainted(n);
}

static void visit_block(Hoist *h, Block *b, bool always) {
    for (GNode *n = b->first, *next; n != NULL; n = next) {
        next = n->next;
        if (n->op == N_GUARD && always) visit_guard(h, n);
        else if (may_move(h, n, always) && graph_may(h->g)) move(h, n);
    }
}

/* Does every iteration pass b? */
static bool always_passed(const Block *header, const Block *b) {
    for (uint32_t p = 0; p < header->npred; p++)
        if (block_dominates(header, header->pred[p]) && !block_dominates(b, header->pred[p])) return false;
    return true;
}

/* The one way into the loop; NULL: there are several. */
static Block *find_outside(const Block *header) {
    Block *outside = NULL;
    for (uint32_t p = 0; p < header->npred; p++) {
        if (block_dominates(header, header->pred[p])) continue;
        if (outside != NULL) return NULL;
        outside = header->pred[p];
    }
    return outside != NULL && outside->id != 0 && outside->last->op == N_GOTO ? outside : NULL;
}

static void hoist_from(Graph *g, Block *header, bool *changed) {
    Hoist h = {.g = g, .header = header, .outside = find_outside(header)};
    if (h.outside == NULL) return;
    for (uint32_t i = 0; i < g->norder; i++)
        for (GNode *n = g->order[i]->first; n != NULL; n = n->next) {
            n->mark = 0;
            if (block_in_loop(g->order[i], header)) h.writes |= op_info[n->op].writes;
        }
    for (uint32_t i = 0; i < g->norder; i++) {
        Block *b = g->order[i];
        if (block_in_loop(b, header)) visit_block(&h, b, always_passed(header, b));
    }
    *changed |= h.changed;
}

bool pass_hoist(Graph *g) {
    bool changed = false;
    for (uint32_t i = g->norder; i-- > 0;)
        if (g->order[i]->loop_header) hoist_from(g, g->order[i], &changed);
    return changed;
}
