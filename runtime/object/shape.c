// SPDX-License-Identifier: MIT
/* Shapes, their transitions, and the classes of metatables.
 *
 *   empty --"x"--> {x} --"y"--> {x,y}            key transitions: append a key
 *     |             |
 *     K             K                            class transitions: the same keys, metatable of
 * class K; `plain` leads back
 *     v             v
 *   empty/K --"x"--> {x}/K                       (two shapes of the same keys and class may exist,
 * by different histories)
 *
 *   {__index} --(value of __index, __newindex)--> {__index = C}      constmeta: all metatables of
 * this shape stand for one class
 *
 * Transitions are held weakly: the most recent in `lastchild`, the others in an open-addressing
 * table of shapes. What leads to a child
 * is not stored beside it but read from the child (its last key, its class, the values of the class
 * it stands for).
 * The keys of a line of shapes are one append-only array (Descs); a second branch copies it.
 *
 * An owned shape belongs to one table, whose Descs is its own and has a state for each slot. A
 * further key makes a new Shape object (so that what
 * caches know by id stays true) with the same Descs; the class that the table stands for moves
 * along.
 *
 * Rules
 *  1. While a class is valid and known, each table whose shape has it as `meta` has a metatable
 * with __index and __newindex as recorded.
 *     So whoever changes these in a table that stands for a class comes here first.
 *  2. A new shape is reachable by nobody: it is stored into a table, or anchored, before anything
 * else is allocated.
 *  3. Entries of transition tables are never dangling: shape_clear_dead removes the unmarked before
 * they are swept.
 */
#include "object/shape.h"

#include <string.h>

#include "gc/gc.h"
#include "object/anchor.h"
#include "object/table.h"
#include "state/error.h"

/* ---------------------------------------------------------------------------- transition tables */

typedef struct Children {
    uint32_t log;   /* log2 of the capacity */
    uint32_t used;  /* entries that are not free, deleted ones included */
    uint32_t n[3];  /* living transitions by kind of edge */
    Shape *tab[];
} Children;

enum { EDGE_KEY, EDGE_CLASS, EDGE_CONST };

/* what leads from a shape to a child */
typedef struct Edge {
    int kind;
    Value a, b; /* key; class; payloads of __index, __newindex */
    uint32_t taga, tagb;
} Edge;

#define SHAPE_TOMB ((Shape *)(uintptr_t)1)
static inline bool is_entry(const Shape *s) { return (uintptr_t)s > 1; }

static Edge edge_obj(int kind, void *p) { return (Edge){.kind = kind, .a.p = p}; }

static Value payload(const TValue *v) {
    return v->tag == TAG_NIL || is_bool(v) ? (Value){.u = 0} : v->v;
}

static Edge edge_const(const TValue *index, const TValue *newindex) {
    return (Edge){EDGE_CONST, payload(index), payload(newindex), index->tag, newindex->tag};
}

static Edge edge_to(const Shape *from, const Shape *to) {
    if (to->constmeta && !from->constmeta)
        return edge_const(&to->asclass->index, &to->asclass->newindex);
    if (to->nslots > from->nslots) return edge_obj(EDGE_KEY, to->descs->key[from->nslots]);
    return edge_obj(EDGE_CLASS, to->meta);
}

static bool edge_same(const Edge *x, const Edge *y) {
    return x->kind == y->kind && x->a.u == y->a.u && x->b.u == y->b.u && x->taga == y->taga &&
           x->tagb == y->tagb;
}

static uint32_t edge_hash(const Edge *e) {
    uint64_t h = (e->a.u ^ (e->b.u << 17 | e->b.u >> 47)) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(h >> 32) ^ (uint32_t)e->kind;
}

/* a constmeta shape whose class was broken is a transition no longer */
static bool is_current(const Shape *s) { return !s->constmeta || s->asclass->valid; }

