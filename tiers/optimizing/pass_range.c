// SPDX-License-Identifier: MIT
/* Bounds checks of counted loops, made once before the loop.
 *
 * A numeric for loop over integers counts a phi `left` down to 0 while its index phi i goes up by 1; so i runs over
 * first .. first + left0. A guard ULT(i + c, n), n from outside, holds in all iterations if
 *
 *     first + c < n   and   left0 < n - (first + c)        (unsigned)
 *
 * which become two guards before the loop. The guard inside goes. It must be one that every
 * iteration passes: else it would be asked of iterations that never come to it. */
#include "tiers/optimizing/graph.h"

typedef struct Counted {
    Graph *g;
    Block *header, *outside, *latch;
    GNode *index, *left; /* phis */
    GNode *first, *count; /* their values from outside */
} Counted;

static bool is_step(const GNode *n, const GNode *phi, Op op, int64_t by) {
    return n->op == op && n->in[0] == phi && n->in[1]->op == N_INT && n->in[1]->imm.i == by;
}

static bool steps(const GNode *n, const GNode *phi, int64_t by) {
    return is_step(n, phi, N_IADD, by) || is_step(n, phi, N_ISUB, -by);
}

static bool find_outside(Counted *c) {
    if (c->header->npred != 2 || c->header->before == NULL) return false;
    unsigned in = block_dominates(c->header, c->header->pred[0]) ? 1 : 0;
    c->outside = c->header->pred[in];
    c->latch = c->header->pred[1 - in];
    return c->outside->id != 0 && c->outside->last->op == N_GOTO && block_dominates(c->header, c->latch);
}

/* The loop goes on only where left != 0: the latch is behind that test. */
static bool counts_down(const Counted *c, const GNode *left) {
    for (const Block *b = c->latch; b != c->header && b != NULL; b = b->idom) {
        if (b->npred != 1 || b->pred[0]->last->op != N_BRANCH || b->pred[0]->succ[0] != b) continue;
        const GNode *test = b->pred[0]->last->in[0];
        if (test->op != N_NOT || test->in[0]->op != N_IEQ) continue;
        const GNode *eq = test->in[0];
        if (eq->in[0] == left && eq->in[1]->op == N_INT && eq->in[1]->imm.i == 0) return true;
    }
    return false;
}

static bool find_phis(Counted *c) {
    unsigned in = c->header->pred[0] == c->outside ? 0 : 1;
    for (GNode *n = c->header->first; n != NULL && n->op == N_PHI; n = n->next) {
        if (n->type != T_INT) continue;
        if (c->left == NULL && steps(n->in[1 - in], n, -1) && counts_down(c, n)) {
            c->left = n;
            c->count = n->in[in];
        } else if (c->index == NULL && steps(n->in[1 - in], n, 1)) {
            c->index = n;
            c->first = n->in[in];
        }
    }
    return c->left != NULL && c->index != NULL;
}

/* The index and what is added to it, of x = index + c1 + ... - something from outside. */
static bool is_affine(const Counted *c, GNode *x, unsigned depth) {
    if (x == c->index) return true;
    if (depth == 0 || (x->op != N_IADD && x->op != N_ISUB) || block_in_loop(x->in[1]->block, c->header)) return false;
    return is_affine(c, x->in[0], depth - 1);
}

static GNode *add_outside(Counted *c, Op op, GNode *x, GNode *y) {
    GNode *n = node_make(c->g, op, 2, c->header->pc);
    n->in[0] = x;
    n->in[1] = y;
    node_insert_before(c->outside->last, n);
    return n;
}

static GNode *at_first(Counted *c, GNode *x) {
    if (x == c->index) return c->first;
    return add_outside(c, (Op)x->op, at_first(c, x->in[0]), x->in[1]);
}

static void guard_outside(Counted *c, GNode *test, const GNode *like) {
    GNode *n = node_make(c->g, N_GUARD, 1, like->pc);
    n->in[0] = test;
    n->reason = like->reason;
    n->state = c->header->before;
    node_insert_before(c->outside->last, n);
}

static bool always_passed(const Counted *c, const Block *b) { return block_dominates(b, c->latch); }

static bool visit_guard(Counted *c, GNode *n) {
    GNode *test = n->in[0];
    if (test->op != N_ULT || block_in_loop(test->in[1]->block, c->header) || test->in[0] == c->first) return false;
    if (!is_affine(c, test->in[0], 4) || !graph_may(c->g)) return false;
    GNode *first = at_first(c, test->in[0]), *n_ = test->in[1];
    guard_outside(c, add_outside(c, N_ULT, first, n_), n);
    guard_outside(c, add_outside(c, N_ULT, c->count, add_outside(c, N_ISUB, n_, first)), n);
    return true;
}

static bool visit_loop(Graph *g, Block *header) {
    Counted c = {.g = g, .header = header};
    bool changed = false;
    if (!find_outside(&c) || !find_phis(&c)) return false;
    for (uint32_t i = 0; i < g->norder; i++) {
        Block *b = g->order[i];
        if (!block_in_loop(b, header) || !always_passed(&c, b)) continue;
        for (GNode *n = b->first, *next; n != NULL; n = next) {
            next = n->next;
            if (n->op != N_GUARD || !visit_guard(&c, n)) continue;
            node_remove(n);
            changed = true;
        }
    }
    return changed;
}

bool pass_range(Graph *g) {
    bool changed = false;
    for (uint32_t i = g->norder; i-- > 0;)
        if (g->order[i]->loop_header) changed |= visit_loop(g, g->order[i]);
    return changed;
}
