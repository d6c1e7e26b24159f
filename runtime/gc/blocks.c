// SPDX-License-Identifier: MIT
/* Where objects live.
 *
 * With the default allocator an object of at most GC_MAXCELL bytes is a cell of a block of 32 kB
 * that holds cells of one size. The free cells of the block in use are a list in Global.cells
 * (gc_alloc.h); when it is empty, refill() carves fresh cells from that block, or takes another
 * block: one swept already, one that this sweep has not reached (lazy sweeping: the allocation pays
 * for it), or a new one. A block knows no object's colour; a sweep walks its cells. Blocks
 * allocated from since the last sweep are `young`: only these can hold objects that a young
 * collection frees, so only these are swept by it.
 *
 * Larger objects, and all objects of a state with a host's allocator, are blocks of the allocator
 * of their own behind a hidden link.
 */
#include "gc/gc_internal.h"
#include "object/table.h"

static FreeCell *block_cell(GCBlock *b, uint32_t i) {
    return (FreeCell *)(void *)((char *)(b + 1) + (size_t)i * b->class * 16);
}

static FreeCell **free_list(Global *g, unsigned class) {
    return g->gc->slow ? &g->gc->class[class].hidden : &g->cells[class];
}

/* --------------------------------------------------------------------------------------- blocks */

static GCBlock *new_block(Global *g, unsigned class) {
    GCState *gs = g->gc;
    GCBlock *b = gs->cache;
    if (b) {
        gs->cache = b->link;
        gs->ncache--;
    } else {
        b = mem_default_alloc(NULL, NULL, 0, BLOCK_BYTES);
        if (b == NULL) return NULL;
        GC_POISON(b + 1, BLOCK_BYTES - sizeof *b);
    }
    b->class = class;
    b->carved = b->nfree = 0;
    b->free = NULL;
    b->ncells = (uint32_t)((BLOCK_BYTES - sizeof *b) / (class * 16));
    b->allprev = NULL;
    b->allnext = gs->blocks;
    if (gs->blocks) gs->blocks->allprev = b;
    gs->blocks = b;
    gs->nblocks++;
    return b;
}

static void free_block(GCBlock *b) {
    GC_UNPOISON(b, BLOCK_BYTES);
    mem_default_alloc(NULL, b, BLOCK_BYTES, 0);
}

static void drop_block(Global *g, GCBlock *b) {
    GCState *gs = g->gc;
    if (b->allprev) b->allprev->allnext = b->allnext;
    else gs->blocks = b->allnext;
    if (b->allnext) b->allnext->allprev = b->allprev;
    gs->nblocks--;
    if (gs->ncache >= BLOCK_CACHE + gs->nblocks / 8) {
        free_block(b);
        return;
    }
    b->link = gs->cache;
    gs->cache = b;
    gs->ncache++;
}

void heap_free_cache(Global *g) {
    GCState *gs = g->gc;
    while (gs->cache) {
        GCBlock *b = gs->cache;
        gs->cache = b->link;
        free_block(b);
    }
    gs->ncache = 0;
}

/* Some fresh cells, in order of address: memory is touched only shortly before it is used. */
static FreeCell *carve(GCBlock *b) {
    uint32_t n = BLOCK_CARVE / (b->class * 16);
    if (n > b->ncells - b->carved) n = b->ncells - b->carved;
    FreeCell *head = NULL;
    for (uint32_t i = b->carved + n; i-- > b->carved;) {
        FreeCell *cell = block_cell(b, i);
        GC_UNPOISON(cell, sizeof *cell);
        cell->header = 0;
        cell->next = head;
        head = cell;
    }
    b->carved += n;
    return head;
}

/* ----------------------------------------------------------------------------- sweeping a block */

/* Does a dead object own more than its cell? Most do not: records, closures, short strings aside, which are interned. */
static bool owns_something(const GCObject *o) {
    if (o->tag == TAG_TABLE) return !table_is_bare((const Table *)(const void *)o);
    return o->tag != TAG_LCL && o->tag != TAG_CCL;
}

static void free_cell(lua_State *L, GCObject *o, size_t size) {
    if (owns_something(o)) release_object(L, o);
    ((FreeCell *)(void *)o)->header = 0;
    GC_POISON((char *)o + sizeof(FreeCell), size - sizeof(FreeCell));
}

static bool is_garbage(const Global *g, const GCObject *o) {
    return (o->marked & OTHER_WHITE(g)) && !(o->marked & GC_FIXED);
}

/* A survivor is white for the next cycle; with sticky marks it stays what it is. */
static void survive(const Global *g, GCObject *o) {
    if (!g->gc->sticky || (o->marked & OTHER_WHITE(g))) make_white(g, o);
}