static bool leads_to(const Shape *from, const Edge *e, const Shape *to) {
    Edge have = edge_to(from, to);
    return edge_same(&have, e) && is_current(to);
}

static Shape *child_find(Shape *s, const Edge *e) {
    if (s->lastchild != NULL && leads_to(s, e, s->lastchild)) return s->lastchild;
    Children *c = s->children;
    if (c == NULL) return NULL;
    uint32_t mask = (1u << c->log) - 1;
    for (uint32_t i = edge_hash(e) & mask; c->tab[i] != NULL; i = (i + 1) & mask)
        if (is_entry(c->tab[i]) && leads_to(s, e, c->tab[i])) return s->lastchild = c->tab[i];
    return NULL;
}

static uint32_t child_count(const Shape *s, int edge) {
    return s->children ? ((Children *)s->children)->n[edge] : 0;
}

static size_t children_bytes(uint32_t log) { return sizeof(Children) + (sizeof(Shape *) << log); }

static void child_put(Children *c, const Shape *s, Shape *child) {
    Edge e = edge_to(s, child);
    uint32_t mask = (1u << c->log) - 1, i = edge_hash(&e) & mask;
    while (c->tab[i] != NULL) i = (i + 1) & mask;
    c->tab[i] = child;
    c->used++;
    c->n[e.kind]++;
}

/* Makes room for one more transition; called before the child is made, since it allocates. */
static void children_reserve(lua_State *L, Shape *s) {
    Children *old = s->children;
    if (old != NULL && old->used < (1u << old->log) / 2) return;
    uint32_t live = old ? old->n[EDGE_KEY] + old->n[EDGE_CLASS] + old->n[EDGE_CONST] : 0, log = 2;
    while ((1u << log) / 4 < live + 1) log++;
    Children *c = mem_alloc(L, children_bytes(log));
    memset(c, 0, children_bytes(log));
    c->log = log;
    if (old != NULL) {
        for (uint32_t i = 0; i < 1u << old->log; i++)
            if (is_entry(old->tab[i])) child_put(c, s, old->tab[i]);
        mem_free(L, old, children_bytes(old->log));
    }
    s->children = c;
}

static void child_link(Shape *s, Shape *child) {
    child_put(s->children, s, child);
    s->lastchild = child;
}

/* -------------------------------------------------------------------------------- making shapes */

static void *free_link(uint32_t next) { return (void *)(((uintptr_t)next << 1) | 1); }
static bool is_free_id(const Global *g, uint32_t id) {
    return ((uintptr_t)g->shapes[id] & 1) || g->shapes[id] == NULL;
}

static void id_push(Global *g, uint32_t id) {
    uint32_t *list = id & 1 ? &g->freedictshape : &g->freeshape;
    g->shapes[id] = free_link(*list);
    *list = id;
}

/* ids are handed out in pairs: the even one for a slotted shape, the odd one for a dictionary shape
 * */
static void id_reserve(lua_State *L, bool isdict) {
    Global *g = G(L);
    if ((isdict ? g->freedictshape : g->freeshape) != 0) return;
    if (g->nshapes + 2 > g->capshapes) {
        uint32_t cap = g->capshapes ? 2 * g->capshapes : 64;
        g->shapes =
            mem_realloc(L, g->shapes, g->capshapes * sizeof(Shape *), cap * sizeof(Shape *));
        g->capshapes = cap;
    }
    if (g->nshapes == 0) { /* id 0 stays unused, so that a cache of zeros matches nothing */
        g->shapes[0] = NULL;
        g->nshapes = 2;
        id_push(g, 1);
        if (isdict) return;
        id_reserve(L, isdict);
        return;
    }
    g->nshapes += 2;
    id_push(g, g->nshapes - 2);
    id_push(g, g->nshapes - 1);
}

static uint32_t id_pop(Global *g, bool isdict) {
    uint32_t *list = isdict ? &g->freedictshape : &g->freeshape, id = *list;
    *list = (uint32_t)((uintptr_t)g->shapes[id] >> 1);
    return id;
}

