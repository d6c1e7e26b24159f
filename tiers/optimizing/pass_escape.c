// SPDX-License-Identifier: MIT
/* Scalar replacement: a table that nobody but this code ever sees is not made; its fields are values of the graph. (As
 * in Stadler, Würthinger, Mössenböck: Partial Escape Analysis, but all or nothing.)
 *
 *      t = NEW_TABLE                           -
 *      INIT_FIELD t x;  INIT_SHAPE t s         -
 *      y = FIELD t                             y is x
 *      GUARD c  exit at 7 r2=t                 r = REBUILT x;  GUARD c  exit at 7 r2=r
 *
 * A table stays real if it is an operand of anything but the nodes listed in `keeps`: stored in a slot of the
 * stack, in another real table, returned, met by another value in a phi (but see pass_escape_carried.h). It may be held by a
 * table that is replaced itself; so containers come first, and what they held is looked at in the next round.
 *
 * Exits see it nevertheless: their States name a REBUILT node, which lists what the fields hold at that point. It is
 * no code; the exit (lower.c) hands the values to the runtime, which makes the table. The number in the node's
 * immediate is the table's identity: several REBUILT nodes of one State with one number are one table. A State that is shared
 * along the frames of inlined calls is copied for each block, since the fields may change while the callers wait.
 *
 * The list of a constructor, if its length is known and no value is nil, is fields as well: elements at constant places; of few
 * elements the one at any place is chosen by comparisons. Of what kind the array would be is told by the types of its elements.
 *
 * The shape has to be known everywhere: where ways meet, it is the same on all of them. Fields then meet in phis.
 * Tables that nobody ever looks at stay: programs make garbage to see it collected.
 *
 * Invariant of the walk: blocks dominated by the one that makes the table are visited in reverse postorder, so the
 * contents at the end of all predecessors are known but for those of retreating edges, whose operands of phis are filled in last. */
#include <string.h>

#include "object/object.h"
#include "tiers/optimizing/graph.h"

typedef struct Contents {
    uint32_t shape;
    bool listed;       /* it has its elements */
    GNode *metatable;  /* NULL: none */
    GNode *field[];    /* NULL: not there yet; behind the inline ones the elements */
} Contents;

typedef struct OpenPhi {
    struct OpenPhi *next;
    GNode *phi;
    unsigned field;
} OpenPhi;

typedef struct Escape {
    Graph *g;
    uint8_t *real;      /* by node: 1, a table that has to be made; 2, it meets others in a phi */
    uint8_t *elements;  /* by node: of a table's only list */
    uint32_t nnodes;    /* when that was found */
    /* of the table at hand */
    GNode *table;
    unsigned nfields, ninline;
    /* ... if it is a phi */
    unsigned web_inline;
    uint32_t start_shape;
    bool start_metatable;
    GNode *const *start_field;
    uint32_t number;
    Contents **end;     /* by block */
    uint32_t *written;  /* by field: last block that stores to it, by order */
    Contents *now;
    OpenPhi *open;
    State *copied, *copy; /* the last State, and its copy */
    GNode *nil;
} Escape;

enum { SLOT = sizeof(TValue), MAX_VALUES = REBUILT_MAX };

static unsigned count_fields(const Escape *e, const GNode *table) { return table->op == N_PHI ? e->web_inline : table_inline(table); }

/* number of the field that an access is about; not less than inline slots: elsewhere */
static uint64_t field_of(const GNode *n) { return (n->imm.u - offsetof(Table, slot)) / SLOT; }

/* ------------------------------------------------------------------------------------- candidates */

enum { MOST_CHOSEN = 8 };

static bool is_array_of(const GNode *n, const GNode *table) { return n->op == N_ARRAY && n->in[0] == table; }

/* The constant that an index is, once the array's base is known to be 1. */
static bool constant_index(const GNode *i, int64_t *k) {
    i = node_resolve((GNode *)(uintptr_t)i);
    *k = i->imm.i;
    if (i->op == N_INT) return true;
    if (i->op != N_ISUB) return false;
    const GNode *x = node_resolve(i->in[0]), *y = node_resolve(i->in[1]);
    if (x->op != N_INT || (y->op != N_ABASE && y->op != N_INT)) return false;
    *k = x->imm.i - (y->op == N_ABASE ? 1 : y->imm.i);
    return true;
}

