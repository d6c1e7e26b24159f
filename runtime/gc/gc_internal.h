// SPDX-License-Identifier: MIT
/* The collector's own state, and what its files offer each other. docs/gc.md has the story; in short
 *
 *   IDLE --> CLEAR (only when old marks must go) --> MARK --> atomic --> SCRUB (stacks) --> SWEEP
 *   --> FINALIZE --> IDLE
 *
 * A full cycle starts from an all-white heap. A young one keeps the marks of the survivors of
 * earlier cycles (they are black) and starts from the remembered set, which is what barriers left
 * in `gray` and `again`.
 *
 *   file         what
 *   memory.c     raw blocks, accounting, failure injection, emergency collections
 *   rawpool.c    small raw blocks of states with the default allocator
 *   blocks.c     size-class blocks, large objects
 *   worklist.c   stacks of words in chunks
 *   mark.c       marking, traversal, barriers
 *   weak.c       weak tables
 *   finalize.c   objects with __gc
 *   sweep.c      freeing, scrubbing of stacks, clearing of marks
 *   collect.c    the cycle, its pace, collectgarbage, life cycle
 *   verify.c     heap checker
 */
#ifndef PERIGEE_GC_INTERNAL_H
#define PERIGEE_GC_INTERNAL_H

#include "gc/gc.h"

_Noreturn void state_throw(lua_State *L, int status);

/* --- blocks: cells of one size. A block is in exactly one of its class's lists, and in the list of
 * all blocks ---
 *
 *   | GCBlock | cell 0 | cell 1 | ... | cell carved-1 | never used ...        |
 */
enum { BLOCK_BYTES = 32 * 1024, BLOCK_CARVE = 2 * 1024, BLOCK_CACHE = 32 };

typedef struct GCBlock {
    struct GCBlock *link;            /* in a list of the class */
    struct GCBlock *allnext, *allprev;
    FreeCell *free;                  /* free cells, while the block is `ready` */
    uint32_t class, carved, ncells, nfree;
} GCBlock;
_Static_assert(sizeof(GCBlock) % 16 == 0, "cells are aligned to 16");

typedef struct SizeClass {
    GCBlock *young;    /* allocated from since the last sweep began; the first one is current */
    GCBlock *ready;    /* swept, with free cells */
    GCBlock *rest;     /* swept, full */
    GCBlock *unswept[3];
    FreeCell *hidden;  /* the free cells, while Global.cells must stay empty */
} SizeClass;

/* objects of their own: larger ones, and all with a host's allocator */
typedef struct BigObject {
    struct BigObject *next;
    size_t size; /* of the object */
} BigObject;
_Static_assert(sizeof(BigObject) == 16, "objects are aligned to 16");
static inline GCObject *big_object(BigObject *b) { return (GCObject *)(void *)(b + 1); }

/* --- stacks of words --- */
enum { WORKLIST_CHUNK = 510 };
typedef struct WorkChunk {
    struct WorkChunk *below;
    size_t n;
    uintptr_t word[WORKLIST_CHUNK];
} WorkChunk;
typedef struct WorkList {
    WorkChunk *top;
    size_t count;
} WorkList;

/* --- array of objects that never fails to take one (room is made when the object is announced) --- */
typedef struct ObjArray {
    GCObject **obj;
    size_t head, n, cap; /* in use: obj[head..n) */
} ObjArray;

enum { PHASE_IDLE, PHASE_CLEAR, PHASE_MARK, PHASE_ATOMIC, PHASE_SCRUB, PHASE_SWEEP, PHASE_FINALIZE };

enum { /* tables of this many elements are marked, and after a barrier treated, piecewise */
    MARK_CHUNK = 1024,
    TABLE_LARGE = 16 * 1024,
    MAX_ROUNDS = 8,        /* passes over stacks and touched objects before the atomic one */
    ROUND_SMALL = 32 * 1024 /* a pass that found less (bytes) is the last */
};