static Shape *shape_new(lua_State *L, int kind, bool isdict, unsigned ninline, Class *meta) {
    id_reserve(L, isdict);
    Shape *s = (Shape *)gc_new(L, TAG_SHAPE, sizeof(Shape));
    memset((char *)s + sizeof(uint64_t), 0, sizeof(Shape) - sizeof(uint64_t));
    s->kind = (uint8_t)kind;
    s->isdict = isdict;
    s->ninline = (uint8_t)ninline;
    s->meta = meta;
    s->id = id_pop(G(L), isdict);
    G(L)->shapes[s->id] = s;
    return s;
}

static Class *class_new(lua_State *L) {
    Class *c = (Class *)gc_new(L, TAG_CLASS, sizeof(Class));
    c->valid = 1;
    c->mtshape = NULL;
    c->owner = NULL;
    set_nil(&c->index);
    set_nil(&c->newindex);
    return c;
}

/* ----------------------------------------------------------------------------------------- keys */

static Descs *descs_new(lua_State *L) {
    Descs *d = (Descs *)gc_new(L, TAG_DESCS, sizeof(Descs));
    memset((char *)d + sizeof(uint64_t), 0, sizeof(Descs) - sizeof(uint64_t));
    return d;
}

static void index_put(Descs *d, uint32_t slot) {
    uint32_t mask = (1u << d->logindex) - 1, i = d->key[slot]->hash & mask;
    while (d->index[i] != 0) i = (i + 1) & mask;
    d->index[i] = slot + 1;
}

static void index_grow(lua_State *L, Descs *d) {
    uint32_t log = d->logindex ? d->logindex + 1 : 5;
    uint32_t *index = mem_alloc(L, sizeof(uint32_t) << log);
    memset(index, 0, sizeof(uint32_t) << log);
    if (d->index) mem_free(L, d->index, sizeof(uint32_t) << d->logindex);
    d->index = index;
    d->logindex = log;
    for (uint32_t i = 0; i < d->count; i++) index_put(d, i);
}

static void descs_grow(lua_State *L, Descs *d, uint32_t need) {
    if (need <= d->cap) return;
    uint32_t cap = d->cap ? 2 * d->cap : 4;
    while (cap < need) cap *= 2;
    if (d->state) { /* first: it may fail, and cap is that of both */
        uint8_t *state = mem_alloc(L, cap);
        memcpy(state, d->state, d->count);
        uint32_t old = d->cap;
        uint8_t *previous = d->state;
        String **key = mem_try_realloc(L, d->key, old * sizeof(String *), cap * sizeof(String *));
        if (key == NULL) {
            mem_free(L, state, cap);
            state_throw(L, LUA_ERRMEM);
        }
        mem_free(L, previous, old);
        d->state = state;
        d->key = key;
    } else {
        d->key = mem_realloc(L, d->key, d->cap * sizeof(String *), cap * sizeof(String *));
    }
    d->cap = cap;
}

static void descs_append(lua_State *L, Descs *d, String *key) {
    descs_grow(L, d, d->count + 1);
    if (d->count + 1 > DESCS_LINEAR && (d->count + 1) * 3 > (d->logindex ? 1u << d->logindex : 0))
        index_grow(L, d);
    uint32_t i = d->count++;
    d->key[i] = key;
    if (d->state) d->state[i] = SLOT_CONST;
    if (d->index) index_put(d, i);
    gc_barrier_obj(L, d, key);
}

/* the first n keys again; the result is anchored */
static Descs *descs_copy(lua_State *L, const Descs *from, uint32_t n, bool withstate) {
    Descs *d = descs_new(L);
    anchor_push(L, d);
    if (withstate) {
        d->key = mem_alloc(L, 4 * sizeof(String *));
        d->cap = 4;
        d->state = mem_try_realloc(L, NULL, 0, 4);
        if (d->state == NULL) state_throw(L, LUA_ERRMEM);
    }
    if (n > 0) descs_grow(L, d, n);
    for (uint32_t i = 0; i < n; i++) descs_append(L, d, from->key[i]);
    if (withstate && from && from->state) memcpy(d->state, from->state, n);
    return d;
}