/* Frees the dead cells of b and links all free ones, in order of address. */
static void sweep_cells(lua_State *L, GCBlock *b) {
    Global *g = G(L);
    size_t size = b->class * 16;
    FreeCell **tail = &b->free;
    uint32_t nfree = 0, freed = 0;
    for (uint32_t i = 0; i < b->carved; i++) {
        FreeCell *cell = block_cell(b, i);
        GCObject *o = (GCObject *)(void *)cell;
        if (o->tag != 0) {
            if (!is_garbage(g, o)) {
                survive(g, o);
                continue;
            }
            free_cell(L, o, size);
            freed++;
        }
        *tail = cell;
        tail = &cell->next;
        nfree++;
    }
    *tail = NULL;
    b->nfree = nfree;
    g->gcdebt -= (ptrdiff_t)(freed * size);
}

/* Sweeps the first block of a list of the class. */
static size_t sweep_block(lua_State *L, SizeClass *sc, unsigned list) {
    GCBlock *b = sc->unswept[list];
    sc->unswept[list] = b->link;
    sweep_cells(L, b);
    size_t work = (size_t)b->carved * 4 + (size_t)b->nfree * 8;
    if (b->nfree == b->carved) {
        drop_block(G(L), b);
    } else if (b->nfree > 0 || b->carved < b->ncells) {
        b->link = sc->ready;
        sc->ready = b;
    } else {
        b->link = sc->rest;
        sc->rest = b;
    }
    return work + 16;
}

static int unswept_list(const SizeClass *sc) {
    for (int i = 0; i < 3; i++)
        if (sc->unswept[i]) return i;
    return -1;
}

/* The word before a thread belongs to the host (lua_getextraspace). Threads are therefore big
 * objects, whose size is in no need of being kept. */
static size_t big_size(BigObject *b) {
    return big_object(b)->tag == TAG_THREAD ? sizeof(lua_State) : b->size;
}

static size_t sweep_big(lua_State *L, unsigned list) {
    Global *g = G(L);
    GCState *gs = g->gc;
    BigObject *b = gs->bigunswept[list];
    gs->bigunswept[list] = b->next;
    GCObject *o = big_object(b);
    if (is_garbage(g, o)) {
        release_object(L, o);
        raw_free(g, b, sizeof *b + big_size(b));
    } else {
        survive(g, o);
        b->next = gs->big;
        gs->big = b;
    }
    return 32;
}

/* What a sweep frees is no credit for the program: the debt counts allocations, or lazy sweeping
 * would put off the next cycle for as long as it lasts, and with it let the heap grow. */
static void no_credit(Global *g, ptrdiff_t debt) {
    GCState *gs = g->gc;
    size_t freed = (size_t)(debt - g->gcdebt);
    gs->total -= freed;
    gs->live -= freed;
    g->gcdebt = debt;
}

static size_t sweep_unit(lua_State *L) {
    GCState *gs = G(L)->gc;
    for (; gs->sweepclass < GC_CLASSES; gs->sweepclass++) {
        SizeClass *sc = &gs->class[gs->sweepclass];
        int list = unswept_list(sc);
        if (list >= 0) return sweep_block(L, sc, (unsigned)list);
    }
    for (unsigned list = 0; list < 2; list++)
        if (gs->bigunswept[list]) return sweep_big(L, list);
    return 0;
}

size_t heap_sweep_some(lua_State *L) {
    ptrdiff_t debt = G(L)->gcdebt;
    size_t work = sweep_unit(L);
    no_credit(G(L), debt);
    return work;
}

/* The cells are found again when their block, which is young, is swept. */
void heap_retire_cells(Global *g) {
    for (unsigned class = 0; class < GC_CLASSES; class++) {
        g->cells[class] = NULL;
        g->gc->class[class].hidden = NULL;
    }
}

void heap_start_sweep(Global *g, bool young) {
    GCState *gs = g->gc;
    heap_retire_cells(g);
    for (unsigned class = 1; class < GC_CLASSES; class++) {
        SizeClass *sc = &gs->class[class];
        sc->unswept[0] = sc->young;
        sc->young = NULL;
        if (young) continue;
        sc->unswept[1] = sc->ready;
        sc->unswept[2] = sc->rest;
        sc->ready = sc->rest = NULL;
    }
    gs->sweepclass = 1;
    gs->bigunswept[0] = gs->bignew;
    gs->bignew = NULL;
    if (!young) {
        gs->bigunswept[1] = gs->big;
        gs->big = NULL;
    }
}

/* ----------------------------------------------------------------------------------- allocation */

/* A block with room: swept, to be swept (a few tries, to bound the time), new. */
static GCBlock *find_block(lua_State *L, unsigned class) {
    GCState *gs = G(L)->gc;
    SizeClass *sc = &gs->class[class];
    if (gs->phase == PHASE_SWEEP) {
        ptrdiff_t debt = G(L)->gcdebt;
        for (int tries = 0, list; sc->ready == NULL && tries < 8 && (list = unswept_list(sc)) >= 0; tries++)
            sweep_block(L, sc, (unsigned)list);
        no_credit(G(L), debt);
    }
    GCBlock *b = sc->ready;
    if (b == NULL) return new_block(G(L), class);
    sc->ready = b->link;
    return b;
}

