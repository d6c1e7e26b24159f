// SPDX-License-Identifier: MIT
/* Marking: from roots and touched objects through everything reachable, a piece at a time.
 *
 * White objects are unseen, gray ones wait in a work list, black ones have been traversed. The
 * program runs between the pieces; its stores into black objects take a barrier (Dijkstra's: the
 * new child is marked; or Steele's: the parent is gray again, chosen by the kind of parent). Stack
 * slots have no barrier: stacks are looked at again before marking ends.
 *
 * Words of GCState.gray: an object; or, two words, a place in it and the object with bit 0 set (a
 * large table or stack, to be continued). A word popped last in goes first, so the pieces of a
 * large table alternate with what hangs below it, and the list stays short.
 *
 * Stacks. L->scan is the watermark of a thread: the slots below it were looked at in this cycle
 * (with sticky marks: in any) and belong to frames that nobody has returned into since. The frame
 * below the running one then carries CI_SCANNED in `attention`; whoever returns into it calls
 * gc_stack_returned, which lowers the watermark and moves the bit one frame down. So the last look
 * at a stack of 190,000 frames costs as much as the frames that moved.
 */
#include "gc/children.h"
#include "object/table.h"

/* --------------------------------------------------------------------------- marking one object */

static void push_gray(Global *g, GCObject *o) {
    make_gray(o);
    if (!worklist_push(g, &g->gc->gray, (uintptr_t)o)) g->gc->lost = 1;
}

static void mark_child(Global *g, GCObject *o) {
    if (is_white(o)) mark_object(g, o);
}

/* Leaves go black at once. An upvalue hands on to its value: one step, no recursion to speak of. */
void mark_object(Global *g, GCObject *o) {
    switch (o->tag) {
    case TAG_SSTR: case TAG_STRBUF: case TAG_LSTR: case TAG_UPVAL:
        make_black(o);
        g->gc->marked += visit_simple(g, o, mark_child);
        break;
    case TAG_UDATA:
        if (((Udata *)(void *)o)->nuvalue == 0) {
            make_black(o);
            mark_field(g, ((Udata *)(void *)o)->metatable);
            g->gc->marked += 48;
            break;
        } /* fall through */
    default:
        push_gray(g, o);
    }
}

/* --------------------------------------------------------------------------------------- tables */

/* the place in a table where marking goes on: element index, in the array or the nodes, and the
 * weak mode it was begun with */
static size_t place_make(size_t index, unsigned mode, bool nodes) {
    return index << 3 | (size_t)mode << 1 | nodes;
}

static void traverse_strong_node(Global *g, Node *n) {
    if (node_key_gc(n)) mark_child(g, n->key.gc);
    visit_value(g, &n->val, mark_child);
}

static void traverse_weakvalue_node(Global *g, Node *n) {
    if (node_key_gc(n)) mark_child(g, n->key.gc);
}

/* Value through key: marked now if the key is, else by weak_converge. Strings are values, never removed. */
static bool traverse_ephemeron_node(Global *g, Node *n) {
    if (key_tag(n) == TAG_SSTR || key_tag(n) == TAG_LSTR) mark_child(g, n->key.gc);
    if (!is_gc(&n->val) || !is_white(n->val.v.gc)) return false;
    if (node_key_gc(n) && is_white(n->key.gc)) return false;
    mark_object(g, n->val.v.gc);
    return true;
}

static bool traverse_nodes(Global *g, Table *t, size_t from, size_t to, int mode) {
    Node *nodes = table_nodes(t);
    bool marked = false;
    for (size_t i = from; i < to; i++) {
        Node *n = &nodes[i];
        if (key_tag(n) == 0 || is_nil(&n->val)) continue;
        if (mode == WEAK_NONE) traverse_strong_node(g, n);
        else if (mode == WEAK_VALUES) traverse_weakvalue_node(g, n);
        else marked |= traverse_ephemeron_node(g, n);
    }
    return marked;
}