int shape_find_indexed(const Shape *s, const String *key) {
    const Descs *d = s->descs;
    uint32_t mask = (1u << d->logindex) - 1;
    for (uint32_t i = key->hash & mask; d->index[i] != 0; i = (i + 1) & mask) {
        uint32_t slot = d->index[i] - 1;
        if (d->key[slot] == key) return slot < s->nslots ? (int)slot : -1;
    }
    return -1;
}

/* ---------------------------------------------------------------------------------- transitions */

/* The shapes that all others descend from; made when first needed, and kept. */
Shape *shape_root(lua_State *L, unsigned ninline, bool isdict) {
    Shape **root = isdict ? &G(L)->dictshape[ninline] : &G(L)->rootshape[ninline];
    if (*root == NULL) *root = shape_new(L, SHAPE_SHARED, isdict, ninline, NULL);
    return *root;
}

/* to must be anchored or otherwise reachable */
static void give_keys(lua_State *L, Shape *to, const Shape *from, String *key) {
    Descs *d = from->descs;
    if (d == NULL || d->count != from->nslots || (d->state != NULL) != (to->kind == SHAPE_OWNED)) {
        d = descs_copy(L, d, from->nslots, to->kind == SHAPE_OWNED);
        to->descs = d;
        gc_barrier_obj(L, to, d);
        anchor_pop(L);
    } else {
        to->descs = d;
        gc_barrier_obj(L, to, d);
    }
    to->nslots = from->nslots;
    if (key != NULL) {
        descs_append(L, d, key);
        to->nslots++;
    }
}

static Shape *add_owned(lua_State *L, Shape *s, String *key) {
    Shape *n = shape_new(L, SHAPE_OWNED, false, s->ninline, s->meta);
    n->asclass = s->asclass;
    n->watched = s->watched;
    anchor_push(L, n);
    give_keys(L, n, s, key);
    anchor_pop(L);
    return n;
}

static Shape *add_shared(lua_State *L, Shape *s, String *key) {
    Edge e = edge_obj(EDGE_KEY, key);
    Shape *n = child_find(s, &e);
    if (n != NULL) return n;
    children_reserve(L, s);
    n = shape_new(L, SHAPE_SHARED, false, s->ninline, s->meta);
    n->parent = s;
    anchor_push(L, n);
    give_keys(L, n, s, key);
    anchor_pop(L);
    child_link(s, n);
    return n;
}

static bool is_crowded(const Shape *s, const String *key) {
    if (s->nslots >= SHAPE_MAXSLOTS) return true;
    if (child_count(s, EDGE_KEY) < (s->nslots == 0 ? SHAPE_ROOTFANOUT : SHAPE_FANOUT)) return false;
    Edge e = edge_obj(EDGE_KEY, (void *)(uintptr_t)key);
    return child_find((Shape *)(uintptr_t)s, &e) == NULL;
}

bool shape_takes(const Shape *s, const String *key) {
    return s->kind == SHAPE_SHARED && !s->isdict && !s->constmeta && !is_crowded(s, key);
}

Shape *shape_add(lua_State *L, Shape *s, String *key) {
    if (s->kind == SHAPE_OWNED) {
        if (s->nslots < SHAPE_MAXOWNED) return add_owned(L, s, key);
    } else {
        if (s->constmeta) s = s->parent;
        if (!is_crowded(s, key)) return add_shared(L, s, key);
    }
    return shape_with_class(L, shape_root(L, s->ninline, true), s->meta);
}

