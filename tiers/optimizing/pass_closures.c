// SPDX-License-Identifier: MIT
/* Scalar replacement of closures (pass_escape.c): one that is only called, by code inlined here, or compared, is not made.
 *
 *      f = NEW_CLOSURE self x                  -
 *      a = UPVAL_OF f 0;  b = UPVAL_OF f 1     a is x;  b = SLOT 3
 *      GUARD c  exit at 7 r4=f                 r = REBUILT self x;  GUARD c  exit at 7 r4=r
 *      CLOSE 2                                 CLOSE 2;  v = a variable of its own, with what SLOT 3 holds
 *      PUT_UPVAL_OF f y 1                      PUT_FIELD v y
 *
 * An upvalue of it is either one of the enclosing closure's, or a constant, which is the value it had, or a variable in
 * a slot of the stack until CLOSE ends its life there. Then it is a table of one field for the pass, which is never made either:
 * exits make closed variables of such. Exits open the others, and find those that are open, so closures share them.
 *
 * A closure stays real if exits might see that it shares no variable with another: where its variable was closed and a real closure
 * may have it too, or the frame is the outermost one's, whose variables closures of lower tiers may have. */
#include <string.h>

#include "object/object.h"
#include "tiers/optimizing/graph.h"

/* How far an upvalue's variable got. */
typedef const GNode *Stage; /* NULL: not known yet; &in_slot, &mixed; or the CLOSE that ended its life in the slot */
static const GNode in_slot, mixed;

typedef struct Closure {
    GNode *n;
    const JitChild *child;
    Stage **in, **out;  /* by upvalue, by block */
    bool real;
} Closure;

typedef struct Boxes {
    struct Boxes *next;
    const GNode *close;
    unsigned slot;
    GNode *box;
} Boxes;

typedef struct Closures {
    Graph *g;
    Closure *c;
    uint32_t count;
    Boxes *boxes;
    /* the one being replaced */
    Closure *at;
    uint32_t number;
    Stage *now;           /* by upvalue */
    State *copied, *copy; /* the last State, and its copy */
} Closures;

enum { MAX_UPVALUES = 100, VARIABLE = (int)offsetof(Table, slot) };

static bool is_slot(const JitUpvalue *u) { return u->instack && !u->constant; }
static unsigned slot_of(const Closure *c, unsigned u) { return closure_base(c->n) + c->child->upvalues[u].idx; }
static bool is_self(const Closure *c, unsigned u) { return c->child->upvalues[u].instack && slot_of(c, u) == closure_register(c->n); }

/* ------------------------------------------------------------------------------------- candidates */

static bool keeps(const GNode *n, uint32_t i) {
    switch (n->op) {
        case N_CLOSURE_IS: case N_UPVAL_OF: case N_FIXED_UPVAL_OF: case N_HAS_TAG: case N_IS_STR: case N_IS_NUM: case N_TRUTH:
        case N_SAME: case N_RAW_EQUAL: case N_DECIDED: case N_REBUILT: return true;
        case N_PUT_UPVAL_OF: return i == 0;
        default: return false;
    }
}

static void find_closures(Closures *s) {
    Graph *g = s->g;
    uint32_t count = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t b = 1; b < g->norder; b++)
            for (GNode *n = g->order[b]->first; n != NULL; n = n->next) {
                if (n->op != N_NEW_CLOSURE) continue;
                if (pass == 1) s->c[s->count++] = (Closure){.n = n, .child = graph_child(g, n)};
                count += pass == 0;
            }
        if (pass == 0) s->c = arena_alloc(g->arena, (count + 1) * sizeof(Closure));
    }
}

static Closure *closure_of(Closures *s, const GNode *n) {
    for (uint32_t i = 0; n->op == N_NEW_CLOSURE && i < s->count; i++)
        if (s->c[i].n == n) return &s->c[i];
    return NULL;
}

/* Is it a load of an upvalue that is the closure itself? Who knows where that goes. */
static bool gives_itself(const Closure *c, const GNode *n) {
    bool load = n->op == N_UPVAL_OF || n->op == N_FIXED_UPVAL_OF;
    return load && c->child != NULL && (n->imm.u >= c->child->nupvalues || is_self(c, (unsigned)n->imm.u));
}

static void find_real(Closures *s) {
    for (uint32_t i = 0; i < s->count; i++) {
        Closure *c = &s->c[i];
        c->real = c->child == NULL || c->child->nupvalues > MAX_UPVALUES || !(c->n->imm.u & NEW_TABLE_SEEN);
    }
    for (uint32_t b = 1; b < s->g->norder; b++)
        for (const GNode *n = s->g->order[b]->first; n != NULL; n = n->next)
            for (uint32_t i = 0; i < n->nin; i++) {
                Closure *c = closure_of(s, n->in[i]);
                if (c != NULL && (!keeps(n, i) || gives_itself(c, n))) c->real = true;
            }
}