/* An access to the array of a table with so many elements. */
static bool keeps_array(const GNode *n, uint32_t i, unsigned elements) {
    int64_t k;
    switch (n->op) {
        case N_KIND_IS: case N_ABASE: case N_ALEN: return true;
        case N_ELEM_INT: case N_ELEM_FLT: case N_ELEM_TAGGED: case N_ELEM_ANY: case N_PUT_ELEM: case N_PUT_TAGGED:
            return i == 0 && (elements <= MOST_CHOSEN || constant_index(n->in[1], &k));
        default: return false;
    }
}

/* Does it need the elements to be there? */
static bool needs_list(const GNode *n) { return n->op == N_ARRAY || n->op == N_LENGTH || n->op == N_GET_INT; }

/* May a table with so many inline slots be operand i of n and be replaced? */
static bool keeps(unsigned ninline, const GNode *n, uint32_t i) {
    switch (n->op) {
        case N_FIELD: case N_PUT_FIELD: case N_INIT_FIELD: return i == 0 && field_of(n) < ninline;
        case N_BARRIER: case N_PUT_METATABLE: case N_SET_LIST: case N_GET_INT: return i == 0;
        case N_INIT_SHAPE: case N_PUT_SHAPE: case N_HAS_SHAPE: case N_NO_METATABLE: case N_METATABLE_IS:
        case N_HAS_TAG: case N_IS_STR: case N_IS_NUM: case N_TRUTH:
        case N_SAME: case N_RAW_EQUAL: case N_DECIDED: case N_REBUILT: case N_ARRAY: case N_LENGTH: return true;
        default: return false;
    }
}

/* A list that may be the only one of its table, and holds no nils. */
static bool is_short_list(const GNode *n) {
    bool nils = (n->imm.u & LIST_HAS_NILS) != 0;
    for (uint32_t i = 1; i < n->nin; i++) nils |= n->in[i]->type == T_NIL;
    return !nils && n->nin > 1 && n->nin - 1 <= MAX_ELEMENTS;
}

static void find_lists(Escape *e) {
    Graph *g = e->g;
    e->elements = arena_alloc(g->arena, g->nnodes);
    for (uint32_t b = 0; b < g->norder; b++)
        for (const GNode *n = g->order[b]->first; n != NULL; n = n->next) {
            if (n->op != N_SET_LIST || n->in[0]->op != N_NEW_TABLE) continue;
            if (e->elements[n->in[0]->id] != 0 || !is_short_list(n)) e->real[n->in[0]->id] = 1;
            else e->elements[n->in[0]->id] = (uint8_t)(n->nin - 1);
        }
}

static bool keeps_operand(const Escape *e, const GNode *n, uint32_t i) {
    const GNode *x = n->in[i];
    if (x->op == N_ARRAY) return x->in[0]->op != N_NEW_TABLE || keeps_array(n, i, e->elements[x->in[0]->id]);
    if (x->op != N_NEW_TABLE) return true;
    if (needs_list(n) && e->elements[x->id] == 0) return false;
    return keeps(table_inline(x), n, i) && (n->op != N_GET_INT || e->elements[x->id] <= MOST_CHOSEN || n->in[1]->op == N_INT);
}

static void find_real(Escape *e) {
    Graph *g = e->g;
    e->nnodes = g->nnodes;
    e->real = arena_alloc(g->arena, g->nnodes);
    find_lists(e);
    for (uint32_t b = 0; b < g->norder; b++)
        for (const GNode *n = g->order[b]->first; n != NULL; n = n->next)
            for (uint32_t i = 0; i < n->nin; i++)
                if (!keeps_operand(e, n, i)) e->real[n->in[i]->op == N_ARRAY ? n->in[i]->in[0]->id : n->in[i]->id] |= n->op == N_PHI ? 2 : 1;
}

/* ------------------------------------------------------------------------------------ is it feasible? */

static bool dominated(const Escape *e, const Block *b) { return block_dominates(e->table->block, b); }

static const GNode some_metatable; /* stands for that of a phi where it does not matter which */

