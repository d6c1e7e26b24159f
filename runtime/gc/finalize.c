// SPDX-License-Identifier: MIT
/* Objects with finalizers (manual 2.5.3).
 *
 * setmetatable announces them: `finobj` keeps them in order of announcement. When marking has
 * ended, the white ones move, newest first, to the end of the queue `tobefnz` and are marked, for
 * their __gc will see them. The collector then calls a few per step. Room in the queue is reserved
 * at the announcement, so that moving never fails. The first `finold` entries are old: a young
 * collection need not look at them.
 */
#include "gc/children.h"

void gc_check_finalizer(lua_State *L, GCObject *o, Table *mt) {
    Global *g = G(L);
    GCState *gs = g->gc;
    if (mt == NULL || (o->marked & GC_FINALIZER) || (g->gcstop & GCSTOP_CLOSING) || g->closing) return;
    if (meta_event(g, mt, TM_GC) == NULL) return;
    size_t waiting = gs->tobefnz.n - gs->tobefnz.head;
    if (!objarray_reserve(g, &gs->finobj, gs->finobj.n + 1) ||
        !objarray_reserve(g, &gs->tobefnz, gs->finobj.n + 1 + waiting))
        state_throw(L, LUA_ERRMEM);
    o->marked |= GC_FINALIZER;
    gs->finobj.obj[gs->finobj.n++] = o;
}

/* Moves the white ones (all: every one) to the queue; the rest close up. */
void separate_finalizers(Global *g, bool all, bool young) {
    GCState *gs = g->gc;
    ObjArray *fin = &gs->finobj;
    ObjArray *queue = &gs->tobefnz;
    size_t first = young && !all ? gs->finold : 0;
    objarray_reserve(g, queue, queue->n - queue->head); /* only slides: there is room behind it then */
    for (size_t i = fin->n; i-- > first;) {
        if (!all && !is_white(fin->obj[i])) continue;
        queue->obj[queue->n++] = fin->obj[i];
        fin->obj[i] = NULL;
    }
    size_t kept = first;
    for (size_t i = first; i < fin->n; i++)
        if (fin->obj[i]) fin->obj[kept++] = fin->obj[i];
    fin->n = kept;
    gs->finold = kept;
}

void mark_pending(Global *g) {
    ObjArray *queue = &g->gc->tobefnz;
    for (size_t i = queue->head; i < queue->n; i++) mark_field(g, queue->obj[i]);
}

/* The object is an ordinary one again before its finalizer runs, and may be announced anew by it.
 * No step runs inside. */
void call_finalizer(lua_State *L) {
    Global *g = G(L);
    GCState *gs = g->gc;
    GCObject *o = gs->tobefnz.obj[gs->tobefnz.head++];
    o->marked &= (uint8_t)~GC_FINALIZER;
    uint8_t stop = g->gcstop;
    uint8_t inside = gs->inside;
    g->gcstop |= GCSTOP_BUSY;
    gs->inside = 0;
    g->run_finalizer(L, o);
    gs->inside = inside;
    g->gcstop = stop;
}