/* ----------------------------------------------------------------------- where variables are closed */

static Stage meet(Stage x, Stage y) { return x == NULL || x == y ? y : y == NULL ? x : &mixed; }

static Stage behind(const Closure *c, unsigned u, const GNode *n, Stage now) {
    if (n == c->n) return &in_slot;
    return n->op == N_CLOSE && n->imm.u <= slot_of(c, u) && now == &in_slot ? n : now;
}

static bool flow(Closure *c, unsigned u, Block *b) {
    Stage now = NULL;
    for (uint32_t p = 0; b != c->n->block && p < b->npred; p++) now = meet(now, c->out[u][b->pred[p]->id]);
    c->in[u][b->id] = now;
    for (const GNode *n = b->first; n != NULL; n = n->next) now = behind(c, u, n, now);
    bool changed = c->out[u][b->id] != now;
    c->out[u][b->id] = now;
    return changed;
}

static void find_stages(Closures *s, Closure *c) {
    Graph *g = s->g;
    c->in = arena_alloc(g->arena, (c->child->nupvalues + 1) * sizeof(Stage *));
    c->out = arena_alloc(g->arena, (c->child->nupvalues + 1) * sizeof(Stage *));
    for (unsigned u = 0; u < c->child->nupvalues; u++) {
        c->in[u] = arena_alloc(g->arena, g->nblocks * sizeof(Stage));
        c->out[u] = arena_alloc(g->arena, g->nblocks * sizeof(Stage));
        if (!c->child->upvalues[u].instack) continue;
        for (bool changed = true; changed;) {
            changed = false;
            for (uint32_t i = 1; i < g->norder; i++)
                if (block_dominates(c->n->block, g->order[i])) changed |= flow(c, u, g->order[i]);
        }
    }
}

/* ---------------------------------------------------------------------------------------- feasible? */

static bool real_closure_has(const Closures *s, unsigned slot) {
    for (uint32_t i = 0; i < s->count; i++)
        for (unsigned u = 0; s->c[i].real && (s->c[i].child == NULL || u < s->c[i].child->nupvalues); u++)
            if (s->c[i].child == NULL || (s->c[i].child->upvalues[u].instack && slot_of(&s->c[i], u) == slot)) return true;
    return false;
}

/* May whoever looks at the variable find one that this closure alone has, or others that are not made? */
static bool knows_variable(const Closures *s, const Closure *c, unsigned u, Stage now) {
    if (!c->child->upvalues[u].instack || now == &in_slot) return true;
    return now != NULL && now != &mixed && closure_base(c->n) > 0 && !is_self(c, u) && !real_closure_has(s, slot_of(c, u));
}

static bool knows_all(const Closures *s, const Closure *c, const Stage *now) {
    for (unsigned u = 0; u < c->child->nupvalues; u++)
        if (!knows_variable(s, c, u, now[u])) return false;
    return true;
}

static bool uses(const GNode *n, const GNode *x) {
    for (uint32_t i = 0; i < n->nin; i++)
        if (n->in[i] == x) return true;
    return false;
}

static bool mentions(const State *s, const GNode *x) {
    for (; s != NULL; s = s->caller)
        for (unsigned r = 0; r < s->nregs; r++)
            if (s->reg[r] == x) return true;
    return false;
}

static bool node_allows(const Closures *s, const Closure *c, const GNode *n, const Stage *now) {
    if (n->state != NULL && mentions(n->state, c->n) && !knows_all(s, c, now)) return false;
    if (n->op == N_PHI || !uses(n, c->n)) return true;
    if (n->op == N_REBUILT) return knows_all(s, c, now);
    if (n->op != N_UPVAL_OF && n->op != N_PUT_UPVAL_OF && n->op != N_FIXED_UPVAL_OF) return true;
    unsigned u = (unsigned)n->imm.u;
    return u < c->child->nupvalues && (!is_slot(&c->child->upvalues[u]) || knows_variable(s, c, u, now[u]));
}

static void stages_at(const Closure *c, const Block *b, Stage *now) {
    for (unsigned u = 0; u < c->child->nupvalues; u++) now[u] = c->in[u][b->id];
}

static void pass_node(const Closure *c, const GNode *n, Stage *now) {
    for (unsigned u = 0; u < c->child->nupvalues; u++)
        if (c->child->upvalues[u].instack) now[u] = behind(c, u, n, now[u]);
}