/* What n does to the shape and the metatable. */
static void follow(const Escape *e, const GNode *n, Contents *c) {
    if (n == e->table) {
        bool phi = n->op == N_PHI;
        c->shape = phi ? e->start_shape : (uint32_t)n->imm.u;
        c->metatable = phi && e->start_metatable ? (GNode *)(uintptr_t)&some_metatable : NULL;
        c->listed = false;
    } else if (n->nin > 1 && is_array_of(n->in[0], e->table)) {
        int64_t k = 0;
        bool known = constant_index(n->in[1], &k);
        for (unsigned f = e->ninline; (n->op == N_PUT_ELEM || n->op == N_PUT_TAGGED) && f < e->nfields; f++)
            if (!known || f == e->ninline + (uint64_t)k) e->written[f] = n->block->order;
    } else if (n->nin == 0 || n->in[0] != e->table) {
        return;
    } else if (n->op == N_SET_LIST) {
        c->listed = true;
        for (unsigned f = e->ninline; f < e->nfields; f++) e->written[f] = n->block->order;
    } else if (n->op == N_INIT_SHAPE || n->op == N_PUT_SHAPE) {
        c->shape = (uint32_t)n->imm.u;
    } else if (n->op == N_PUT_METATABLE) {
        c->metatable = n->in[1];
    } else if (n->op == N_INIT_FIELD || n->op == N_PUT_FIELD) {
        e->written[field_of(n)] = n->block->order;
    }
}

static Contents *contents_new(const Escape *e, const Contents *from) {
    size_t size = sizeof(Contents) + e->nfields * sizeof(GNode *);
    Contents *c = arena_alloc(e->g->arena, size);
    if (from != NULL) memcpy(c, from, size);
    return c;
}

static bool same_form(const Contents *a, const Contents *b) { return a->shape == b->shape && a->metatable == b->metatable && a->listed == b->listed; }

/* At the end of all ways to a block the shape and the metatable are the same. */
static bool forms_agree(const Escape *e) {
    for (uint32_t i = e->table->block->order; i < e->g->norder; i++) {
        const Block *b = e->g->order[i];
        if (!dominated(e, b)) continue;
        for (uint32_t p = 1; p < b->npred; p++)
            if (!same_form(e->end[b->pred[0]->id], e->end[b->pred[p]->id])) return false;
    }
    return true;
}

static bool feasible(Escape *e) {
    Graph *g = e->g;
    memset(e->written, 0, e->nfields * sizeof *e->written);
    for (uint32_t i = e->table->block->order - 1; i < g->norder; i++) {
        const Block *b = g->order[i];
        if (!dominated(e, b)) continue;
        uint32_t p = 0;
        while (b != e->table->block && block_retreats(b->pred[p], b)) p++;
        Contents *c = contents_new(e, b != e->table->block ? e->end[b->pred[p]->id] : NULL);
        for (const GNode *n = b->first; n != NULL; n = n->next) {
            if (!c->listed && needs_list(n) && n->in[0] == e->table) return false;
            if (c->listed && n->op == N_SET_LIST && n->in[0] == e->table) return false;
            follow(e, n, c);
        }
        e->end[b->id] = c;
    }
    return forms_agree(e);
}

/* ----------------------------------------------------------------------------------------- contents */

static GNode *nil_node(Escape *e) {
    if (e->nil == NULL) {
        e->nil = node_make(e->g, N_NIL, 0, 0);
        node_append(e->g->blocks[0], e->nil);
    }
    return e->nil;
}

static GNode *field_at(Escape *e, const Contents *c, unsigned f) { return c->field[f] != NULL ? node_resolve(c->field[f]) : nil_node(e); }

static bool has_retreating(const Block *b) {
    for (uint32_t p = 0; p < b->npred; p++)
        if (block_retreats(b->pred[p], b)) return true;
    return false;
}

static bool field_differs(const Escape *e, const Block *b, const Contents *first, unsigned f) {
    for (uint32_t p = 0; p < b->npred; p++) {
        if (block_retreats(b->pred[p], b) ? e->written[f] >= b->order : node_resolve(e->end[b->pred[p]->id]->field[f]) != node_resolve(first->field[f]))
            return true;
    }
    return false;
}

static GNode *field_phi(Escape *e, Block *b, unsigned f) {
    GNode *phi = node_make(e->g, N_PHI, 0, b->pc);
    bool open = has_retreating(b);
    for (uint32_t p = 0; p < b->npred; p++) {
        GNode *x = block_retreats(b->pred[p], b) ? nil_node(e) : field_at(e, e->end[b->pred[p]->id], f);
        phi->type = p == 0 || phi->type == x->type ? x->type : (uint8_t)T_VALUE;
        phi_add(e->g, phi, x);
    }
    if (open) {
        phi->type = T_VALUE;
        OpenPhi *o = arena_alloc(e->g->arena, sizeof *o);
        *o = (OpenPhi){e->open, phi, f};
        e->open = o;
    }
    node_insert_first(b, phi);
    return phi;
}

