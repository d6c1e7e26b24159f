// SPDX-License-Identifier: MIT
/* Folds everything there is to fold (fold.c has the rules for single nodes) and what follows for control:
 *
 *   phis       of one value go; those whose operands all have one type get that type; true and
 *              false at the ends of a branch are its condition
 *   guards     that always hold go; one that never holds becomes the EXIT of its block
 *   branches   on constants become GOTOs; a block with one way in that follows a GOTO is appended to
 *              the block of the GOTO
 *
 * Repeated while it changes something, at most MAX_ROUNDS times. */
#include <string.h>

#include "tiers/optimizing/graph.h"

enum { MAX_ROUNDS = 8 };

typedef struct Folder {
    Graph *g;
    bool changed;
} Folder;

static bool may(Folder *f) {
    if (!graph_may(f->g)) return false;
    f->changed = true;
    return true;
}

/* ------------------------------------------------------------------------------------- types of phis */

enum { TAGS_ALL = (1 << TAG_PROTO) - 1 };

static uint32_t tags_of_type(unsigned type) {
    if (type == T_VALUE) return TAGS_ALL;
    if (type == T_BOOL) return 1u << TAG_FALSE | 1u << TAG_TRUE;
    return type_tags[type] < TAG_COUNT ? 1u << type_tags[type] : 0;
}

/* Phis begin without any tag and get those of their operands until nothing is new: the least
 * solution, so a loop's phi does not stand in its own way. */
static bool add_tags(uint32_t *tags, const GNode *phi) {
    uint32_t before = tags[phi->id];
    for (uint32_t i = 0; i < phi->nin; i++) tags[phi->id] |= tags[node_resolve(phi->in[i])->id];
    return tags[phi->id] != before;
}

uint32_t *graph_tags(Graph *g) {
    uint32_t *tags = arena_alloc(g->arena, (g->nnodes + 1) * sizeof(uint32_t));
    for (uint32_t i = 0; i < g->norder; i++)
        for (GNode *n = g->order[i]->first; n != NULL; n = n->next)
            if (n->op != N_PHI || n->type != T_VALUE) tags[n->id] = tags_of_type(n->type);
    for (bool again = true; again;) {
        again = false;
        for (uint32_t i = 0; i < g->norder; i++)
            for (GNode *n = g->order[i]->first; n != NULL && n->op == N_PHI; n = n->next)
                if (n->type == T_VALUE) again |= add_tags(tags, n);
    }
    return tags;
}

static unsigned type_of_tags(uint32_t tags) {
    if (tags == tags_of_type(T_BOOL)) return T_BOOL;
    if (tags == 0 || (tags & (tags - 1)) != 0 || (tags & tags_of_type(T_BOOL))) return T_VALUE;
    return type_of_tag((unsigned)__builtin_ctz(tags));
}

static GNode *first_phi(const Block *b) { return b->first != NULL && b->first->op == N_PHI ? b->first : NULL; }
static GNode *next_phi(const GNode *n) { return n->next != NULL && n->next->op == N_PHI ? n->next : NULL; }

static unsigned known_type(const uint32_t *tags, const GNode *phi) {
    return phi->type == T_VALUE ? type_of_tags(tags[phi->id]) : phi->type;
}

/* All at once, since one may be an operand of the other. */
static void type_phis(Folder *f) {
    uint32_t *tags = graph_tags(f->g);
    bool any = false;
    for (uint32_t i = 0; i < f->g->norder && !any; i++)
        for (GNode *n = first_phi(f->g->order[i]); n != NULL; n = next_phi(n)) any |= known_type(tags, n) != n->type;
    if (!any || !may(f)) return;
    for (uint32_t i = 0; i < f->g->norder; i++)
        for (GNode *n = first_phi(f->g->order[i]); n != NULL; n = next_phi(n)) n->type = (uint8_t)known_type(tags, n);
}

/* --------------------------------------------------------------------------------------------- phis */

/* The one value that comes in, however often the phi itself does too. */
static GNode *only_operand(const GNode *phi) {
    GNode *x = NULL;
    for (uint32_t i = 0; i < phi->nin; i++) {
        if (phi->in[i] == phi || phi->in[i] == x) continue;
        if (x != NULL) return NULL;
        x = phi->in[i];
    }
    return x;
}

static bool bool_is(const GNode *n, bool x) { return n->op == N_BOOL && (n->imm.u & 1) == x; }

static const Block *only_pred(const Block *b) { return b->npred == 1 ? b->pred[0] : NULL; }

/* true and false from both sides of a branch: its condition, or the condition negated */
static GNode *condition(Folder *f, GNode *phi) {
    const Block *b = phi->block;
    if (phi->nin != 2 || phi->type != T_BOOL) return NULL;
    bool t = bool_is(phi->in[0], true);
    if (!t && !bool_is(phi->in[0], false)) return NULL;
    if (!bool_is(phi->in[1], !t)) return NULL;
    const Block *from = only_pred(b->pred[0]);
    if (from == NULL || from != only_pred(b->pred[1]) || from->last->op != N_BRANCH) return NULL;
    GNode *test = from->last->in[0];
    if ((from->succ[0] == b->pred[0]) == t) return test;
    GNode *n = node_make(f->g, N_NOT, 1, phi->pc);
    n->in[0] = test;
    node_insert_first(phi->block, n);
    return n;
}

static GNode *fold_phi(Folder *f, GNode *phi) {
    GNode *x = only_operand(phi);
    return x != NULL ? x : condition(f, phi);
}