bool traverse_ephemeron_at(Global *g, Table *t, size_t node) {
    return traverse_nodes(g, t, node, node + 1, WEAK_KEYS);
}

bool traverse_ephemeron(Global *g, Table *t) {
    return traverse_nodes(g, t, 0, table_node_count(t), WEAK_KEYS);
}

static size_t piece_end(size_t from, size_t n) { return n - from > MARK_CHUNK ? from + MARK_CHUNK : n; }

static bool push_place(Global *g, GCObject *o, size_t place) {
    WorkList *gray = &g->gc->gray;
    if (!worklist_push(g, gray, place)) return false;
    if (worklist_push(g, gray, (uintptr_t)o | 1)) return true;
    worklist_pop(g, gray);
    return false;
}

/* One piece from `place` on; *next is the next place, 0 when the table is done. */
static size_t table_piece(Global *g, Table *t, size_t place, size_t *next) {
    unsigned mode = place >> 1 & 3;
    size_t index = place >> 3;
    size_t narray = mode & WEAK_VALUES ? 0 : table_array_values(t);
    if (!(place & 1) && index < narray) {
        size_t end = piece_end(index, narray);
        visit_table_array(g, t, index, end, mark_child);
        *next = end < narray ? place_make(end, mode, false) : place_make(0, mode, true);
        return (end - index) * 9;
    }
    if (!(place & 1)) index = 0;
    size_t nnodes = table_node_count(t);
    if (index >= nnodes) {
        *next = 0;
        return 0;
    }
    size_t end = piece_end(index, nnodes);
    traverse_nodes(g, t, index, end, (int)mode);
    *next = end < nnodes ? place_make(end, mode, true) : 0;
    return (end - index) * sizeof(Node);
}

/* Pieces of small tables follow each other at once; a large one waits on the list, under its
 * children. A list that cannot grow makes no difference but the pause. The table may have been
 * touched meanwhile (restructured, perhaps): then it is gray and will be traversed from the start. */
static size_t table_pieces(Global *g, Table *t, size_t place) {
    size_t work = 0;
    do {
        work += table_piece(g, t, place, &place);
    } while (place && (work < 4 * MARK_CHUNK || !push_place(g, (GCObject *)t, place)));
    return work;
}

/* Large weak tables that were touched after their first traversal wait, gray, for the prescan,
 * which traverses them anyway. */
static bool left_to_prescan(const Global *g, const Table *t) {
    if (g->gc->phase != PHASE_MARK || g->gc->emergency || g->gc->prescan) return false;
    return (t->marked & LISTED) && weak_is_large(t);
}

static size_t traverse_table(Global *g, Table *t) {
    if (left_to_prescan(g, t)) {
        make_gray((GCObject *)t);
        return 32;
    }
    visit_table_head(g, t, mark_child);
    int mode = t->metatable ? weak_mode(g, t) : WEAK_NONE;
    t->flags &= (uint8_t)~TABLE_WEAK;
    t->marked &= (uint8_t)~PRESCANNED;
    if (mode != WEAK_NONE) weak_listed(g, t, mode);
    if (!(mode & WEAK_VALUES)) visit_table_slots(g, t, mark_child);
    size_t work = 32 + 16u * t->ninline;
    if (mode != WEAK_ALL && !table_is_bare(t)) work += table_pieces(g, t, place_make(0, (unsigned)mode, false));
    return work;
}

/* -------------------------------------------------------------------------------------- threads */

/* Looks at a piece of the stack above the watermark; true: more is left. */
static bool stack_piece(Global *g, lua_State *th, size_t *work) {
    if (th->stack == NULL) return false;
    size_t start = frame_start(th, th->ci);
    size_t from = th->scan < start ? th->scan : start;
    bool more = start - from > 2 * MARK_CHUNK;
    size_t to = more ? from + 2 * MARK_CHUNK : thread_limit(th);
    visit_thread_slots(g, th, from, to, mark_child);
    th->scan = (uint32_t)(more ? to : start);
    if (th->ci->prev) th->ci->prev->attention |= CI_SCANNED;
    *work += (to - from) * 16 + 64;
    return more;
}