static Contents *contents_at(Escape *e, Block *b) {
    uint32_t first = 0;
    while (block_retreats(b->pred[first], b)) first++;
    Contents *c = contents_new(e, e->end[b->pred[first]->id]);
    if (b->npred == 1) return c;
    for (unsigned f = 0; f < e->nfields; f++)
        if (field_differs(e, b, c, f)) c->field[f] = field_phi(e, b, f);
    return c;
}

static void fill_open_phis(Escape *e) {
    for (OpenPhi *o = e->open; o != NULL; o = o->next) {
        const Block *b = o->phi->block;
        for (uint32_t p = 0; p < b->npred; p++)
            if (block_retreats(b->pred[p], b)) o->phi->in[p] = field_at(e, e->end[b->pred[p]->id], o->field);
    }
    e->open = NULL;
}

/* -------------------------------------------------------------------------------------------- exits */

/* What the table is here, in front of `at`. */
static GNode *rebuilt(Escape *e, GNode *at) {
    unsigned count = e->ninline, meta = e->now->metatable != NULL, elements = e->now->listed ? e->nfields - e->ninline : 0;
    while (count > 0 && e->now->field[count - 1] == NULL) count--;
    GNode *n = node_make(e->g, N_REBUILT, count + meta + elements, at->pc);
    n->type = T_TABLE;
    n->imm.u = e->now->shape | (uint64_t)e->ninline << 32 | (uint64_t)meta << 39 | (uint64_t)e->number << 40 | (uint64_t)elements << 56;
    if (meta) n->in[0] = node_resolve(e->now->metatable);
    for (unsigned f = 0; f < count; f++) n->in[f + meta] = field_at(e, e->now, f);
    for (unsigned k = 0; k < elements; k++) n->in[count + meta + k] = field_at(e, e->now, e->ninline + k);
    node_insert_before(at, n);
    return n;
}

static bool mentions(const Escape *e, const State *s) {
    for (; s != NULL; s = s->caller)
        for (unsigned r = 0; r < s->nregs; r++)
            if (s->reg[r] == e->table) return true;
    return false;
}

static State *with_rebuilt(Escape *e, State *s, GNode *r) {
    if (s == NULL) return NULL;
    State *copy = state_copy(e->g, s);
    copy->caller = with_rebuilt(e, s->caller, r);
    for (unsigned i = 0; i < copy->nregs; i++)
        if (copy->reg[i] == e->table) copy->reg[i] = r;
    return copy;
}

static State *exit_state(Escape *e, State *s, GNode *at) {
    if (!mentions(e, s)) return s;
    if (e->copied != s) {
        e->copied = s;
        e->copy = with_rebuilt(e, s, rebuilt(e, at));
    }
    return e->copy;
}

/* States of loops' beginnings, as seen from the block in front. */
static void leave_block(Escape *e, Block *b) {
    e->copied = NULL;
    for (uint32_t s = 0; s < b->nsucc; s++) {
        Block *to = b->succ[s];
        if (to->before != NULL && !block_retreats(b, to)) to->before = exit_state(e, to->before, b->last);
    }
}

/* -------------------------------------------------------------------------------------------- nodes */

static void replace(GNode *n, GNode *by) { n->replaced = by; }

static GNode *new_unary(Escape *e, GNode *at, Op op, GNode *x, int64_t imm) {
    GNode *n = node_make(e->g, op, 1, at->pc);
    n->in[0] = x;
    n->imm.i = imm;
    node_insert_before(at, n);
    return n;
}

/* Is the table what the other operand is? No other value can be it: it is in no phi and nowhere stored. */
static void compare(Escape *e, GNode *n) {
    GNode *other = node_resolve(n->in[0] == e->table ? n->in[1] : n->in[0]);
    bool same = other == e->table;
    if (n->op != N_DECIDED || same || other->type == T_TABLE) replace(n, graph_bool(e->g, same));
    else replace(n, new_unary(e, n, N_NOT, new_unary(e, n, N_HAS_TAG, other, TAG_TABLE), 0)); /* by tags, but for __eq of tables */
}

