// SPDX-License-Identifier: MIT
/* Dead code: marks what is needed from the nodes with effects, and removes the rest (Cytron et al., section 7.1,
 * without its control part). Constants stand in the root and go likewise. */
#include "tiers/optimizing/graph.h"

typedef struct Work {
    GNode **list;
    uint32_t n;
} Work;

static void need(Work *w, GNode *n) {
    if (n == NULL || n->mark) return;
    n->mark = 1;
    w->list[w->n++] = n;
}

static void need_state(Work *w, State *s) {
    for (; s != NULL; s = s->caller)
        for (unsigned r = 0; r < s->nregs; r++) need(w, s->reg[r]);
}

static void need_roots(Graph *g, Work *w) {
    for (uint32_t i = 0; i < g->norder; i++)
        for (GNode *n = g->order[i]->first; n != NULL; n = n->next) n->mark = 0;
    for (uint32_t i = 0; i < g->norder; i++) {
        need_state(w, g->order[i]->before);
        for (GNode *n = g->order[i]->first; n != NULL; n = n->next)
            if (op_info[n->op].flags & F_KEEP) need(w, n);
    }
}

bool pass_dead(Graph *g) {
    Work w = {arena_alloc(g->arena, (g->nnodes + 1) * sizeof(GNode *)), 0};
    bool changed = false;
    need_roots(g, &w);
    while (w.n > 0) {
        GNode *n = w.list[--w.n];
        for (uint32_t i = 0; i < n->nin; i++) need(&w, n->in[i]);
        need_state(&w, n->state);
    }
    for (uint32_t i = 0; i < g->norder; i++) {
        for (GNode *n = g->order[i]->first, *next; n != NULL; n = next) {
            next = n->next;
            if (n->mark) continue;
            node_remove(n);
            changed = true;
        }
    }
    return changed;
}