static size_t traverse_stack(Global *g, lua_State *th) {
    size_t work = 0;
    bool more;
    do {
        more = stack_piece(g, th, &work);
    } while (more && !push_place(g, (GCObject *)th, 0));
    return work;
}

static size_t traverse_thread(Global *g, lua_State *th) {
    if (!worklist_push(g, &g->gc->threads, (uintptr_t)th)) g->gc->lostthreads = 1;
    th->scan = 0;
    return sizeof(lua_State) + traverse_stack(g, th);
}

static void thread_again(Global *g, void *ud, GCObject *o) {
    (void)ud;
    if (o->tag != TAG_THREAD || is_white(o)) return;
    if (g->gc->phase == PHASE_MARK) {
        traverse_stack(g, (lua_State *)(void *)o);
    } else {
        size_t work = 0;
        while (stack_piece(g, (lua_State *)(void *)o, &work)) {}
    }
}

/* In the atomic phase to the end; before it, long ones in pieces. */
void mark_stacks(Global *g) {
    if (g->gc->lostthreads) {
        thread_again(g, NULL, (GCObject *)g->mainthread);
        heap_each(g, thread_again, NULL);
        return;
    }
    for (WorkChunk *c = g->gc->threads.top; c; c = c->below)
        for (size_t i = 0; i < c->n; i++) thread_again(g, NULL, (GCObject *)c->word[i]);
}

void gc_stack_returned(lua_State *L, CallInfo *ci) {
    const GCState *gs = G(L)->gc;
    size_t start = frame_start(L, ci);
    ci->attention &= ~(uint32_t)CI_SCANNED;
    if (start < L->scan) L->scan = (uint32_t)start;
    if (gs->phase != PHASE_MARK && !gs->sticky) L->scan = 0;
    if (L->scan > 0 && ci->prev) ci->prev->attention |= CI_SCANNED;
}

/* A marked open upvalue of a thread that is not: the thread may have run since, and will leave its
 * last value to the upvalue. Threads that died or closed their upvalues leave the list. */
void mark_open_upvalues(Global *g) {
    for (lua_State *th = g->twups; th; th = th->twups_next) {
        if (!is_white((GCObject *)th)) continue;
        for (UpVal *uv = th->openupval; uv; uv = uv->u.open.next)
            if (!is_white((GCObject *)uv)) mark_value(g, uv->v);
    }
}

/* ---------------------------------------------------------------------------------- propagation */

static size_t traverse(Global *g, GCObject *o) {
    make_black(o);
    switch (o->tag) {
    case TAG_TABLE: return traverse_table(g, (Table *)(void *)o);
    case TAG_THREAD: return traverse_thread(g, (lua_State *)(void *)o);
    default: return visit_simple(g, o, mark_child);
    }
}

static size_t go_on(Global *g, GCObject *o, size_t place) {
    if (!is_black(o)) return 16;
    if (o->tag == TAG_THREAD) return 16 + traverse_stack(g, (lua_State *)(void *)o);
    return 16 + table_pieces(g, (Table *)(void *)o, place);
}

/* Its cost; 0 means that the list is empty, and only that. */
size_t propagate_one(Global *g) {
    GCState *gs = g->gc;
    uintptr_t word = worklist_pop(g, &gs->gray);
    if (word == 0) return 0;
    size_t work;
    if (word & 1) {
        GCObject *o = (GCObject *)(word & ~(uintptr_t)1);
        work = go_on(g, o, worklist_pop(g, &gs->gray));
    } else {
        GCObject *o = (GCObject *)word;
        work = is_black(o) ? 16 : traverse(g, o);
    }
    gs->marked += work;
    return work;
}

static void traverse_if_gray(Global *g, void *ud, GCObject *o) {
    (void)ud;
    if (!is_white(o) && !is_black(o)) g->gc->marked += traverse(g, o);
}