static FreeCell *refill(lua_State *L, unsigned class) {
    SizeClass *sc = &G(L)->gc->class[class];
    GCBlock *b = sc->young;
    if (b && b->carved < b->ncells) return carve(b);
    b = find_block(L, class);
    if (b == NULL) return NULL;
    b->link = sc->young;
    sc->young = b;
    FreeCell *cells = b->free;
    b->free = NULL;
    b->nfree = 0;
    return cells ? cells : carve(b);
}

static GCObject *new_cell(lua_State *L, int tag, unsigned class) {
    Global *g = G(L);
    FreeCell **list = free_list(g, class);
    FreeCell *cell = *list ? *list : refill(L, class);
    if (cell == NULL) return NULL;
    *list = cell->next;
    GC_UNPOISON(cell, class * 16u);
    uint64_t header = gc_header(g, tag);
    memcpy(cell, &header, sizeof header);
    g->gcdebt += (ptrdiff_t)(class * 16);
    return (GCObject *)(void *)cell;
}

/* What a host's allocator is told of a fresh block (manual, lua_Alloc). */
static size_t host_type(int tag) {
    int type = value_type_of_tag[tag];
    return type >= LUA_TSTRING ? (size_t)type : 0;
}

static GCObject *new_big(Global *g, int tag, size_t size) {
    if (size > PTRDIFF_MAX - sizeof(BigObject)) return NULL;
    size_t all = sizeof(BigObject) + size;
    BigObject *b = pool_alloc(g, all, host_type(tag)); /* given back by raw_free: small ones (threads) are the pool's */
    if (b == NULL) return NULL;
    g->gcdebt += (ptrdiff_t)all;
    if (tag != TAG_THREAD) b->size = size;
    b->next = g->gc->bignew;
    g->gc->bignew = b;
    uint64_t header = gc_header(g, tag);
    memcpy(big_object(b), &header, sizeof header);
    return big_object(b);
}

static GCObject *try_new(lua_State *L, int tag, size_t size) {
    Global *g = G(L);
    if (size <= GC_MAXCELL && tag != TAG_THREAD && default_alloc(g)) return new_cell(L, tag, (unsigned)((size + 15) >> 4));
    return new_big(g, tag, size);
}

GCObject *gc_new(lua_State *L, int tag, size_t size) {
    GCState *gs = G(L)->gc;
    if (gs->stress) mem_stress(L);
    bool fail = mem_injected(gs);
    GCObject *o = fail ? NULL : try_new(L, tag, size);
    if (o == NULL && mem_emergency(L) && !fail) o = try_new(L, tag, size);
    if (o == NULL) state_throw(L, LUA_ERRMEM);
    return o;
}

/* ------------------------------------------------------------------------------- the whole heap */

void block_each(Global *g, GCBlock *b, HeapVisit f, void *ud) {
    for (uint32_t i = 0; i < b->carved; i++) {
        GCObject *o = (GCObject *)(void *)block_cell(b, i);
        if (o->tag != 0) f(g, ud, o);
    }
}

static void big_each(Global *g, BigObject *b, HeapVisit f, void *ud) {
    for (; b; b = b->next) f(g, ud, big_object(b));
}

/* f must not free. */
void gc_each_object(lua_State *L, void (*f)(Global *g, void *ud, GCObject *o), void *ud) { heap_each(G(L), f, ud); }

void heap_each(Global *g, HeapVisit f, void *ud) {
    GCState *gs = g->gc;
    for (GCBlock *b = gs->blocks; b; b = b->allnext) block_each(g, b, f, ud);
    big_each(g, gs->big, f, ud);
    big_each(g, gs->bignew, f, ud);
    big_each(g, gs->bigunswept[0], f, ud);
    big_each(g, gs->bigunswept[1], f, ud);
}

static void close_block(lua_State *L, GCBlock *b) {
    for (uint32_t i = 0; i < b->carved; i++) {
        GCObject *o = (GCObject *)(void *)block_cell(b, i);
        if (o->tag == 0) continue;
        free_cell(L, o, b->class * 16);
        G(L)->gcdebt -= (ptrdiff_t)b->class * 16;
    }
}

static void close_big(lua_State *L, BigObject **list) {
    while (*list) {
        BigObject *b = *list;
        *list = b->next;
        release_object(L, big_object(b));
        raw_free(G(L), b, sizeof *b + big_size(b));
    }
}

/* Objects first, then (heap_shutdown) the blocks under them: a release may still look into objects
 * of pools that went before. */
void heap_close(lua_State *L) {
    GCState *gs = G(L)->gc;
    for (GCBlock *b = gs->blocks; b; b = b->allnext) close_block(L, b);
    close_big(L, &gs->big);
    close_big(L, &gs->bignew);
    close_big(L, &gs->bigunswept[0]);
    close_big(L, &gs->bigunswept[1]);
}

void heap_shutdown(Global *g) {
    GCState *gs = g->gc;
    heap_retire_cells(g);
    while (gs->blocks) {
        GCBlock *b = gs->blocks;
        gs->blocks = b->allnext;
        free_block(b);
    }
    heap_free_cache(g);
}