static GNode *metatable_is(Escape *e, GNode *n) {
    GNode *mt = e->now->metatable != NULL ? node_resolve(e->now->metatable) : NULL;
    if (mt == NULL) return graph_bool(e->g, false);
    if (mt->op == N_OBJECT) return graph_bool(e->g, mt->imm.u == n->imm.u);
    GNode *wanted = node_make(e->g, N_OBJECT, 0, 0), *same = node_make(e->g, N_SAME, 2, n->pc);
    wanted->type = T_TABLE;
    wanted->imm = n->imm;
    node_append(e->g->blocks[0], wanted);
    same->in[0] = mt;
    same->in[1] = wanted;
    node_insert_before(n, same);
    return same;
}

static void store_field(Escape *e, GNode *n) {
    GNode *x = node_resolve(n->in[1]);
    e->now->field[field_of(n)] = x;
    if (x->op == N_NEW_TABLE) x->imm.u |= NEW_TABLE_SEEN;
}

/* ----------------------------------------------------------------------------------------- elements */

static GNode *new_node(Escape *e, GNode *at, Op op, unsigned type, GNode *x, GNode *y, GNode *z) {
    GNode *in[3] = {x, y, z}, *n = node_make(e->g, op, op_info[op].nin, at->pc);
    n->type = (uint8_t)type;
    for (unsigned i = 0; i < op_info[op].nin; i++) n->in[i] = in[i];
    node_insert_before(at, n);
    return n;
}

static GNode *int_node(Escape *e, int64_t i) {
    GNode *n = node_make(e->g, N_INT, 0, 0);
    n->imm.i = i;
    node_append(e->g->blocks[0], n);
    return n;
}

static unsigned count_elements(const Escape *e) { return e->nfields - e->ninline; }
static GNode *element_at(Escape *e, unsigned k) { return field_at(e, e->now, e->ninline + k); }

/* As the access wants it, which made sure of the array's kind. */
static GNode *element_as(Escape *e, GNode *at, unsigned k, unsigned type) {
    GNode *x = element_at(e, k);
    if (type == T_VALUE || x->type == type) return x;
    if (x->type == T_VALUE) {
        x = new_unary(e, at, N_UNTAG, x, type_tags[type]);
        x->type = (uint8_t)type;
        return x;
    }
    GNode *none = node_make(e->g, type == T_INT ? N_INT : N_FLT, 0, 0); /* nothing comes here */
    node_append(e->g->blocks[0], none);
    return none;
}

static GNode *is_index(Escape *e, GNode *at, GNode *i, unsigned k) { return new_node(e, at, N_IEQ, T_BOOL, i, int_node(e, k), NULL); }

/* The element at index i, counted from `from`; `other` behind them. */
static GNode *choose(Escape *e, GNode *at, GNode *i, unsigned from, unsigned type, GNode *other) {
    int64_t k;
    unsigned count = count_elements(e);
    if (constant_index(i, &k)) return (uint64_t)(k - from) < count ? element_as(e, at, (unsigned)(k - from), type) : other;
    for (unsigned n = count; n-- > 0;) {
        GNode *x = element_as(e, at, n, type);
        if (other == NULL || other == x) other = x;
        else other = new_node(e, at, N_SELECT, x->type == other->type ? x->type : (unsigned)T_VALUE, is_index(e, at, i, n + from), x, other);
    }
    return other;
}

static GNode *read_element(Escape *e, GNode *n) {
    int64_t k;
    bool outside = constant_index(n->in[1], &k) && (uint64_t)k >= count_elements(e); /* nothing comes here */
    return choose(e, n, node_resolve(n->in[1]), 0, n->type, outside ? element_as(e, n, 0, n->type) : NULL);
}

static void write_element(Escape *e, GNode *n) {
    GNode *x = node_resolve(n->in[2]), *i = node_resolve(n->in[1]);
    int64_t k = 0;
    bool known = constant_index(i, &k);
    if (x->op == N_NEW_TABLE) x->imm.u |= NEW_TABLE_SEEN;
    for (unsigned f = 0; f < count_elements(e); f++) {
        GNode **to = &e->now->field[e->ninline + f], *old = element_at(e, f);
        if (known) *to = (uint64_t)k == f ? x : old;
        else *to = new_node(e, n, N_SELECT, x->type == old->type ? x->type : (unsigned)T_VALUE, is_index(e, n, i, f), x, old);
    }
}

