// SPDX-License-Identifier: MIT
/* Small raw blocks (arrays, nodes and slots of small tables) of states with the default allocator:
 * free lists by size, carved from blocks of 32 kB.
 *
 * Every caller gives the size back with the block, so a block needs no header, and taking and
 * giving are a few instructions. A general allocator is slower here, and has pauses of its own:
 * glibc merges all its small free chunks, a million perhaps, when somebody asks for a large one.
 *
 * A state whose allocator was changed while blocks were alive (`mixed`) has small blocks of both
 * origins; addresses tell.
 */
#include "gc/gc_internal.h"

typedef struct RawBlock {
    struct RawBlock *next;
    size_t pad;
} RawBlock;

static bool pooled_size(size_t size) { return size != 0 && size <= GC_MAXCELL; }

static bool in_pool(const GCState *gs, const void *p) {
    for (const RawBlock *b = gs->rawblocks; b; b = b->next)
        if ((const char *)p >= (const char *)b && (const char *)p < (const char *)b + BLOCK_BYTES) return true;
    return false;
}

static bool is_pooled(const Global *g, const void *p, size_t size) {
    if (!pooled_size(size)) return false;
    return g->gc->mixed ? in_pool(g->gc, p) : g->gc->pooled;
}

/* Carves a few at a time from the newest block, which all sizes share. */
static bool refill(GCState *gs, size_t class) {
    size_t size = class * 16;
    if (gs->rawleft < size) {
        RawBlock *b = mem_default_alloc(NULL, NULL, 0, BLOCK_BYTES);
        if (b == NULL) return false;
        b->next = gs->rawblocks;
        gs->rawblocks = b;
        gs->rawnext = (char *)(b + 1);
        gs->rawleft = BLOCK_BYTES - sizeof *b;
    }
    size_t n = BLOCK_CARVE / size;
    if (n > gs->rawleft / size) n = gs->rawleft / size;
    for (size_t i = n; i-- > 0;) {
        void **cell = (void **)(void *)(gs->rawnext + i * size);
        *cell = gs->rawcells[class];
        gs->rawcells[class] = cell;
    }
    gs->rawnext += n * size;
    gs->rawleft -= n * size;
    return true;
}

static void *take(GCState *gs, size_t size) {
    size_t class = (size + 15) >> 4;
    if (gs->rawcells[class] == NULL && !refill(gs, class)) return NULL;
    void **cell = gs->rawcells[class];
    gs->rawcells[class] = *cell;
    return cell;
}

static void give(GCState *gs, void *p, size_t size) {
    void **cell = p;
    size_t class = (size + 15) >> 4;
    *cell = gs->rawcells[class];
    gs->rawcells[class] = cell;
}

void *pool_alloc(Global *g, size_t size, size_t type) {
    if (g->gc->pooled && pooled_size(size)) return take(g->gc, size);
    if (mem_refused(g, size)) return NULL;
    return g->alloc(g->allocud, NULL, type, size);
}

void pool_free(Global *g, void *p, size_t size) {
    if (is_pooled(g, p, size)) give(g->gc, p, size);
    else g->alloc(g->allocud, p, size, 0);
}

void *pool_realloc(Global *g, void *p, size_t osize, size_t nsize) {
    bool was = is_pooled(g, p, osize);
    bool will = g->gc->pooled && pooled_size(nsize);
    if (!was && !will) return nsize > osize && mem_refused(g, nsize - osize) ? NULL : g->alloc(g->allocud, p, osize, nsize);
    if (was && will && (osize + 15) >> 4 == (nsize + 15) >> 4) return p;
    void *fresh = pool_alloc(g, nsize, 0);
    if (fresh == NULL) return NULL;
    memcpy(fresh, p, osize < nsize ? osize : nsize);
    pool_free(g, p, osize);
    return fresh;
}

/* Address checking sees more when every block is malloc's. */
void pool_init(Global *g) {
#ifdef GC_ASAN
    g->gc->pooled = 0;
#else
    g->gc->pooled = default_alloc(g);
#endif
}

void pool_allocator_changed(Global *g) {
    pool_init(g);
    g->gc->mixed = 1;
}

void pool_shutdown(GCState *gs) {
    while (gs->rawblocks) {
        RawBlock *b = gs->rawblocks;
        gs->rawblocks = b->next;
        mem_default_alloc(NULL, b, BLOCK_BYTES, 0);
    }
}
