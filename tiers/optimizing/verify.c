// SPDX-License-Identifier: MIT
/* Checks the rules of graph.h; names the node that breaks one. */
#include <stdarg.h>
#include <string.h>

#include "tiers/optimizing/graph.h"

typedef struct Checker {
    Graph *g;
    char *message;
    uint32_t *placed; /* by node: 0: in no block; else numbers in the order of each block */
} Checker;

static bool fault(Checker *c, const GNode *n, const char *format, ...) {
    enum { SIZE = 256 };
    c->message = arena_alloc(c->g->arena, SIZE);
    int used = n != NULL ? snprintf(c->message, SIZE, "node %u (%s) in block %u: ", n->id, op_info[n->op].name, n->block ? n->block->id : 0) : 0;
    va_list args;
    va_start(args, format);
    vsnprintf(c->message + used, SIZE - (size_t)used, format, args);
    va_end(args);
    return false;
}

static bool is_placed(const Checker *c, const GNode *x) { return x->id < c->g->nnodes && c->placed[x->id]; }

/* x is available where `at` stands; at a block's end if `at` is NULL */
static bool available(const Checker *c, const GNode *x, const Block *b, const GNode *at) {
    if (x->block == NULL) return false;
    if (x->block != b) return block_dominates(x->block, b);
    return at == NULL || c->placed[x->id] < c->placed[at->id];
}

static bool check_type(Checker *c, const GNode *n, const GNode *x, unsigned wanted) {
    if (x == NULL) return fault(c, n, "an operand is missing");
    if (x->type == T_NONE) return fault(c, n, "operand %u has no value", x->id);
    if (wanted == T_COUNT || wanted == x->type) return true;
    if (wanted == T_VALUE && type_is_lua(x->type)) return true;
    return fault(c, n, "operand %u is %s, not %s", x->id, type_names[x->type], type_names[wanted]);
}

static bool check_phi(Checker *c, const GNode *n) {
    if (n->prev != NULL && n->prev->op != N_PHI) return fault(c, n, "phi behind other nodes");
    if (n->nin != n->block->npred) return fault(c, n, "%u operands for %u predecessors", n->nin, n->block->npred);
    for (uint32_t p = 0; p < n->nin; p++) {
        if (!check_type(c, n, n->in[p], n->type)) return false;
        if (!is_placed(c, n->in[p]) || !available(c, n->in[p], n->block->pred[p], NULL))
            return fault(c, n, "operand %u is not available at the end of block %u", n->in[p]->id, n->block->pred[p]->id);
    }
    return true;
}

static bool check_operands(Checker *c, const GNode *n) {
    const OpInfo *info = &op_info[n->op];
    if (n->op == N_PHI) return check_phi(c, n);
    if (n->nin != info->nin && !(info->flags & F_ANY)) return fault(c, n, "%u operands", n->nin);
    for (uint32_t i = 0; i < n->nin; i++) {
        if (!check_type(c, n, n->in[i], info->flags & F_ANY ? (unsigned)T_COUNT : info->in[i])) return false;
        if (!is_placed(c, n->in[i]) || !available(c, n->in[i], n->block, n)) return fault(c, n, "operand %u does not dominate it", n->in[i]->id);
    }
    return true;
}

static bool check_state(Checker *c, const GNode *n, const State *s) {
    for (; s != NULL; s = s->caller) {
        if (s->pc >= s->function->ninsns) return fault(c, n, "state at instruction %u of %u", s->pc, s->function->ninsns);
        for (unsigned r = 0; r < s->nregs; r++) {
            const GNode *x = s->reg[r];
            if (x == NULL) continue;
            if (!type_is_lua(x->type)) return fault(c, n, "register %u of its state is %s", r, type_names[x->type]);
            if (!is_placed(c, x) || !available(c, x, n->block, n)) return fault(c, n, "register %u of its state, node %u, does not dominate it", r, x->id);
        }
    }
    return true;
}

static bool check_node(Checker *c, const GNode *n) {
    const OpInfo *info = &op_info[n->op];
    if (n->replaced != NULL) return fault(c, n, "was replaced");
    if (info->type != T_COUNT && n->type != info->type) return fault(c, n, "has type %s", type_names[n->type]);
    if ((n->state != NULL) != node_exits(n)) return fault(c, n, n->state ? "has a state" : "has no state");
    if (node_ends(n) != (n->next == NULL)) return fault(c, n, n->next ? "ends the block too early" : "is last and no terminator");
    return check_operands(c, n) && check_state(c, n, n->state);
}

static bool check_edges(Checker *c, const Block *b) {
    unsigned wanted = b->last == NULL ? 0 : b->last->op == N_GOTO ? 1 : b->last->op == N_BRANCH ? 2 : 0;
    if (b->last == NULL) return fault(c, NULL, "block %u is empty", b->id);
    if (b->nsucc != wanted) return fault(c, b->last, "%u successors", b->nsucc);
    for (uint32_t s = 0; s < b->nsucc; s++) {
        const Block *to = b->succ[s];
        uint32_t p = 0;
        while (p < to->npred && to->pred[p] != b) p++;
        if (p == to->npred) return fault(c, b->last, "block %u does not know it as predecessor", to->id);
        if (b->nsucc == 2 && to->npred != 1) return fault(c, b->last, "critical edge to block %u", to->id);
    }
    return true;
}

static bool check_block(Checker *c, const Block *b) {
    if (b->id != 0 && !check_edges(c, b)) return false;
    for (const GNode *n = b->first; n != NULL; n = n->next) {
        if (n->block != b) return fault(c, n, "is listed in block %u", b->id);
        if (b->id == 0 ? !node_is_const(n) : !check_node(c, n)) return b->id == 0 ? fault(c, n, "is no constant") : false;
    }
    return true;
}

const char *graph_verify(Graph *g) {
    Checker c = {.g = g};
    graph_order(g);
    uint32_t placed = 0;
    c.placed = arena_alloc(g->arena, (g->nnodes + 1) * sizeof(uint32_t));
    for (uint32_t i = 0; i < g->norder; i++)
        for (const GNode *n = g->order[i]->first; n != NULL; n = n->next) c.placed[n->id] = ++placed;
    for (uint32_t i = 0; i < g->norder; i++)
        if (!check_block(&c, g->order[i])) return c.message;
    return NULL;
}