/* With memory for the lists: empties them. Without: what could not be listed is found by its colour. */
void propagate_all(Global *g) {
    GCState *gs = g->gc;
    for (;;) {
        worklist_append(g, &gs->gray, &gs->again);
        while (propagate_one(g)) {}
        if (gs->again.top != NULL && gs->again.top->n > 0) continue; /* touched by the traversal itself */
        if (!gs->lost) return;
        gs->lost = 0;
        traverse_if_gray(g, NULL, (GCObject *)g->mainthread); /* the only object outside of the heap */
        heap_each(g, traverse_if_gray, NULL);
    }
}

void mark_roots(Global *g, lua_State *L) {
    mark_field(g, g->mainthread);
    mark_field(g, L);
    mark_value(g, &g->registry);
    for (int i = 0; i < LUA_NUMTYPES; i++) mark_field(g, g->mt[i]);
    for (int i = 0; i < TM_COUNT; i++) mark_field(g, g->tmname[i]);
    for (int i = 0; i <= UCHAR_MAX; i++) mark_field(g, g->chars[i]);
    for (int i = 0; i < TAG_COUNT; i++) mark_field(g, g->typenames[i]); /* pushed without looking whether they seem dead */
    mark_field(g, g->intname);
    mark_field(g, g->fltname);
    mark_field(g, g->metatablename);
    mark_field(g, g->countname);
    mark_field(g, g->memerrmsg);
    mark_field(g, g->limitmsg);
    mark_field(g, g->cstackerrmsg);
    mark_field(g, g->errerrmsg);
    for (size_t i = 0; i < sizeof g->rootshape / sizeof *g->rootshape; i++) {
        mark_field(g, g->rootshape[i]);
        mark_field(g, g->dictshape[i]);
    }
    mark_field(g, g->unknownclass);
    for (uint32_t i = 0; i < g->nrebuilt; i++) mark_value(g, &g->rebuilt[i]);
}

/* ------------------------------------------------------------------------------------- barriers */

/* Do stores into black objects have to be noticed now, or are the marks on their way out? */
static bool marks_count(const GCState *gs) {
    if (gs->phase == PHASE_MARK || gs->phase == PHASE_ATOMIC) return true;
    return gs->sticky && gs->phase != PHASE_CLEAR;
}

void touch(Global *g, GCObject *o) {
    make_gray(o);
    if (!worklist_push(g, &g->gc->again, (uintptr_t)o)) g->gc->lost = 1;
}

void gc_barrier_back_slow(lua_State *L, GCObject *parent) {
    Global *g = G(L);
    if (marks_count(g->gc)) touch(g, parent);
    else make_white(g, parent); /* spares the next barrier; the sweep would do the same */
}

void gc_barrier_forward_slow(lua_State *L, GCObject *parent, GCObject *child) {
    Global *g = G(L);
    if (!is_white(child)) return;
    if (marks_count(g->gc)) mark_object(g, child);
    else make_white(g, parent);
}

static bool is_large_table(const GCObject *o) {
    const Table *t = (const Table *)(const void *)o;
    if (o->tag != TAG_TABLE) return false;
    if (t->flags & TABLE_WEAK) return t->marked & PRESCANNED;
    return array_head(t)->len >= TABLE_LARGE || table_node_count(t) >= TABLE_LARGE;
}

/* Looking at a small parent again is cheap, and its children of today may be garbage tomorrow.
 * Strings and the children of large tables are marked. */
void gc_barrier_store_slow(lua_State *L, GCObject *parent, GCObject *child) {
    if (!is_white(child)) return;
    if ((child->tag | 1) == TAG_LSTR || is_large_table(parent)) gc_barrier_forward_slow(L, parent, child);
    else gc_barrier_back_slow(L, parent);
}

/* A dead object that the sweep has not reached, found again. */
void gc_revive(lua_State *L, GCObject *o) {
    if (gc_is_dead(G(L), o)) make_white(G(L), o);
}