/* the shape of the same keys without metatable; s is shared */
static Shape *plain_of(lua_State *L, Shape *s) {
    if (s->meta == NULL) return s;
    if (s->plain != NULL) return s->plain;
    Shape *p = shape_root(L, s->ninline, s->isdict);
    for (uint32_t i = 0; i < s->nslots; i++) {
        p = add_shared(L, p, s->descs->key[i]);
        if (i > 0) anchor_pop(L);
        anchor_push(L, p);
    }
    if (s->nslots > 0) anchor_pop(L);
    s->plain = p;
    gc_barrier_obj(L, s, p);
    return p;
}

static Shape *class_child(lua_State *L, Shape *p, Class *meta) {
    Edge e = edge_obj(EDGE_CLASS, meta);
    Shape *n = child_find(p, &e);
    if (n != NULL) return n;
    if (child_count(p, EDGE_CLASS) >= SHAPE_CLASSFANOUT && !meta->unknown)
        return class_child(L, p, G(L)->unknownclass);
    children_reserve(L, p);
    n = shape_new(L, SHAPE_SHARED, p->isdict, p->ninline, meta);
    n->nslots = p->nslots;
    n->descs = p->descs;
    n->parent = n->plain = p;
    child_link(p, n);
    return n;
}

Shape *shape_with_class(lua_State *L, Shape *s, Class *meta) {
    if (s->meta == meta) return s;
    if (s->kind == SHAPE_OWNED) {
        Shape *n = shape_new(L, SHAPE_OWNED, false, s->ninline, meta);
        n->asclass = s->asclass;
        n->watched = s->watched;
        n->nslots = s->nslots;
        n->descs = s->descs;
        return n;
    }
    if (s->constmeta) s = s->parent;
    Shape *p = plain_of(L, s);
    if (meta == NULL) return p;
    anchor_push(L, p);
    Shape *n = class_child(L, p, meta);
    anchor_pop(L);
    return n;
}

/* ----------------------------------------------------------------------------- what has changed */

void shape_fire(lua_State *L, Shape *s, int slot, int what) {
    Global *g = G(L);
    (void)slot;
    if (what != FIRE_LOOKUP) return;
    if (g->epoch != 0) g->epoch++;
    if (s->watched && g->lookups_fired != NULL) g->lookups_fired(g);
}

static bool is_event_name(const String *key) {
    return key->bytes[0] == '_' && key->bytes[1] == '_';
}

static void class_break(lua_State *L, Shape *s) {
    Class *c = s->asclass;
    if (c == NULL || !c->valid) return;
    c->valid = 0;
    shape_fire(L, s, -1, FIRE_LOOKUP);
}

void shape_leave_class(lua_State *L, Table *t) {
    Shape *s = shape_of(G(L), t);
    if (!s->constmeta) return;
    class_break(L, s);
    if (s->parent->broken < UINT8_MAX) s->parent->broken++;
    t->shape = s->parent->id;
    gc_barrier_back_obj(L, t);
}

void shape_disown(lua_State *L, Table *t) {
    Shape *s = shape_of(G(L), t);
    if (s->kind != SHAPE_OWNED) return;
    class_break(L, s);
    t->flags &= (uint8_t)~TABLE_ROLE;
    shape_fire(L, s, -1, FIRE_LOOKUP);
}

static bool same_value(const TValue *a, const TValue *b) {
    return a->tag == b->tag && payload(a).u == payload(b).u;
}

static void own_target(lua_State *L, const TValue *v) {
    if (is_table(v)) shape_own(L, as_table(v));
}

/* the class of an owned metatable learns the new value of an event */
static void class_update(lua_State *L, Class *c, const String *key, const TValue *v) {
    TValue *entry = key == G(L)->tmname[TM_INDEX]      ? &c->index
                    : key == G(L)->tmname[TM_NEWINDEX] ? &c->newindex
                                                       : NULL;
    if (entry == NULL) return;
    own_target(L, v);
    set_value(entry, v);
    gc_barrier(L, c, v);
}