/* ------------------------------------------------------------------------------------------ control */

static void drop_edge(Block *from, Block *to) {
    uint32_t p = 0;
    while (to->pred[p] != from) p++;
    for (GNode *n = to->first; n != NULL && n->op == N_PHI; n = n->next) {
        memmove(n->in + p, n->in + p + 1, (n->nin - p - 1) * sizeof(GNode *));
        n->nin--;
    }
    memmove(to->pred + p, to->pred + p + 1, (to->npred - p - 1) * sizeof(Block *));
    to->npred--;
}

static void exit_at(GNode *guard) {
    Block *b = guard->block;
    while (b->last != guard) node_remove(b->last);
    for (uint32_t s = 0; s < b->nsucc; s++) drop_edge(b, b->succ[s]);
    b->nsucc = 0;
    b->cold = true;
    guard->op = N_EXIT;
    guard->nin = 0;
}

static void fold_guard(Folder *f, GNode *n) {
    if (n->in[0]->op != N_BOOL || !may(f)) return;
    if (n->in[0]->imm.u & 1) node_remove(n);
    else exit_at(n);
}

static void fold_branch(Folder *f, GNode *n) {
    Block *b = n->block;
    if (n->in[0]->op != N_BOOL || !may(f)) return;
    unsigned taken = n->in[0]->imm.u & 1 ? 0 : 1;
    drop_edge(b, b->succ[1 - taken]);
    b->succ[0] = b->succ[taken];
    b->nsucc = 1;
    n->op = N_GOTO;
    n->nin = 0;
    n->imm.i = 0;
}

/* A barrier for what the collector does not know. */
static void fold_barrier(Folder *f, GNode *n) {
    const GNode *x = n->in[1];
    if (x->type != T_VALUE && !type_is_object(x->type) && may(f)) node_remove(n);
}

static bool may_append(const Block *b) {
    return b->id != 0 && b->last->op == N_GOTO && b->succ[0]->npred == 1 && b->succ[0] != b && b->succ[0]->first->op != N_PHI;
}

static void append_block(Block *b) {
    Block *s = b->succ[0];
    node_remove(b->last);
    for (GNode *n = s->first, *next; n != NULL; n = next) {
        next = n->next;
        node_remove(n);
        node_append(b, n);
    }
    b->nsucc = s->nsucc;
    b->cold |= s->cold;
    for (uint32_t i = 0; i < s->nsucc; i++) {
        b->succ[i] = s->succ[i];
        for (uint32_t p = 0; p < s->succ[i]->npred; p++)
            if (s->succ[i]->pred[p] == s) s->succ[i]->pred[p] = b;
    }
    s->nsucc = s->npred = 0;
}

static void append_blocks(Folder *f) {
    graph_order(f->g);
    for (uint32_t i = 0; i < f->g->norder; i++) {
        Block *b = f->g->order[i];
        while (b->first != NULL && may_append(b) && may(f)) append_block(b);
    }
}

/* -------------------------------------------------------------------------------------------- nodes */

/* A rule may answer with the operand of an operand, which is not resolved yet. */
static GNode *simpler(Folder *f, GNode *n) { return n->op == N_PHI ? fold_phi(f, n) : graph_fold(f->g, n); }

/* Where to go on: at nodes that a rule has put before n, else behind n. */
static GNode *fold_node(Folder *f, GNode *n) {
    GNode *before = n->prev, *next = n->next;
    for (uint32_t k = 0; k < n->nin; k++) n->in[k] = node_resolve(n->in[k]);
    if (op_info[n->op].flags & F_KEEP) {
        if (n->op == N_GUARD) fold_guard(f, n);
        else if (n->op == N_BRANCH) fold_branch(f, n);
        else if (n->op == N_BARRIER) fold_barrier(f, n);
        return n->op == N_EXIT ? NULL : next;
    }
    GNode *r = node_resolve(simpler(f, n));
    if (r == NULL || r == n || !may(f)) return next;
    n->replaced = r;
    if (n->op == N_PHI) return next;
    return before != NULL ? before->next : n->block->first;
}

static void fold_block(Folder *f, Block *b) {
    for (GNode *n = b->first; n != NULL;) {
        if (n->replaced != NULL) n = n->next;
        else n = fold_node(f, n);
    }
}

static bool is_reached(const Block *b, const uint8_t *reached) {
    for (uint32_t p = 0; p < b->npred; p++)
        if (reached[b->pred[p]->id]) return true;
    return false;
}

/* Blocks whose ways in were cut by this round wait for the next, which does not have them: there a loop's phi may be
 * defined by itself. */
static void fold_reached(Folder *f) {
    Graph *g = f->g;
    uint8_t *reached = arena_alloc(g->arena, g->nblocks);
    reached[0] = 1;
    for (uint32_t i = 1; i < g->norder; i++) {
        if (!is_reached(g->order[i], reached)) continue;
        reached[g->order[i]->id] = 1;
        fold_block(f, g->order[i]);
    }
}

bool pass_fold(Graph *g) {
    Folder f = {.g = g};
    bool any = false;
    for (unsigned round = 0; round < MAX_ROUNDS; round++) {
        f.changed = false;
        type_phis(&f);
        fold_reached(&f);
        graph_apply_replacements(g);
        graph_remove_replaced(g);
        append_blocks(&f);
        graph_order(g);
        if (!f.changed) break;
        any = true;
    }
    return any;
}
