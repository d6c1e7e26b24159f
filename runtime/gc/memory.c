// SPDX-License-Identifier: MIT
/* Raw memory of a state: counted, with a collection before giving up, with failures on demand for tests.
 *
 * Bytes in use are GCState.total + Global.gcdebt; only the debt changes with an allocation, so that
 * one addition counts it and one comparison finds out that the collector should work. A failure
 * becomes an error only after an emergency collection; that one runs no finalizer and moves
 * nothing, so that callers need not expect more than memory having become garbage.
 */
#include <stdlib.h>

#include "gc/gc_internal.h"

_Noreturn void rt_error(lua_State *L, const char *fmt, ...);

void *mem_default_alloc(void *ud, void *block, size_t osize, size_t nsize) {
    (void)ud;
    (void)osize;
    if (nsize == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, nsize);
}

size_t gc_bytes(const Global *g) { return g->gc->total + (size_t)g->gcdebt; }

/* ---- the limit ---- */

void gc_set_limit(Global *g, size_t bytes) {
    g->gc->limit = bytes;
    gc_set_debt(g, g->gcdebt);
}

bool gc_over_limit(const Global *g) { return gc_bytes(g) > g->gc->limit; }

bool gc_take_refusal(Global *g) {
    bool refused = g->gc->refused;
    g->gc->refused = false;
    return refused;
}

/* Small blocks pass, the error's message for one, and what the collector needs for itself; the next step sees to them. */
bool mem_refused(Global *g, size_t more) {
    GCState *gs = g->gc;
    bool counts = more > GC_MAXCELL && gs->limit != SIZE_MAX && !gs->inside;
    return gs->refused = counts && (more > gs->limit || gc_bytes(g) > gs->limit - more);
}

/* ---- failures on demand: an allocation and its retry count as one ---- */

bool mem_injected(GCState *gs) {
    if (gs->failat <= 0) return false;
    if (gs->failat > 1) {
        gs->failat--;
        return false;
    }
    if (!gs->failforever) gs->failat = 0;
    return true;
}

void mem_stress(lua_State *L) {
    GCState *gs = G(L)->gc;
    if (++gs->stresscount < gs->stress) return;
    gs->stresscount = 0;
    mem_emergency(L);
}

/* Only with a complete state, and not from inside the collector. A stop by the user does not hold
 * it back. */
bool mem_emergency(lua_State *L) {
    Global *g = G(L);
    if (g->gc->inside || g->closing || (g->gcstop & GCSTOP_CLOSING) || g->nilvalue.tag != TAG_NIL) return false;
    gc_emergency(L);
    return true;
}

/* ---- for the collector itself: no collection, no error ---- */

void *raw_alloc(Global *g, size_t size, size_t type) {
    if (mem_injected(g->gc)) return NULL;
    void *p = pool_alloc(g, size, type);
    if (p) g->gcdebt += (ptrdiff_t)size;
    return p;
}

void raw_free(Global *g, void *block, size_t size) {
    pool_free(g, block, size);
    g->gcdebt -= (ptrdiff_t)size;
}

/* ---- for everybody ---- */

static void *resize(Global *g, void *block, size_t osize, size_t nsize, bool fail) {
    if (fail || nsize > PTRDIFF_MAX) return NULL;
    void *p = block ? pool_realloc(g, block, osize, nsize) : pool_alloc(g, nsize, 0);
    if (p) g->gcdebt += (ptrdiff_t)nsize - (ptrdiff_t)osize;
    return p;
}

void *mem_try_realloc(lua_State *L, void *block, size_t osize, size_t nsize) {
    Global *g = G(L);
    if (nsize == 0) {
        mem_free(L, block, osize);
        return NULL;
    }
    if (block == NULL) osize = 0;
    if (g->gc->stress) mem_stress(L);
    bool fail = mem_injected(g->gc);
    void *p = resize(g, block, osize, nsize, fail);
    if (p == NULL && mem_emergency(L)) p = resize(g, block, osize, nsize, fail);
    return p;
}

void *mem_alloc_quietly(lua_State *L, size_t size) { return G(L)->gc->slow ? NULL : raw_alloc(G(L), size, 0); }

void *mem_realloc(lua_State *L, void *block, size_t osize, size_t nsize) {
    void *p = mem_try_realloc(L, block, osize, nsize);
    if (p == NULL && nsize != 0) state_throw(L, LUA_ERRMEM);
    return p;
}

void mem_free(lua_State *L, void *block, size_t size) {
    if (block) raw_free(G(L), block, size);
}

void mem_toobig(lua_State *L) { rt_error(L, "memory allocation error: block too big"); }

void *mem_grow(lua_State *L, void *block, uint32_t *cap, uint32_t need, size_t elem, uint32_t limit,
               const char *what) {
    if (need <= *cap) return block;
    if (need > limit) rt_error(L, "too many %s (limit is %d)", what, (int)limit);
    uint32_t fresh = *cap > limit / 2 ? limit : *cap * 2;
    if (fresh < 4) fresh = 4 < limit ? 4 : limit;
    if (fresh < need) fresh = need;
    block = mem_realloc(L, block, *cap * elem, fresh * elem);
    *cap = fresh;
    return block;
}