static void owned_changed(lua_State *L, Shape *s, unsigned i, const TValue *v, bool presence) {
    String *key = s->descs->key[i];
    bool event = is_event_name(key);
    if (event && s->asclass != NULL) class_update(L, s->asclass, key, v);
    if (event || presence) shape_fire(L, s, (int)i, FIRE_LOOKUP);
}

void shape_slot_added(lua_State *L, Table *t, unsigned i, const TValue *v) {
    owned_changed(L, shape_of(G(L), t), i, v, true);
}

void shape_slot_written(lua_State *L, Table *t, unsigned i, const TValue *v) {
    Shape *s = shape_of(G(L), t);
    const TValue *old = table_slot(t, i);
    if (same_value(old, v)) return;
    if (s->constmeta) {
        String *key = s->descs->key[i];
        if (key == G(L)->tmname[TM_INDEX] || key == G(L)->tmname[TM_NEWINDEX])
            shape_leave_class(L, t);
        return;
    }
    if (s->kind != SHAPE_OWNED) return;
    bool presence = is_nil(old) != is_nil(v);
    uint8_t *state = &s->descs->state[i], lower = old->tag == v->tag ? SLOT_TYPE : SLOT_ANY;
    if (*state < lower) {
        *state = lower;
        shape_fire(L, s, (int)i, lower == SLOT_TYPE ? FIRE_CONST : FIRE_TYPE);
    }
    owned_changed(L, s, i, v, presence);
}

/* ---------------------------------------------------------------------------- roles and classes */

void shape_own(lua_State *L, Table *t) {
    Shape *s = shape_of(G(L), t);
    if (s->kind == SHAPE_OWNED) {
        t->flags |= TABLE_ROLE;
        return;
    }
    if (s->constmeta) {
        shape_leave_class(L, t);
        s = shape_of(G(L), t);
    }
    Shape *n = shape_new(L, SHAPE_OWNED, false, s->ninline, s->meta);
    anchor_push(L, n);
    give_keys(L, n, s, NULL);
    if (s->isdict) {
        table_leave_dict(L, t, n);
    } else {
        t->shape = n->id;
        t->flags |= TABLE_ROLE;
        gc_barrier_back_obj(L, t);
    }
    anchor_pop(L);
}

static const TValue nil_value = {.tag = TAG_NIL};

static const TValue *event_value(lua_State *L, Table *mt, int event) {
    int i = shape_find(shape_of(G(L), mt), G(L)->tmname[event]);
    return i < 0 ? &nil_value : table_slot(mt, (unsigned)i);
}

static Class *class_of_owned(lua_State *L, Table *mt) {
    Shape *s = shape_of(G(L), mt);
    if (s->asclass != NULL && s->asclass->valid) return s->asclass;
    own_target(L, event_value(L, mt, TM_INDEX));
    own_target(L, event_value(L, mt, TM_NEWINDEX));
    Class *c = class_new(L);
    c->owner = mt;
    set_value(&c->index, event_value(L, mt, TM_INDEX));
    set_value(&c->newindex, event_value(L, mt, TM_NEWINDEX));
    s->asclass = c;
    gc_barrier_obj(L, s, c);
    return c;
}

/* mt's shape is shared: it gets the shape of all metatables with the same keys, __index and
 * __newindex */
