// SPDX-License-Identifier: MIT
/* Weak tables (manual 2.5.4).
 *
 *   mode            marking                                    when marking has ended
 *   WEAK_VALUES     keys                                       entries with a white value are removed
 *   WEAK_KEYS       values whose key is marked (ephemeron)     repeated to a fixed point; entries with a white key are removed
 *   WEAK_ALL        nothing                                    both
 *
 * Each weak table traversed in a cycle is in the list of its mode; one that is old and untouched (young collections) holds old objects only and
 * is in none. Values are removed before objects with finalizers are resurrected and once more after (for what the finalizers brought
 * back), keys only after, so that a finalizer still finds its object's entry (manual). Strings are values, marked and never removed. Removing
 * an entry is assigning nil to it: places and chains stay.
 */
#include "gc/children.h"
#include "object/table.h"

/* The absence is remembered in the metatable, as everywhere. */
const TValue *meta_event(Global *g, Table *mt, int event) {
    if (mt == NULL || (mt->flags & 1u << event) || g->tmname[event] == NULL) return NULL;
    const TValue *v = table_find_str(g, mt, g->tmname[event]);
    if (v && !is_nil(v)) return v;
    mt->flags |= (uint8_t)(1u << event);
    return NULL;
}

int weak_mode(Global *g, const Table *t) {
    const TValue *v = meta_event(g, t->metatable, TM_MODE);
    if (v == NULL || !is_str(v)) return WEAK_NONE;
    const char *s = str_data(as_str(v));
    size_t n = strnlen(s, str_len(as_str(v)));
    return (memchr(s, 'k', n) ? WEAK_KEYS : 0) | (memchr(s, 'v', n) ? WEAK_VALUES : 0);
}

enum { LISTED = GC_PRIVATE1 }; /* the table is in the list of its mode */

static WorkList *list_of(GCState *gs, int mode) {
    return mode == WEAK_VALUES ? &gs->weakvalues : mode == WEAK_KEYS ? &gs->ephemerons : &gs->allweak;
}

void weak_listed(Global *g, Table *t, int mode) {
    t->flags |= TABLE_WEAK;
    if (t->marked & LISTED) return;
    if (worklist_push(g, list_of(g->gc, mode), (uintptr_t)t)) t->marked |= LISTED;
    else g->gc->lostweak = 1;
}

/* ---------------------------------------------------------------- each weak table of a mode */

typedef bool (*WeakVisit)(Global *g, Table *t);
typedef struct WeakWalk {
    WeakVisit visit;
    int mode;
    bool any; /* some visit returned true */
} WeakWalk;

static void walk_heap(Global *g, void *ud, GCObject *o) {
    WeakWalk *w = ud;
    Table *t = (Table *)(void *)o;
    if (o->tag != TAG_TABLE || !is_black(o) || !(t->flags & TABLE_WEAK) || t->metatable == NULL) return;
    if (weak_mode(g, t) == w->mode) w->any |= w->visit(g, t);
}

/* From the heap, when the lists are incomplete. New tables may be listed during the walk; they come at its head and are not met. */
static bool each_weak(Global *g, int mode, WeakVisit visit) {
    WeakWalk w = {visit, mode, false};
    if (g->gc->lostweak) {
        heap_each(g, walk_heap, &w);
        return w.any;
    }
    for (WorkChunk *c = list_of(g->gc, mode)->top; c; c = c->below)
        for (size_t i = 0, n = c->n; i < n; i++) w.any |= visit(g, (Table *)c->word[i]);
    return w.any;
}

static void unlist(void *ud, uintptr_t word) {
    (void)ud;
    ((GCObject *)word)->marked &= (uint8_t)~LISTED;
}

void weak_clear_lists(Global *g) {
    for (int mode = WEAK_VALUES; mode <= WEAK_ALL; mode++) {
        worklist_each(list_of(g->gc, mode), unlist, NULL);
        worklist_clear(g, list_of(g->gc, mode));
    }
    g->gc->lostweak = 0;
}

/* ---------------------------------------------------------------- marking */

/* A table whose mode was changed after it was listed is traversed again, as what it is now. */
static void touch_if_not(Global *g, GCObject *o, int mode) {
    Table *t = (Table *)(void *)o;
    if (!is_black(o) || (t->metatable != NULL && weak_mode(g, t) == mode)) return;
    o->marked &= (uint8_t)~LISTED; /* to be listed anew */
    touch(g, o);
}

static void check_list(Global *g, int mode) {
    for (WorkChunk *c = list_of(g->gc, mode)->top; c; c = c->below)
        for (size_t i = 0; i < c->n; i++) touch_if_not(g, (GCObject *)c->word[i], mode);
}

static void touch_weak(Global *g, void *ud, GCObject *o) {
    (void)ud;
    if (o->tag == TAG_TABLE && (((Table *)(void *)o)->flags & TABLE_WEAK)) touch_if_not(g, o, -1);
}

/* Runs before the lists are used; what it touches is propagated by the caller. */
void weak_check_modes(Global *g) {
    check_list(g, WEAK_VALUES);
    check_list(g, WEAK_KEYS);
    check_list(g, WEAK_ALL);
    if (g->gc->lostweak) heap_each(g, touch_weak, NULL);
}

/* Values marked through keys may lead to keys of other tables: repeated until a pass marks nothing. */
void weak_converge(Global *g) {
    propagate_all(g);
    while (each_weak(g, WEAK_KEYS, traverse_ephemeron)) propagate_all(g);
}

/* ---------------------------------------------------------------- removing */

/* Is this referent going to be freed? Strings are kept. */
static bool is_cleared(Global *g, GCObject *o) {
    if (!is_white(o)) return false;
    if ((o->tag | 1) != TAG_LSTR) return true;
    mark_object(g, o);
    return false;
}

static void clear_slots(Global *g, Table *t) {
    unsigned n = table_slots_used(g, t);
    for (unsigned i = 0; i < n; i++) {
        TValue *v = table_slot(t, i);
        if (is_gc(v) && is_cleared(g, v->v.gc)) set_nil(v);
    }
}

static void clear_array(Global *g, Table *t) {
    uint8_t *tag = array_tags(t);
    for (size_t i = 0, n = table_array_values(t); i < n; i++)
        if (tag[i] >= TAG_SSTR && is_cleared(g, t->array[i].gc)) tag[i] = TAG_NIL;
}

static bool clear_values(Global *g, Table *t) {
    clear_slots(g, t);
    clear_array(g, t);
    Node *n = table_nodes(t);
    for (Node *end = n + table_node_count(t); n < end; n++) {
        if (key_tag(n) != 0 && is_gc(&n->val) && is_cleared(g, n->val.v.gc)) set_nil(&n->val);
    }
    return false;
}

static bool clear_keys(Global *g, Table *t) {
    Node *n = table_nodes(t);
    for (Node *end = n + table_node_count(t); n < end; n++) {
        if (node_key_gc(n) && !is_nil(&n->val) && is_cleared(g, n->key.gc)) set_nil(&n->val);
    }
    return false;
}

void weak_clear_values(Global *g) {
    each_weak(g, WEAK_VALUES, clear_values);
    each_weak(g, WEAK_ALL, clear_values);
}

void weak_clear_keys(Global *g) {
    each_weak(g, WEAK_KEYS, clear_keys);
    each_weak(g, WEAK_ALL, clear_keys);
}