struct GCState {
    uint8_t phase;
    uint8_t generational;
    uint8_t young;       /* the cycle under way is a young one */
    uint8_t sticky;      /* marks are kept between cycles, barriers work outside of marking too */
    uint8_t dirty;       /* black or gray objects are about: a full cycle must clear them first */
    uint8_t emergency;
    uint8_t inside;      /* the collector is at work: no emergency collection */
    uint8_t lost;        /* a work list could not grow: gray objects must be looked for in the heap, */
    uint8_t lostthreads; /* marked threads too, */
    uint8_t lostweak;    /* weak tables too */
    uint8_t wantfull;    /* the next cycle is a full one */
    uint8_t rounds;
    uint8_t slow;        /* Global.cells stay empty (host's allocator, stress) */
    uint8_t quiet;       /* no finalizer may be called in this step */
    uint8_t cleared;     /* a weak reference was cleared since the last gc_step_quietly */
    uint8_t verify, measure;
    uint8_t checkmarks;  /* gc_verify: black objects must not refer to white ones now */
    GCObject *checkparent;
    /* parameters, kept as 5.4 keeps them: in quarters, or bytes */
    uint8_t pause, stepmul, stepsize, minormul, majormul;
    size_t limit;        /* bytes in use that are allowed */
    bool refused;        /* the last allocation was refused for the limit */
    size_t total;        /* bytes in use are total + Global.gcdebt */
    size_t live;         /* bytes that survived the last cycle: in use when its marking ended, less what its sweep freed */
    size_t base;         /* the same of the last full cycle */
    size_t marked;       /* bytes marked in this cycle */
    size_t roundstart;   /* `marked` when the current pass began */
    /* work */
    WorkList gray, again; /* to traverse; to traverse before marking can end */
    WorkList threads;     /* every marked thread */
    WorkList weakvalues, ephemerons, allweak;
    WorkList candidates;  /* entries of large weak tables that may have to go, see weak.c */
    uint8_t prescan;      /* 0: not begun; the mode whose list is being scanned; 4: done */
    WorkChunk *prescanchunk;     /* next table to scan, next entry */
    size_t prescanindex, prescanplace;
    WorkChunk *spare;
    unsigned nspare;
    /* finalizers */
    ObjArray finobj;      /* objects with __gc, oldest first */
    size_t finold;        /* of these, so many are old */
    ObjArray tobefnz;     /* queue of those whose __gc is to be called */
    /* heap */
    SizeClass class[GC_CLASSES];
    GCBlock *blocks;      /* all */
    GCBlock *cache;       /* empty blocks */
    unsigned ncache, sweepclass;
    size_t nblocks;
    BigObject *big, *bignew;     /* swept; allocated since the last sweep began */
    BigObject *bigunswept[2];
    GCBlock *clearblock;         /* PHASE_CLEAR: next to do */
    BigObject *clearbig[2];
    WorkChunk *scrubchunk;       /* PHASE_SCRUB: next thread, next slot */
    size_t scrubindex, scrubslot;
    /* small raw blocks */
    uint8_t pooled;              /* new ones come from here */
    uint8_t mixed;               /* the allocator was changed: ask the address */
    struct RawBlock *rawblocks;
    char *rawnext;               /* rest of the newest */
    size_t rawleft;
    void **rawcells[GC_CLASSES];
    /* tests */
    unsigned stress, stresscount;
    long failat;
    uint8_t failforever;
    GCStats stats;
};

#define OTHER_WHITE(g) ((g)->white ^ GC_WHITES)
static inline bool is_white(const GCObject *o) { return (o->marked & GC_WHITES) != 0; }
static inline bool is_black(const GCObject *o) { return (o->marked & GC_BLACK) != 0; }
static inline void make_white(const Global *g, GCObject *o) {
    o->marked = (uint8_t)((o->marked & ~(GC_WHITES | GC_BLACK)) | g->white);
}
static inline void make_gray(GCObject *o) { o->marked &= (uint8_t)~(GC_WHITES | GC_BLACK); }
static inline void make_black(GCObject *o) {
    o->marked = (uint8_t)((o->marked & ~GC_WHITES) | GC_BLACK);
}
static inline bool default_alloc(const Global *g) { return g->alloc == mem_default_alloc; }

/* memory.c */
void *raw_alloc(Global *g, size_t size, size_t type); /* counted; NULL when there is none, no collection */
void raw_free(Global *g, void *block, size_t size);
bool mem_refused(Global *g, size_t more); /* so many bytes more would exceed the limit */
bool mem_injected(GCState *gs);       /* this allocation is to fail */
void mem_stress(lua_State *L);
static inline void gc_set_debt(Global *g, ptrdiff_t debt) {
    size_t bytes = gc_bytes(g), limit = g->gc->limit;
    if (limit != SIZE_MAX) { /* work is due at the limit; beyond it, once in a while */
        ptrdiff_t room = (ptrdiff_t)(limit > bytes ? limit - bytes : limit / 16);
        if (-debt > room) debt = -room;
    }
    g->gc->total = bytes - (size_t)debt;
    g->gcdebt = debt;
}