/* Would the array be of that kind? An array of any values may always be taken for one. */
static GNode *kind_is(Escape *e, GNode *n) {
    unsigned type = n->imm.i == KIND_INT ? T_INT : n->imm.i == KIND_FLT ? T_FLT : T_VALUE, ints = 0, floats = 0;
    GNode *result = graph_bool(e->g, true);
    for (unsigned k = 0; k < count_elements(e); k++) {
        GNode *x = element_at(e, k);
        ints += x->type == T_INT;
        floats += x->type == T_FLT;
        if (type == T_VALUE || x->type == type) continue;
        if (x->type != T_VALUE) return graph_bool(e->g, false);
        GNode *has = new_unary(e, n, N_HAS_TAG, x, type_tags[type]);
        result = result->op == N_BOOL ? has : new_node(e, n, N_SELECT, T_BOOL, result, has, graph_bool(e->g, false));
    }
    if (type == T_VALUE && (ints == count_elements(e) || floats == count_elements(e))) return graph_bool(e->g, false);
    return result;
}

static void use_array(Escape *e, GNode *n) {
    switch (n->op) {
        case N_KIND_IS: replace(n, kind_is(e, n)); return;
        case N_ABASE: replace(n, int_node(e, 1)); return;
        case N_ALEN: replace(n, int_node(e, count_elements(e))); return;
        case N_PUT_ELEM: case N_PUT_TAGGED:
            write_element(e, n);
            e->copied = NULL;
            node_remove(n);
            return;
        default: replace(n, read_element(e, n));
    }
}

static void guard_not_nil(Escape *e, GNode *at, GNode *x) {
    GNode *check = new_node(e, at, N_GUARD, T_NONE, new_unary(e, at, N_NOT, new_unary(e, at, N_HAS_TAG, x, TAG_NIL), 0), NULL, NULL);
    check->reason = DEOPT_NIL;
    check->state = exit_state(e, at->state, check);
    check->function = at->function;
}

/* Exits before it know nothing of the list. */
static void set_list(Escape *e, GNode *n) {
    for (uint32_t i = 1; i < n->nin; i++) {
        GNode *x = node_resolve(n->in[i]);
        if (x->op == N_NEW_TABLE) x->imm.u |= NEW_TABLE_SEEN;
        if (x->type == T_VALUE) guard_not_nil(e, n, x);
    }
    for (uint32_t i = 1; i < n->nin; i++) e->now->field[e->ninline + i - 1] = node_resolve(n->in[i]);
    e->now->listed = true;
}

static void replace_use(Escape *e, GNode *n) {
    if (n->in[0]->op == N_ARRAY && n->in[0]->in[0] == e->table) {
        use_array(e, n);
        return;
    }
    switch (n->op) {
        case N_FIELD: replace(n, field_at(e, e->now, (unsigned)field_of(n))); return;
        case N_HAS_SHAPE: replace(n, graph_bool(e->g, e->now->shape == n->imm.u)); return;
        case N_NO_METATABLE: replace(n, graph_bool(e->g, e->now->metatable == NULL)); return;
        case N_METATABLE_IS: replace(n, metatable_is(e, n)); return;
        case N_HAS_TAG: case N_IS_STR: case N_IS_NUM: case N_TRUTH: replace(n, graph_fold(e->g, n)); return;
        case N_SAME: case N_RAW_EQUAL: case N_DECIDED: compare(e, n); return;
        case N_REBUILT: {
            GNode *r = rebuilt(e, n);
            for (uint32_t i = 0; i < n->nin; i++)
                if (n->in[i] == e->table) n->in[i] = r;
            return;
        }
        case N_LENGTH: replace(n, int_node(e, count_elements(e))); return;
        case N_GET_INT: replace(n, choose(e, n, node_resolve(n->in[1]), 1, T_VALUE, nil_node(e))); return;
        case N_ARRAY: node_remove(n); return; /* whoever uses it will be replaced */
        case N_SET_LIST: set_list(e, n); break;
        case N_INIT_FIELD: case N_PUT_FIELD: store_field(e, n); break;
        case N_INIT_SHAPE: case N_PUT_SHAPE: e->now->shape = (uint32_t)n->imm.u; break;
        case N_PUT_METATABLE: e->now->metatable = n->in[1]; break;
        default: break; /* a barrier */
    }
    e->copied = NULL;
    node_remove(n);
}

