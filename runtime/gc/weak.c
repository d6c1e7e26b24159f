// SPDX-License-Identifier: MIT
/* Weak tables (manual 2.5.4).
 *
 *   mode            marking                                    when marking has ended
 *   WEAK_VALUES     keys                                       entries with a white value are removed
 *   WEAK_KEYS       values whose key is marked (ephemeron)     repeated to a fixed point; entries with a white key are removed
 *   WEAK_ALL        nothing                                    both
 *
 * Each weak table traversed in a cycle is in the list of its mode; one that is old and untouched
 * (young collections) holds old objects only and is in none. Values are removed before objects with
 * finalizers are resurrected and once more after (for what the finalizers brought back), keys only
 * after, so that a finalizer still finds its object's entry (manual). Strings are values, marked
 * and never removed. Removing an entry is assigning nil to it: places and chains stay.
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

static WorkList *list_of(GCState *gs, int mode) {
    return mode == WEAK_VALUES ? &gs->weakvalues : mode == WEAK_KEYS ? &gs->ephemerons : &gs->allweak;
}

void weak_listed(Global *g, Table *t, int mode) {
    t->flags |= TABLE_WEAK;
    if (t->marked & LISTED) return;
    if (worklist_push(g, list_of(g->gc, mode), (uintptr_t)t)) t->marked |= LISTED;
    else g->gc->lostweak = 1;
}

/* -------------------------------------------------------------------- each weak table of a mode */

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

/* From the heap, when the lists are incomplete. New tables may be listed during the walk; they come
 * at its head and are not met. */
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
    ((GCObject *)word)->marked &= (uint8_t)~(LISTED | PRESCANNED);
}

void weak_clear_lists(Global *g) {
    for (int mode = WEAK_VALUES; mode <= WEAK_ALL; mode++) {
        worklist_each(list_of(g->gc, mode), unlist, NULL);
        worklist_clear(g, list_of(g->gc, mode));
    }
    worklist_clear(g, &g->gc->candidates);
    g->gc->lostweak = 0;
}

/* -------------------------------------------------------------------------------------- marking */

