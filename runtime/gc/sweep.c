// SPDX-License-Identifier: MIT
/* What happens to objects outside of marking: dead ones give back what they own; old marks are
 * cleared before a full cycle; and between the end of marking and the first freed object, stacks
 * are scrubbed of stale slots.
 *
 * Scrubbing. Slots above a frame's top are not live, but a later frame may come to lie over them,
 * and its registers are looked at whether written or not. So no slot may be left naming an object
 * that is about to be freed. Clearing them all in the atomic phase would take long for large
 * stacks; instead, while nothing is freed yet, each slot above the watermark that names a dead
 * object is set to nil, from the watermark of each thread to the end of its stack, piece by piece.
 * The program cannot bring a dead object back, so a slot once scrubbed stays clean.
 */
#include "gc/children.h"

/* --------------------------------------------------------------------------------- dead objects */

void release_object(lua_State *L, GCObject *o) {
    void *p = o;
    switch (o->tag) {
    case TAG_SSTR: case TAG_LSTR: str_release(L, p); break;
    case TAG_TABLE: table_release(L, p); break;
    case TAG_UPVAL: upval_release(L, p); break;
    case TAG_THREAD: thread_release(L, p); break;
    case TAG_PROTO: proto_release(L, p); break;
    case TAG_SHAPE: shape_release(L, p); break;
    case TAG_DESCS: descs_release(L, p); break;
    case TAG_FEEDBACK: feedback_release(L, p); break;
    default: break; /* closures, user data, classes, buffers own nothing */
    }
}

/* ------------------------------------------------------------------------------- clearing marks */

static void whiten(Global *g, void *ud, GCObject *o) {
    (void)ud;
    make_white(g, o);
}

void start_clear(Global *g) {
    GCState *gs = g->gc;
    gs->phase = PHASE_CLEAR;
    gs->clearblock = gs->blocks;
    gs->clearbig[0] = gs->big;
    gs->clearbig[1] = gs->bignew;
    make_white(g, (GCObject *)g->mainthread);
}

/* Objects born meanwhile are white anyway: new blocks and large objects come before the place where
 * this is. */
size_t clear_some(Global *g) {
    GCState *gs = g->gc;
    GCBlock *b = gs->clearblock;
    if (b) {
        gs->clearblock = b->allnext;
        block_each(g, b, whiten, NULL);
        return 16 + (size_t)b->carved * 4;
    }
    for (int i = 0; i < 2; i++) {
        BigObject *big = gs->clearbig[i];
        if (big == NULL) continue;
        gs->clearbig[i] = big->next;
        make_white(g, big_object(big));
        return 32;
    }
    return 0;
}

/* ----------------------------------------------------------------------------- scrubbing stacks */

void start_scrub(Global *g) {
    GCState *gs = g->gc;
    gs->phase = PHASE_SCRUB;
    gs->scrubchunk = gs->threads.top;
    gs->scrubindex = 0;
    gs->scrubslot = 0;
}

static void scrub_slots(Global *g, lua_State *th, size_t from, size_t to) {
    for (StkId s = th->stack + from; s < th->stack + to; s++)
        if (is_gc(s) && gc_is_dead(g, s->v.gc)) set_nil(s);
}

static size_t stack_slots(const lua_State *th) {
    return th->stack ? (size_t)(th->stack_last - th->stack) + STACK_EXTRA : 0;
}

static void scrub_whole(Global *g, void *ud, GCObject *o) {
    (void)ud;
    lua_State *th = (lua_State *)(void *)o;
    if (o->tag == TAG_THREAD && !is_white(o)) scrub_slots(g, th, 0, stack_slots(th));
}

static void next_thread(GCState *gs) {
    gs->scrubslot = 0;
    if (++gs->scrubindex < gs->scrubchunk->n) return;
    gs->scrubchunk = gs->scrubchunk->below;
    gs->scrubindex = 0;
}

size_t scrub_some(Global *g) {
    GCState *gs = g->gc;
    if (gs->lostthreads) { /* no list of threads: all at once */
        if (gs->scrubslot++) return 0;
        scrub_whole(g, NULL, (GCObject *)g->mainthread);
        heap_each(g, scrub_whole, NULL);
        return 1;
    }
    if (gs->scrubchunk == NULL) return 0;
    lua_State *th = (lua_State *)gs->scrubchunk->word[gs->scrubindex];
    size_t end = stack_slots(th);
    size_t from = gs->scrubslot > th->scan ? gs->scrubslot : th->scan;
    size_t to = end > from + 4 * MARK_CHUNK ? from + 4 * MARK_CHUNK : end;
    if (from < end) scrub_slots(g, th, from, to);
    gs->scrubslot = to;
    if (to >= end) next_thread(gs);
    return 64 + (to > from ? (to - from) * 8 : 0);
}