/* rawpool.c */
void *pool_alloc(Global *g, size_t size, size_t type);
void *pool_realloc(Global *g, void *p, size_t osize, size_t nsize);
void pool_free(Global *g, void *p, size_t size);
void pool_init(Global *g);
void pool_allocator_changed(Global *g);
void pool_shutdown(GCState *gs);

/* worklist.c */
bool worklist_push(Global *g, WorkList *w, uintptr_t word); /* false: no memory */
uintptr_t worklist_pop(Global *g, WorkList *w);             /* 0: empty */
void worklist_clear(Global *g, WorkList *w);
void worklist_append(Global *g, WorkList *to, WorkList *from); /* moves all */
void worklist_each(WorkList *w, void (*f)(void *ud, uintptr_t word), void *ud);
void worklist_release(Global *g);                            /* spare chunks */
bool objarray_reserve(Global *g, ObjArray *a, size_t n);
void objarray_release(Global *g, ObjArray *a);

/* blocks.c */
void heap_retire_cells(Global *g);   /* empties the free lists: sweeping finds the cells again */
void heap_start_sweep(Global *g, bool young);
void heap_close(lua_State *L);       /* frees every object */
void heap_shutdown(Global *g);
size_t heap_sweep_some(lua_State *L); /* work done; 0: nothing left */
void heap_free_cache(Global *g);
typedef void (*HeapVisit)(Global *g, void *ud, GCObject *o);
void heap_each(Global *g, HeapVisit f, void *ud);
void block_each(Global *g, GCBlock *b, HeapVisit f, void *ud);

/* mark.c */
void mark_object(Global *g, GCObject *o);
/* a weak table whose entries were looked at before the atomic phase; what is stored into it since
 * is marked */
enum { PRESCANNED = GC_PRIVATE3, LISTED = GC_PRIVATE1 /* a weak table in the list of its mode */ };
static inline void mark_value(Global *g, const TValue *v) {
    if (is_gc(v) && is_white(v->v.gc)) mark_object(g, v->v.gc);
}
#define mark_field(g, o) do { if ((o) && is_white((GCObject *)(o))) mark_object(g, (GCObject *)(o)); } while (0)
size_t propagate_one(Global *g);     /* work done; 0: nothing gray */
void propagate_all(Global *g);
void mark_roots(Global *g, lua_State *L);
void mark_stacks(Global *g);         /* slots above the watermark of each marked thread */
void mark_open_upvalues(Global *g);  /* of unmarked threads */
void touch(Global *g, GCObject *o);  /* gray again */

/* weak.c */
enum { WEAK_NONE = 0, WEAK_VALUES = 1, WEAK_KEYS = 2, WEAK_ALL = 3 };
const TValue *meta_event(Global *g, Table *mt, int event);
int weak_mode(Global *g, const Table *t);
bool weak_is_large(const Table *t);
void weak_listed(Global *g, Table *t, int mode);
bool traverse_ephemeron(Global *g, Table *t); /* true: something was marked */
bool traverse_ephemeron_at(Global *g, Table *t, size_t node);
void weak_check_modes(Global *g);
void weak_converge(Global *g);
typedef struct WeakCounts {
    size_t values, all; /* tables listed */
} WeakCounts;
WeakCounts weak_clear_values(Global *g, WeakCounts from); /* of tables listed after `from` */
size_t weak_prescan(Global *g); /* work done; 0: nothing left */
void weak_clear_keys(Global *g);
void weak_clear_lists(Global *g);

/* finalize.c */
void separate_finalizers(Global *g, bool all, bool young);
void mark_pending(Global *g);
void call_finalizer(lua_State *L);   /* of the first pending object */
static inline bool finalizers_pending(const GCState *gs) { return gs->tobefnz.head < gs->tobefnz.n; }

/* sweep.c */
void release_object(lua_State *L, GCObject *o); /* raw blocks of a dead object */
void start_clear(Global *g);
size_t clear_some(Global *g);
void start_scrub(Global *g);
size_t scrub_some(Global *g);

/* collect.c */
void gc_emergency(lua_State *L);

#endif