/* A table whose mode was changed after it was listed is traversed again, as what it is now. */
static void touch_if_not(Global *g, GCObject *o, int mode) {
    Table *t = (Table *)(void *)o;
    if (!is_black(o) && !is_white(o)) touch(g, o); /* was left to a prescan that did not happen */
    if (!is_black(o) || (t->metatable != NULL && weak_mode(g, t) == mode)) return;
    o->marked &= (uint8_t)~(LISTED | PRESCANNED); /* to be listed anew */
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

/* ---------------------------------------------------------------- prescan
 *
 * Looking at each entry of a large weak table takes milliseconds, too long for the atomic phase.
 * So, when marking is about to end, large tables are scanned in pieces while the program runs.
 * Marks only grow: an entry whose referents are marked by then stays, unless something is stored
 * there, and the barrier of a PRESCANNED table marks what is stored. The other entries are
 * candidates, and only they are looked at in the atomic phase. A table that is restructured
 * meanwhile takes the backward barrier, is traversed again, is PRESCANNED no more, and its
 * candidates are void.
 *
 * An insertion may move a node from the part to come to the part that is done. Its key and value go
 * through the barrier too (dict_place_in), hence are marked: wherever it lies then, it stays. A
 * candidate's place may hold another entry in the end; looking at that one as well does no harm.
 *
 * GCState.candidates: the entries of a table (number << 2 | in the nodes << 1 | 1), then the table (address | mode << 1).
 */

typedef bool (*CandidateVisit)(Global *g, Table *t, size_t i, bool node);

/* Objects of a weak table lie anywhere: their headers are asked for some candidates ahead. */
enum { PREFETCH_ENTRY = 24, PREFETCH_OBJECT = 12 };

static bool candidate_exists(const Table *t, uintptr_t word) {
    return word >> 2 < (word & 2 ? table_node_count(t) : table_array_values(t));
}

static void prefetch_candidate(Table *t, const WorkChunk *c, size_t k) {
    if (k < PREFETCH_ENTRY) return;
    uintptr_t far = c->word[k - PREFETCH_ENTRY], near = c->word[k - PREFETCH_OBJECT];
    if (far & 2) __builtin_prefetch(table_nodes(t) + (far >> 2));
    if (!(near & 1) || !candidate_exists(t, near)) return;
    if (near & 2) __builtin_prefetch(table_nodes(t)[near >> 2].key.gc);
    __builtin_prefetch(near & 2 ? table_nodes(t)[near >> 2].val.v.gc : t->array[near >> 2].gc);
}

static bool each_candidate(Global *g, int mode, CandidateVisit visit) {
    Table *t = NULL;
    bool any = false;
    for (WorkChunk *c = g->gc->candidates.top; c; c = c->below)
        for (size_t k = c->n; k-- > 0;) {
            uintptr_t word = c->word[k];
            if (!(word & 1)) {
                t = (Table *)(word & ~(uintptr_t)7);
                if (!(t->marked & PRESCANNED) || (int)(word >> 1 & 3) != mode) t = NULL;
            } else if (t && candidate_exists(t, word)) {
                prefetch_candidate(t, c, k);
                any |= visit(g, t, word >> 2, word >> 1 & 1);
            }
        }
    return any;
}

static bool mark_string(Global *g, GCObject *o) {
    if ((o->tag | 1) != TAG_LSTR) return false;
    if (is_white(o)) mark_object(g, o);
    return true;
}
static bool undecided(Global *g, GCObject *o) { return is_white(o) && !mark_string(g, o); }

/* Marks what the entry holds strongly; true: what it holds weakly may die. */
static bool node_undecided(Global *g, Table *t, size_t i, int mode) {
    Node *n = table_nodes(t) + i;
    if (key_tag(n) == 0 || is_nil(&n->val)) return false;
    if (mode == WEAK_KEYS) traverse_ephemeron_at(g, t, i);
    if (mode == WEAK_VALUES && node_key_gc(n)) mark_field(g, n->key.gc);
    bool value = (mode & WEAK_VALUES) && is_gc(&n->val) && undecided(g, n->val.v.gc);
    bool key = (mode & WEAK_KEYS) && node_key_gc(n) && undecided(g, n->key.gc);
    return value || key;
}

static bool element_undecided(Global *g, Table *t, size_t i, int mode) {
    if (array_tags(t)[i] < TAG_SSTR) return false;
    if (mode & WEAK_VALUES) return undecided(g, t->array[i].gc);
    mark_field(g, t->array[i].gc);
    return false;
}

/* No room for candidates: tables scanned so far are treated like the others; the one that is half
 * done is traversed again. */
static void give_up_prescan(Global *g) {
    GCState *gs = g->gc;
    for (int mode = WEAK_VALUES; mode <= WEAK_ALL; mode++)
        for (WorkChunk *c = list_of(gs, mode)->top; c; c = c->below)
            for (size_t i = 0; i < c->n; i++) ((GCObject *)c->word[i])->marked &= (uint8_t)~PRESCANNED;
    gs->prescan = 4;
    touch(g, (GCObject *)gs->prescanchunk->word[gs->prescanindex]);
}

static void candidate(Global *g, uintptr_t word) {
    GCState *gs = g->gc;
    if (gs->prescan < 4 && !worklist_push(g, &gs->candidates, word)) give_up_prescan(g);
}

static void candidate_owner(Global *g, Table *t, unsigned mode) {
    candidate(g, (uintptr_t)t | (uintptr_t)mode << 1);
}

/* Entries [place, ...) of the array and then the nodes; true: more is left. */
static bool prescan_piece(Global *g, Table *t, int mode) {
    GCState *gs = g->gc;
    size_t narray = table_array_values(t);
    size_t all = narray + table_node_count(t);
    size_t end = all - gs->prescanplace > MARK_CHUNK ? gs->prescanplace + MARK_CHUNK : all;
    for (size_t i = gs->prescanplace; i < end; i++) {
        bool node = i >= narray;
        size_t at = node ? i - narray : i;
        if (node ? node_undecided(g, t, at, mode) : element_undecided(g, t, at, mode))
            candidate(g, (uintptr_t)at << 2 | (uintptr_t)node << 1 | 1);
    }
    gs->prescanplace = end;
    return end < all;
}

bool weak_is_large(const Table *t) { return table_array_values(t) + table_node_count(t) >= TABLE_LARGE; }

static bool worth_prescan(Global *g, Table *t, int mode) {
    return weak_is_large(t) && t->metatable != NULL && weak_mode(g, t) == mode;
}

static void begin_prescan(Global *g, Table *t, int mode) {
    make_black((GCObject *)t);
    t->marked |= PRESCANNED;
    mark_field(g, t->metatable);
    mark_field(g, shape_of(g, t));
    for (unsigned i = 0, n = mode & WEAK_VALUES ? 0 : table_slots_used(g, t); i < n; i++) mark_value(g, table_slot(t, i));
}

static void next_prescan(GCState *gs) {
    gs->prescanplace = 0;
    if (++gs->prescanindex < gs->prescanchunk->n) return;
    gs->prescanchunk = gs->prescanchunk->below;
    gs->prescanindex = 0;
}

static size_t prescan_table(Global *g) {
    GCState *gs = g->gc;
    Table *t = (Table *)gs->prescanchunk->word[gs->prescanindex];
    bool begun = gs->prescanplace > 0;
    if (!worth_prescan(g, t, gs->prescan) || (begun && !is_black((GCObject *)t))) {
        t->marked &= (uint8_t)~PRESCANNED;
        if (begun) candidate_owner(g, t, 0); /* of no mode: void */
        next_prescan(gs);
        return 64;
    }
    if (!begun) begin_prescan(g, t, gs->prescan);
    if (!prescan_piece(g, t, gs->prescan)) {
        candidate_owner(g, t, gs->prescan);
        next_prescan(gs);
    }
    return MARK_CHUNK * sizeof(Node);
}

size_t weak_prescan(Global *g) {
    GCState *gs = g->gc;
    if (gs->lostweak || gs->prescan >= 4) return 0;
    if (gs->prescan > 0 && gs->prescanchunk) return prescan_table(g);
    if (++gs->prescan >= 4) return 0;
    gs->prescanchunk = list_of(gs, gs->prescan)->top;
    gs->prescanindex = gs->prescanplace = 0;
    return 64;
}

/* -------------------------------------------------------------- ephemerons, in the atomic phase */

static bool ephemeron_at(Global *g, Table *t, size_t i, bool node) { return node && traverse_ephemeron_at(g, t, i); }

static bool ephemeron(Global *g, Table *t) { return !(t->marked & PRESCANNED) && traverse_ephemeron(g, t); }

/* Values marked through keys may lead to keys of other tables: repeated until a pass marks nothing. */
void weak_converge(Global *g) {
    bool any;
    do {
        propagate_all(g);
        any = each_weak(g, WEAK_KEYS, ephemeron);
        any |= each_candidate(g, WEAK_KEYS, ephemeron_at);
    } while (any);
}

/* ------------------------------------------------------------------------------------- removing */

/* Is this referent going to be freed? Strings are kept. */
static bool is_cleared(Global *g, GCObject *o) { return is_white(o) && !mark_string(g, o); }

static bool clear_node_value(Global *g, Node *n) {
    if (key_tag(n) == 0 || !is_gc(&n->val) || !is_cleared(g, n->val.v.gc)) return false;
    set_nil(&n->val);
    g->gc->cleared = 1;
    return false;
}
static bool clear_node_key(Global *g, Node *n) {
    if (!node_key_gc(n) || is_nil(&n->val) || !is_cleared(g, n->key.gc)) return false;
    set_nil(&n->val);
    g->gc->cleared = 1;
    return false;
}
static bool clear_element(Global *g, Table *t, size_t i) {
    uint8_t *tag = array_tags(t) + i;
    if (*tag < TAG_SSTR || !is_cleared(g, t->array[i].gc)) return false;
    *tag = TAG_NIL;
    g->gc->cleared = 1;
    return false;
}

static void clear_slots(Global *g, Table *t) {
    unsigned n = table_slots_used(g, t);
    for (unsigned i = 0; i < n; i++) {
        TValue *v = table_slot(t, i);
        if (!is_gc(v) || !is_cleared(g, v->v.gc)) continue;
        set_nil(v);
        g->gc->cleared = 1;
    }
}

static bool clear_values(Global *g, Table *t) {
    clear_slots(g, t);
    if (t->marked & PRESCANNED) return false;
    for (size_t i = 0, n = table_array_values(t); i < n; i++) clear_element(g, t, i);
    for (size_t i = 0, n = table_node_count(t); i < n; i++) clear_node_value(g, table_nodes(t) + i);
    return false;
}
static bool clear_value_at(Global *g, Table *t, size_t i, bool node) {
    return node ? clear_node_value(g, table_nodes(t) + i) : clear_element(g, t, i);
}

static bool clear_keys(Global *g, Table *t) {
    if (t->marked & PRESCANNED) return false;
    for (size_t i = 0, n = table_node_count(t); i < n; i++) clear_node_key(g, table_nodes(t) + i);
    return false;
}
static bool clear_key_at(Global *g, Table *t, size_t i, bool node) {
    return node && clear_node_key(g, table_nodes(t) + i);
}

/* The tables of a list above its first `from`: those listed later. */
static void clear_listed_after(Global *g, WorkList *w, size_t from) {
    size_t n = w->count - from;
    for (WorkChunk *c = w->top; c && n > 0; c = c->below)
        for (size_t i = c->n; i-- > 0 && n > 0; n--) clear_values(g, (Table *)c->word[i]);
}

WeakCounts weak_clear_values(Global *g, WeakCounts from) {
    GCState *gs = g->gc;
    if (gs->lostweak) {
        each_weak(g, WEAK_VALUES, clear_values);
        each_weak(g, WEAK_ALL, clear_values);
    } else {
        clear_listed_after(g, &gs->weakvalues, from.values);
        clear_listed_after(g, &gs->allweak, from.all);
    }
    each_candidate(g, WEAK_VALUES, clear_value_at);
    each_candidate(g, WEAK_ALL, clear_value_at);
    return (WeakCounts){gs->weakvalues.count, gs->allweak.count};
}

void weak_clear_keys(Global *g) {
    each_weak(g, WEAK_KEYS, clear_keys);
    each_weak(g, WEAK_ALL, clear_keys);
    each_candidate(g, WEAK_KEYS, clear_key_at);
    each_candidate(g, WEAK_ALL, clear_key_at);
}