static bool block_allows(const Closures *s, const Closure *c, const Block *b, Stage *now) {
    bool here = b == c->n->block;
    stages_at(c, b, now);
    for (const GNode *n = b->first; n != NULL; n = n->next) {
        if (n == c->n) here = false;
        else if (!here && !node_allows(s, c, n, now)) return false;
        pass_node(c, n, now);
    }
    for (uint32_t k = 0; k < b->nsucc; k++)
        if (b->succ[k]->before != NULL && !block_retreats(b, b->succ[k]) && mentions(b->succ[k]->before, c->n) && !knows_all(s, c, now)) return false;
    return true;
}

static bool feasible(const Closures *s, const Closure *c) {
    Stage now[MAX_UPVALUES];
    for (uint32_t i = c->n->block->order - 1; i < s->g->norder; i++)
        if (block_dominates(c->n->block, s->g->order[i]) && !block_allows(s, c, s->g->order[i], now)) return false;
    return true;
}

/* What exits hand over, at most: the closure's own, and its variables when they are closed. */
static uint32_t count_values(const Closure *c) { return 1 + 3 * c->child->nupvalues; }

/* Each closure that turns out to be real may have variables of others. */
static void decide(Closures *s) {
    for (bool again = true; again;) {
        uint32_t values = s->g->rebuilt_values;
        again = false;
        for (uint32_t i = 0; i < s->count; i++) {
            Closure *c = &s->c[i];
            if (c->real) continue;
            if (c->in == NULL) find_stages(s, c);
            values += count_values(c);
            c->real = values > REBUILT_MAX || !feasible(s, c);
            again |= c->real;
        }
    }
}

/* -------------------------------------------------------------------------------------- replacement */

static GNode *insert(Closures *s, GNode *at, Op op, unsigned type, unsigned nin, uint64_t imm) {
    GNode *n = node_make(s->g, op, nin, at->pc);
    n->type = (uint8_t)type;
    n->imm.u = imm;
    n->function = at->function;
    node_insert_before(at, n);
    return n;
}

/* The variable of upvalue u behind the CLOSE. */
static GNode *box_of(Closures *s, unsigned u, const GNode *close) {
    const Closure *c = s->at;
    unsigned slot = slot_of(c, u);
    for (const Boxes *b = s->boxes; b != NULL; b = b->next)
        if (b->close == close && b->slot == slot) return b->box;
    GNode *at = close->next, *x = node_resolve(c->n->in[u + 1]), *box = insert(s, at, N_NEW_TABLE, T_TABLE, 0, NEW_TABLE_SEEN | UINT64_C(1) << 32);
    if (is_slot(&c->child->upvalues[u])) x = insert(s, box, N_SLOT, T_VALUE, 0, slot);
    GNode *put = insert(s, at, N_INIT_FIELD, T_NONE, 2, VARIABLE);
    put->in[0] = box;
    put->in[1] = x;
    Boxes *b = arena_alloc(s->g->arena, sizeof *b);
    *b = (Boxes){s->boxes, close, slot, box};
    s->boxes = b;
    return box;
}

static unsigned self_upvalue(const Closure *c) {
    for (unsigned u = 0; u < c->child->nupvalues; u++)
        if (is_self(c, u) && c->child->upvalues[u].constant) return u + 1;
    return 0;
}

static GNode *rebuilt(Closures *s, GNode *at) {
    const Closure *c = s->at;
    GNode *n = insert(s, at, N_REBUILT, T_LCL, c->n->nin, (c->n->imm.u & 0xffffffff) | (uint64_t)self_upvalue(c) << 32 | (uint64_t)s->number << 40);
    n->in[0] = node_resolve(c->n->in[0]);
    for (unsigned u = 0; u < c->child->nupvalues; u++) {
        bool closed = c->child->upvalues[u].instack && s->now[u] != &in_slot;
        n->in[u + 1] = closed ? box_of(s, u, s->now[u]) : node_resolve(c->n->in[u + 1]);
    }
    return n;
}

static State *with_rebuilt(Closures *s, State *state, GNode *r) {
    if (state == NULL) return NULL;
    State *copy = state_copy(s->g, state);
    copy->caller = with_rebuilt(s, state->caller, r);
    for (unsigned i = 0; i < copy->nregs; i++)
        if (copy->reg[i] == s->at->n) copy->reg[i] = r;
    return copy;
}

static State *exit_state(Closures *s, State *state, GNode *at) {
    if (!mentions(state, s->at->n)) return state;
    if (s->copied != state) {
        s->copied = state;
        s->copy = with_rebuilt(s, state, rebuilt(s, at));
    }
    return s->copy;
}