static Class *class_of_shared(lua_State *L, Table *mt) {
    Shape *s = shape_of(G(L), mt);
    const TValue *index = event_value(L, mt, TM_INDEX), *newindex = event_value(L, mt, TM_NEWINDEX);
    Edge e = edge_const(index, newindex);
    Shape *n = child_find(s, &e);
    if (n == NULL) {
        if (s->broken >= SHAPE_MAXBROKEN || child_count(s, EDGE_CONST) >= SHAPE_MAXCLASSES)
            return G(L)->unknownclass;
        Class *c = class_new(L);
        set_value(&c->index, index);
        set_value(&c->newindex, newindex);
        anchor_push(L, c);
        children_reserve(L, s);
        n = shape_new(L, SHAPE_SHARED, false, s->ninline, s->meta);
        n->constmeta = 1;
        n->nslots = s->nslots;
        n->descs = s->descs;
        n->parent = s;
        n->plain = s->plain;
        n->asclass = c;
        c->mtshape = n;
        gc_barrier_obj(L, c, n); /* making n may have aged c */
        anchor_pop(L);
        child_link(s, n);
    }
    mt->shape = n->id;
    gc_barrier_back_obj(L, mt);
    return n->asclass;
}

Class *shape_class_of_metatable(lua_State *L, Table *mt) {
    Shape *s = shape_of(G(L), mt);
    if (s->constmeta) {
        if (s->asclass->valid) return s->asclass;
        mt->shape = s->parent->id;
        gc_barrier_back_obj(L, mt);
        s = s->parent;
    }
    if (s->isdict) {
        shape_own(L, mt);
        s = shape_of(G(L), mt);
        if (s->isdict) return G(L)->unknownclass;
    }
    if (s->kind == SHAPE_SHARED) {
        /* an empty metatable is one about to be filled: promising absences would break a class for
         * each */
        if (s->nslots == 0) return G(L)->unknownclass;
        const TValue *index = event_value(L, mt, TM_INDEX),
                     *newindex = event_value(L, mt, TM_NEWINDEX);
        own_target(L, index); /* mt itself, perhaps */
        own_target(L, newindex);
        if (shape_of(G(L), mt)->kind == SHAPE_SHARED) return class_of_shared(L, mt);
    }
    return class_of_owned(L, mt);
}

/* ----------------------------------------------------------------------------------- life cycle */

void shape_init(lua_State *L) {
    Global *g = G(L);
    g->epoch = 1;
    shape_root(L, 0, false);
    shape_root(L, 0, true);
    g->unknownclass = class_new(L);
    g->unknownclass->unknown = 1;
}

void shape_close(lua_State *L) {
    Global *g = G(L);
    mem_free(L, g->shapes, g->capshapes * sizeof(Shape *));
    g->shapes = NULL;
    g->nshapes = g->capshapes = 0;
}

void shape_release(lua_State *L, Shape *s) {
    Global *g = G(L);
    if (s->children) mem_free(L, s->children, children_bytes(((Children *)s->children)->log));
    if (g->shapes != NULL && s->id < g->nshapes && g->shapes[s->id] == s) id_push(g, s->id);
}

void descs_release(lua_State *L, Descs *d) {
    if (d->key) mem_free(L, d->key, d->cap * sizeof(String *));
    if (d->state) mem_free(L, d->state, d->cap);
    if (d->index) mem_free(L, d->index, sizeof(uint32_t) << d->logindex);
}

/* In the atomic phase everything that lives is marked, so white means dead, before the colours are
 * exchanged and after. */
static bool is_unmarked(const Shape *s) { return s->marked & GC_WHITES; }

static void children_clear_dead(Shape *s) {
    Children *c = s->children;
    memset(c->n, 0, sizeof c->n);
    for (uint32_t i = 0; i < 1u << c->log; i++) {
        if (!is_entry(c->tab[i])) continue;
        if (is_unmarked(c->tab[i])) c->tab[i] = SHAPE_TOMB;
        else c->n[edge_to(s, c->tab[i]).kind]++;
    }
}

void shape_clear_dead(lua_State *L) {
    Global *g = G(L);
    for (uint32_t id = 1; id < g->nshapes; id++) {
        if (is_free_id(g, id)) continue;
        Shape *s = g->shapes[id];
        if (is_unmarked(s)) continue;
        if (s->lastchild != NULL && is_unmarked(s->lastchild)) s->lastchild = NULL;
        if (s->children != NULL) children_clear_dead(s);
    }
}
