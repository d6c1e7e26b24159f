// SPDX-License-Identifier: MIT
/* What each kind of object refers to, stated once: the marker and the heap checker are made from
 * these functions by inlining them with their own visit(g, child). Tables and stacks come in
 * pieces, since marking them is resumable and weak tables leave pieces out.
 */
#ifndef PERIGEE_GC_CHILDREN_H
#define PERIGEE_GC_CHILDREN_H

#include "gc/gc_internal.h"
#include "object/shape.h"

typedef void (*Visit)(Global *g, GCObject *child);
#define EACH static inline __attribute__((always_inline)) void

EACH visit_field(Global *g, void *child, Visit visit) {
    if (child) visit(g, (GCObject *)child);
}
EACH visit_value(Global *g, const TValue *v, Visit visit) {
    if (is_gc(v)) visit(g, v->v.gc);
}
EACH visit_values(Global *g, const TValue *v, size_t n, Visit visit) {
    for (size_t i = 0; i < n; i++) visit_value(g, &v[i], visit);
}

/* ---- tables ---- */

EACH visit_table_head(Global *g, Table *t, Visit visit) {
    visit_field(g, t->metatable, visit);
    visit_field(g, shape_of(g, t), visit);
}

static inline unsigned table_slots_used(Global *g, const Table *t) {
    const Shape *s = shape_of(g, t);
    unsigned room = t->ninline + t->props->nslots;
    if (s->isdict) return 0;
    return s->nslots < room ? s->nslots : room;
}

EACH visit_table_slots(Global *g, Table *t, Visit visit) {
    unsigned n = table_slots_used(g, t);
    for (unsigned i = 0; i < n; i++) visit_value(g, table_slot(t, i), visit);
}

static inline uint32_t table_array_values(const Table *t) { /* elements that may be collectable */
    const ArrayHead *h = array_head(t);
    return h->kind == KIND_VALUE ? h->len : 0;
}

EACH visit_table_array(Global *g, Table *t, size_t from, size_t to, Visit visit) {
    const uint8_t *tag = array_tags(t);
    for (size_t i = from; i < to; i++)
        if (tag[i] >= TAG_SSTR) visit(g, t->array[i].gc);
}

static inline size_t table_node_count(const Table *t) { return table_nnodes(t); }
/* A node whose value is nil is dead: its key may be gone, and is not to be looked at. */
static inline uint32_t key_tag(const Node *n) { return n->val.extra & 0xff; } /* 0: free */
static inline bool node_key_gc(const Node *n) { return key_tag(n) >= TAG_SSTR; }

/* ---- stacks ---- */

/* Slots [from, to) of a thread's stack: the one place that says where frames keep their values. */
EACH visit_thread_slots(Global *g, lua_State *th, size_t from, size_t to, Visit visit) {
    visit_values(g, th->stack + from, to - from, visit);
}

/* The end of what is in use: registers of a running Lua frame may be live up to its limit, whatever
 * L->top says. */
static inline size_t thread_limit(const lua_State *th) {
    StkId limit = th->top;
    if (!(th->ci->status & CI_C) && th->ci->top > limit) limit = th->ci->top;
    return (size_t)(limit - th->stack);
}

/* Where a frame begins, its extra arguments included (at most: parameters are fewer than 256). */
static inline size_t frame_start(const lua_State *th, const CallInfo *ci) {
    size_t start = (size_t)(ci->func - th->stack);
    size_t extra = 0;
    if (!(ci->status & CI_C) && ci->nextra > 0) extra = (size_t)ci->nextra + 256;
    return start > extra ? start - extra : 0;
}

/* ---- the rest ---- */

EACH visit_proto(Global *g, Proto *p, Visit visit) {
    visit_field(g, p->source, visit);
    visit_field(g, p->feedback, visit);
    if (p->k) visit_values(g, p->k, p->sizek, visit);
    if (p->p)
        for (uint32_t i = 0; i < p->sizep; i++) visit_field(g, p->p[i], visit);
    if (p->upvalues)
        for (uint32_t i = 0; i < p->sizeupvalues; i++) visit_field(g, p->upvalues[i].name, visit);
    if (p->locvars)
        for (uint32_t i = 0; i < p->sizelocvars; i++) visit_field(g, p->locvars[i].name, visit);
}

EACH visit_closure(Global *g, LClosure *cl, Visit visit) {
    visit_field(g, cl->p, visit);
    for (unsigned i = 0; i < cl->nupvalues; i++) visit_field(g, cl->upvals[i], visit);
}

EACH visit_shape(Global *g, Shape *s, Visit visit) {
    visit_field(g, s->descs, visit);
    visit_field(g, s->meta, visit);
    visit_field(g, s->asclass, visit);
    visit_field(g, s->parent, visit);
    visit_field(g, s->plain, visit);
}

EACH visit_descs(Global *g, Descs *d, Visit visit) {
    for (uint32_t i = 0; i < d->count; i++) visit_field(g, d->key[i], visit);
}

EACH visit_class(Global *g, Class *c, Visit visit) {
    visit_field(g, c->mtshape, visit);
    visit_field(g, c->owner, visit);
    visit_value(g, &c->index, visit);
    visit_value(g, &c->newindex, visit);
}

EACH visit_udata(Global *g, Udata *u, Visit visit) {
    visit_field(g, u->metatable, visit);
    visit_values(g, u->uv, u->nuvalue, visit);
}

/* Everything but tables and threads; returns about how many bytes were looked at. */
static inline __attribute__((always_inline)) size_t visit_simple(Global *g, GCObject *o, Visit visit) {
    void *p = o;
    switch (o->tag) {
    case TAG_LSTR:
        visit_field(g, ((LongString *)p)->owner, visit);
        return 32;
    case TAG_LCL:
        visit_closure(g, p, visit);
        return 24 + 8u * ((LClosure *)p)->nupvalues;
    case TAG_CCL:
        visit_values(g, ((CClosure *)p)->upvalue, ((CClosure *)p)->nupvalues, visit);
        return 16 + 16u * ((CClosure *)p)->nupvalues;
    case TAG_UDATA:
        visit_udata(g, p, visit);
        return 40 + 16u * ((Udata *)p)->nuvalue;
    case TAG_PROTO:
        visit_proto(g, p, visit);
        return sizeof(Proto) + 16u * ((Proto *)p)->sizek;
    case TAG_UPVAL:
        visit_value(g, ((UpVal *)p)->v, visit);
        return sizeof(UpVal);
    case TAG_SHAPE:
        visit_shape(g, p, visit);
        return sizeof(Shape);
    case TAG_DESCS:
        visit_descs(g, p, visit);
        return sizeof(Descs) + 8u * ((Descs *)p)->count;
    case TAG_CLASS:
        visit_class(g, p, visit);
        return sizeof(Class);
    case TAG_FEEDBACK:
        feedback_traverse(p, g, visit);
        return 256;
    default: /* short strings and buffers refer to nothing */
        return 32;
    }
}

#endif