/* An upvalue that is one of the enclosing closure's. */
static void ask_enclosing(Closures *s, GNode *n, unsigned outer) {
    GNode *encl = node_resolve(s->at->n->in[0]);
    n->imm.u = outer;
    if (encl->op != N_SELF) {
        n->in[0] = encl;
        return;
    }
    if (n->op == N_PUT_UPVAL_OF) n->in[0] = n->in[1];
    n->nin = n->op == N_PUT_UPVAL_OF;
    n->op = n->op == N_PUT_UPVAL_OF ? N_PUT_UPVAL : N_UPVAL;
}

static void use_variable(Closures *s, GNode *n, unsigned u) {
    bool put = n->op == N_PUT_UPVAL_OF, open = s->now[u] == &in_slot;
    if (open) {
        if (put) n->in[0] = n->in[1];
        n->nin = put;
        n->imm.u = slot_of(s->at, u);
        n->op = put ? N_PUT_SLOT : N_SLOT;
    } else {
        n->in[0] = box_of(s, u, s->now[u]);
        n->imm.u = VARIABLE;
        n->op = put ? N_PUT_FIELD : N_FIELD;
    }
}

static void use_upvalue(Closures *s, GNode *n) {
    const Closure *c = s->at;
    unsigned u = (unsigned)n->imm.u;
    const JitUpvalue *up = &c->child->upvalues[u];
    if (!up->instack) ask_enclosing(s, n, up->idx);
    else if (is_slot(up)) use_variable(s, n, u);
    else n->replaced = node_resolve(c->n->in[u + 1]);
}

static void replace_use(Closures *s, GNode *n) {
    GNode *c = s->at->n;
    switch (n->op) {
        case N_UPVAL_OF: case N_FIXED_UPVAL_OF: case N_PUT_UPVAL_OF: use_upvalue(s, n); return;
        case N_REBUILT: {
            GNode *r = rebuilt(s, n);
            for (uint32_t i = 0; i < n->nin; i++)
                if (n->in[i] == c) n->in[i] = r;
            return;
        }
        case N_SAME: case N_RAW_EQUAL: n->replaced = graph_bool(s->g, n->in[0] == n->in[1]); return;
        default: { /* told by the type */
            GNode *r = graph_fold(s->g, n);
            if (r != NULL) n->replaced = r;
        }
    }
}

static void visit_block(Closures *s, Block *b) {
    const Closure *c = s->at;
    bool before = b == c->n->block;
    s->copied = NULL;
    stages_at(c, b, s->now);
    for (GNode *n = b->first, *next; n != NULL; n = next) {
        next = n->next;
        if (n == c->n) before = false;
        else if (!before && n->op != N_PHI && uses(n, c->n)) replace_use(s, n);
        if (n != c->n && !before && n->state != NULL) n->state = exit_state(s, n->state, n);
        if (n->op == N_CLOSE) s->copied = NULL;
        pass_node(c, n, s->now);
    }
    s->copied = NULL;
    for (uint32_t k = 0; k < b->nsucc; k++)
        if (b->succ[k]->before != NULL && !block_retreats(b, b->succ[k])) b->succ[k]->before = exit_state(s, b->succ[k]->before, b->last);
}

static void replace(Closures *s, Closure *c) {
    Graph *g = s->g;
    Stage now[MAX_UPVALUES];
    s->at = c;
    s->now = now;
    s->number = g->nrebuilt++;
    g->rebuilt_values += count_values(c);
    for (uint32_t i = c->n->block->order - 1; i < g->norder; i++)
        if (block_dominates(c->n->block, g->order[i])) visit_block(s, g->order[i]);
}

static void remove_closures(Closures *s) {
    for (uint32_t i = 0; i < s->count; i++)
        if (!s->c[i].real) node_remove(s->c[i].n);
    graph_apply_replacements(s->g);
    graph_remove_replaced(s->g);
}

bool escape_closures(Graph *g) {
    Closures s = {.g = g};
    bool any = false;
    find_closures(&s);
    if (s.count == 0) return false;
    find_real(&s);
    decide(&s);
    for (uint32_t i = 0; i < s.count; i++) any |= !s.c[i].real;
    if (!any || !graph_may(g)) return false;
    for (uint32_t i = 0; i < s.count; i++)
        if (!s.c[i].real) replace(&s, &s.c[i]);
    remove_closures(&s);
    for (const Boxes *b = s.boxes; b != NULL; b = b->next) escape_variable(g, b->box);
    return true;
}
