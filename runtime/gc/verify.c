// SPDX-License-Identifier: MIT
/* Heap checker, for debug builds and tests: walks every object and aborts with what it found.
 *
 *  1. While marks count (marking, or sticky marks), no black object refers to a white one. Left
 *     out: stacks (no barrier), weak references, and
 *     large tables that wait to be continued.
 *  2. No object has two colours; a gray one is in a work list, unless lists were lost.
 *  3. No object refers to freed memory (tag 0) or to a dead white object from a live one during
 *     sweeping; weak tables neither, then.
 *  4. A dictionary node with a value has a key.
 */
#include <stdio.h>
#include <stdlib.h>

#include "gc/children.h"

static _Noreturn void broken(const char *rule, const GCObject *parent, const GCObject *child) {
    fprintf(stderr, "heap: %s; object %p tag %d marked 0x%x", rule, (const void *)parent,
            parent ? parent->tag : -1, parent ? parent->marked : 0u);
    if (child)
        fprintf(stderr, ", refers to %p tag %d marked 0x%x", (const void *)child, child->tag, child->marked);
    fputc('\n', stderr);
    abort();
}

static void check_child(Global *g, GCObject *child) {
    const GCState *gs = g->gc;
    const GCObject *parent = gs->checkparent;
    if (child->tag < TAG_SSTR || child->tag >= TAG_COUNT) broken("reference to a free cell", parent, child);
    if (gs->checkmarks && is_black(parent) && is_white(child)) broken("black to white", parent, child);
    if (gs->phase == PHASE_SWEEP && !gc_is_dead(g, parent) && gc_is_dead(g, child) && !(child->marked & GC_FIXED))
        broken("live to dead", parent, child);
}

static void check_nodes(Global *g, Table *t, int mode) {
    Node *n = table_nodes(t);
    for (Node *end = n + table_node_count(t); n < end; n++) {
        if (is_nil(&n->val)) continue;
        if (key_tag(n) == 0) broken("value without key", (GCObject *)t, NULL);
        if (node_key_gc(n) && !(mode & WEAK_KEYS)) check_child(g, n->key.gc);
        if (is_gc(&n->val) && mode == WEAK_NONE) check_child(g, n->val.v.gc);
    }
}

/* A large table may be black before its last piece was looked at: its elements are checked outside
 * of marking only. */
static void check_table(Global *g, Table *t) {
    visit_table_head(g, t, check_child);
    if (g->gc->phase == PHASE_MARK && (array_head(t)->len > MARK_CHUNK || table_node_count(t) > MARK_CHUNK)) return;
    int mode = t->metatable ? weak_mode(g, t) : WEAK_NONE;
    if ((t->flags & TABLE_WEAK) && mode == WEAK_NONE) return; /* mode just changed */
    if (g->gc->phase == PHASE_SWEEP) mode = WEAK_NONE; /* what could die has been removed */
    if (!(mode & WEAK_VALUES)) {
        visit_table_slots(g, t, check_child);
        visit_table_array(g, t, 0, table_array_values(t), check_child);
    }
    check_nodes(g, t, mode);
}

static void check_object(Global *g, void *ud, GCObject *o) {
    (void)ud;
    GCState *gs = g->gc;
    if (gc_is_dead(g, o) && !(o->marked & GC_FIXED)) return;
    if (is_black(o) && is_white(o)) broken("two colours", o, NULL);
    if ((o->marked & GC_WHITES) == GC_WHITES) broken("two whites", o, NULL);
    if (!is_black(o) && !is_white(o) && !gs->lost && !(o->marked & GC_PRIVATE2)) broken("gray in no list", o, NULL);
    gs->checkparent = o;
    if (o->tag == TAG_TABLE) check_table(g, (Table *)(void *)o);
    else if (o->tag == TAG_UPVAL && upval_is_open((UpVal *)(void *)o)) return; /* the slot is its stack's */
    else if (o->tag != TAG_THREAD) visit_simple(g, o, check_child);
}

static void set_listed(void *ud, uintptr_t word) {
    (void)ud;
    if (word != 0 && !(word & 1)) ((GCObject *)word)->marked |= GC_PRIVATE2;
}

static void clear_listed(Global *g, void *ud, GCObject *o) {
    (void)ud;
    (void)g;
    o->marked &= (uint8_t)~GC_PRIVATE2;
}

/* The gray list holds places between its objects: pairs (place, object | 1). */
static void list_grays(WorkList *w) {
    bool place = false;
    for (WorkChunk *c = w->top; c; c = c->below)
        for (size_t i = c->n; i-- > 0;) {
            uintptr_t word = c->word[i];
            if (place) place = false;
            else if (word & 1) place = true;
            else set_listed(NULL, word);
        }
}

void gc_verify(lua_State *L) {
    Global *g = G(L);
    GCState *gs = g->gc;
    bool marking = gs->phase == PHASE_MARK || gs->phase == PHASE_ATOMIC;
    gs->checkmarks = marking || (gs->sticky && gs->phase != PHASE_CLEAR);
    list_grays(&gs->gray);
    list_grays(&gs->again);
    list_grays(&gs->weakvalues); /* large ones may wait there */
    list_grays(&gs->ephemerons);
    list_grays(&gs->allweak);
    heap_each(g, check_object, NULL);
    heap_each(g, clear_listed, NULL);
    clear_listed(g, NULL, (GCObject *)g->mainthread);
}