static bool uses(const Escape *e, const GNode *n) {
    for (uint32_t i = 0; i < n->nin; i++)
        if (n->in[i] == e->table || is_array_of(n->in[i], e->table)) return true;
    return false;
}

static Contents *first_contents(Escape *e) {
    Contents *c = contents_new(e, NULL);
    c->shape = (uint32_t)e->table->imm.u;
    if (e->table->op != N_PHI) return c;
    c->shape = e->start_shape;
    for (unsigned f = 0; f < e->nfields; f++) c->field[f] = e->start_field[f];
    if (e->start_metatable) c->metatable = e->start_field[e->nfields];
    return c;
}

static void visit_block(Escape *e, Block *b) {
    bool here = b == e->table->block;
    e->copied = NULL;
    e->now = here ? NULL : contents_at(e, b);
    for (GNode *n = b->first, *next; n != NULL; n = next) {
        next = n->next;
        if (n == e->table) e->now = first_contents(e);
        if (e->now == NULL || n == e->table) continue;
        if (n->op != N_PHI && uses(e, n)) replace_use(e, n);
        if (n->state != NULL && n->block != NULL) n->state = exit_state(e, n->state, n);
    }
    leave_block(e, b);
    e->end[b->id] = e->now;
}

static void replace_uses(Escape *e) {
    Graph *g = e->g;
    Block *made = e->table->block;
    e->number = g->nrebuilt++;
    memset(e->end, 0, g->nblocks * sizeof *e->end);
    for (uint32_t i = made->order - 1; i < g->norder; i++)
        if (block_dominates(made, g->order[i])) visit_block(e, g->order[i]);
    fill_open_phis(e);
}

static void replace_table(Escape *e) {
    replace_uses(e);
    node_remove(e->table);
    graph_apply_replacements(e->g);
    graph_remove_replaced(e->g);
}

/* -------------------------------------------------------------------------------------------- rounds */

static bool is_candidate(const Escape *e, const GNode *n) {
    return n->op == N_NEW_TABLE && n->id < e->nnodes && !e->real[n->id] && (n->imm.u & NEW_TABLE_SEEN) &&
           e->g->rebuilt_values + count_fields(e, n) + e->elements[n->id] + 1 <= MAX_VALUES;
}

static void begin_table(Escape *e, GNode *n) {
    Graph *g = e->g;
    e->table = n;
    e->ninline = count_fields(e, n);
    e->nfields = e->ninline + (e->elements != NULL && n->op == N_NEW_TABLE ? e->elements[n->id] : 0);
    e->end = arena_alloc(g->arena, g->nblocks * sizeof *e->end);
    e->written = arena_alloc(g->arena, (e->nfields + 1) * sizeof *e->written);
}

static bool try_table(Escape *e, GNode *n) {
    Graph *g = e->g;
    begin_table(e, n);
    if (!feasible(e) || !graph_may(g)) return false;
    g->rebuilt_values += e->nfields + 1;
    replace_table(e);
    return true;
}

#include "tiers/optimizing/pass_escape_carried.h"

/* Tables of which one may hold the other are found one after the other. */
static bool one_round(Graph *g) {
    Escape e = {.g = g};
    bool any = false;
    find_real(&e);
    for (uint32_t b = 1; b < g->norder; b++) {
        for (GNode *n = g->order[b]->first, *next; n != NULL; n = next) {
            next = n->next;
            if (!is_candidate(&e, n) || !try_table(&e, n)) continue;
            any = true;
            next = g->order[b]->first; /* nodes behind it may be gone */
        }
    }
    return any;
}

void escape_variable(Graph *g, GNode *box) {
    Escape e = {.g = g};
    begin_table(&e, box);
    feasible(&e); /* it is */
    replace_table(&e);
}

bool pass_escape(Graph *g) {
    enum { MAX_ROUNDS = 6 };
    bool any = false;
    for (unsigned round = 0; round < MAX_ROUNDS; round++) {
        bool tables = one_round(g), carried = escape_carried(g), closures = escape_closures(g);
        if (!tables && !carried && !closures) break;
        any = true;
        pass_fold(g); /* what was held by a table that is gone has its type now */
    }
    return any;
}
