// SPDX-License-Identifier: MIT
/* Interface of the collector and of the allocator below it.
 *
 * Non-moving, incremental and generational. Colours in `marked`: one of two whites (the current one
 * in Global.white; objects of the other, at sweep time, are dead), gray (no bit), black. Invariant
 * while marking: no black object refers to a white one. Sticky marks: after a young collection
 * survivors stay black (old); a young collection starts from the remembered set.
 *
 * Rules for all code that touches objects
 *  1. Between allocating an object and making it reachable (stack, marked parent) nothing may allocate.
 *  2. After storing a collectable into an object call the barrier of that object (below). Slots of
 *     stacks need none.
 *  3. A step runs only in gc_step_if_due (and in emergencies inside any allocation): callers have
 *     everything that they need on a stack or
 *     otherwise reachable, and L->top above every live slot.
 *  4. Any allocation may run an emergency collection, which does not run finalizers and does not
 *     move stacks, and may raise LUA_ERRMEM.
 *  5. `marked` is written by the collector only.
 *  6. A table whose array, slots or nodes move or are resized while it is black takes
 *     gc_barrier_back_obj (marking of large tables is resumable and
 *     goes by position). Storing a key and a value takes a barrier for each; changing the shape or
 *     the metatable one for these.
 *  7. A white object found through a weak path (intern table, list of open upvalues, hint) after
 *     marking may be dead: gc_revive it first when
 *     gc_is_dead.
 *     The key of a dictionary node with a nil value may be freed already: it stays for `next` to
 *     compare its address, and nobody looks into it.
 *  8. New frames start with attention == 0. Whoever lowers L->ci without passing the returns in
 *     between (errors, unwinding of
 *     coroutines) calls gc_stack_returned(L, L->ci).
 *  9. gc_step and gc_full may shrink, and so move, stacks; emergency collections do not.
 */
#ifndef PERIGEE_GC_H
#define PERIGEE_GC_H

#include "object/thread.h"

enum {
    GC_WHITE0 = 1,
    GC_WHITE1 = 2,
    GC_WHITES = 3,
    GC_BLACK = 4,
    GC_FINALIZER = 8, /* has a pending __gc */
    GC_FIXED = 16,    /* never freed (reserved words, messages) */
    GC_PRIVATE1 = 64, /* for the collector's own use */
    GC_PRIVATE2 = 128,
    GC_PRIVATE3 = 32
};

/* The allocator of states that do not bring their own: realloc and free. States with this one get
 * size-class blocks. */
void *mem_default_alloc(void *ud, void *block, size_t osize, size_t nsize);
/* lua_setallocf: later blocks come from f; cells of size-class blocks go back to their block. */
void mem_set_alloc(Global *g, lua_Alloc f, void *ud);

/* --- memory. All bytes of a state go through these (and so through its lua_Alloc). They raise
 * LUA_ERRMEM --- mem_realloc: block == NULL and osize == 0 allocates; nsize == 0 frees and returns
 * NULL. mem_try_realloc: the same, NULL instead of an error (after an emergency collection). */
void *mem_realloc(lua_State *L, void *block, size_t osize, size_t nsize);
void *mem_try_realloc(lua_State *L, void *block, size_t osize, size_t nsize);
void mem_free(lua_State *L, void *block, size_t size);
/* NULL where there is no memory, or a collection might have to run first (stress, a host's allocator). */
void *mem_alloc_quietly(lua_State *L, size_t size);
static inline void *mem_alloc(lua_State *L, size_t size) { return mem_realloc(L, NULL, 0, size); }
_Noreturn void mem_toobig(lua_State *L); /* raises "memory allocation error: block too big" */
/* doubles an array used as a vector: returns the block with room for at least need elements, raises
 * "too many <what> (limit is N)" (state/error.c) */
void *mem_grow(lua_State *L, void *block, uint32_t *cap, uint32_t need, size_t elem, uint32_t limit, const char *what);

/* --- objects --- */
/* A new object of `size` bytes with header (tag, current white); the rest of the first 8 bytes is
 * zero, what follows is not initialised. Raises LUA_ERRMEM. */
GCObject *gc_new(lua_State *L, int tag, size_t size);
#include "gc/gc_alloc.h" /* gc_new_fast: the same from a free list, without a call (DESIGN §8); NULL: take gc_new */

/* Tells the collector that o now has a metatable with __gc (called by setmetatable). */
void gc_check_finalizer(lua_State *L, GCObject *o, Table *mt);
void gc_fix(lua_State *L, GCObject *o); /* o must be the newest object; never collected */

/* --- barriers --- */
void gc_barrier_back_slow(lua_State *L, GCObject *parent);
/* the same when the stored child is known: large strong tables then mark it instead of being
 * scanned again */
void gc_barrier_store_slow(lua_State *L, GCObject *parent, GCObject *child);
void gc_barrier_forward_slow(lua_State *L, GCObject *parent, GCObject *child);
/* parent is written often (tables, threads, feedback, udata): the parent is looked at again */
static inline void gc_barrier_back(lua_State *L, void *parent, const TValue *v) {
    if ((((GCObject *)parent)->marked & GC_BLACK) && is_gc(v)) gc_barrier_store_slow(L, (GCObject *)parent, v->v.gc);
}
static inline void gc_barrier_back_obj(lua_State *L, void *parent) {
    if (((GCObject *)parent)->marked & GC_BLACK) gc_barrier_back_slow(L, (GCObject *)parent);
}
/* parent is written rarely (upvalues, closures, protos, shapes, classes): the child is marked */
static inline void gc_barrier(lua_State *L, void *parent, const TValue *v) {
    if ((((GCObject *)parent)->marked & GC_BLACK) && is_gc(v))
        gc_barrier_forward_slow(L, (GCObject *)parent, v->v.gc);
}
static inline void gc_barrier_obj(lua_State *L, void *parent, void *child) {
    if (((GCObject *)parent)->marked & GC_BLACK)
        gc_barrier_forward_slow(L, (GCObject *)parent, (GCObject *)child);
}
/* A weakly held object (interned string, shape in a transition table) is about to be used again: if
 * it is dead but not yet swept, it is revived. */
static inline bool gc_is_dead(const Global *g, const void *o) {
    return (((const GCObject *)o)->marked & (GC_WHITES ^ g->white) & GC_WHITES) != 0;
}
void gc_revive(lua_State *L, GCObject *o);

/* --- running --- */
void gc_step(lua_State *L);
static inline void gc_step_if_due(lua_State *L) {
    if (G(L)->gcdebt > 0) gc_step(L);
}
/* For compiled code, which keeps values of fields in registers: a step that calls no finalizer. False:
 * one waits to be called, or weak references were cleared, and what was read before may be no more. */
bool gc_step_quietly(lua_State *L);
bool gc_kept_weak(lua_State *L); /* no weak references were cleared since then */
/* Stacks are being cleaned: until that is done, slots that nobody reads may name objects that are dead. */
bool gc_is_scrubbing(const Global *g);
void gc_full(lua_State *L);     /* a whole cycle, finalizers called afterwards */
int gc_control(lua_State *L, int what, const int *args); /* the work of lua_gc; args: up to three parameters; -1: bad option */
size_t gc_bytes(const Global *g); /* bytes in use */
/* Thread stacks: a frame returned into (CI_SCANNED met in ci->attention) is to be scanned again. */
void gc_stack_returned(lua_State *L, CallInfo *ci);

/* A whole cycle that calls no finalizer and moves no stack, if one can run now. */
bool mem_emergency(lua_State *L);

/* --- limit of bytes in use (state/limits.h); SIZE_MAX: none --- */
void gc_set_limit(Global *g, size_t bytes);
bool gc_over_limit(const Global *g);
bool gc_take_refusal(Global *g);  /* was the last allocation that asked the host refused for the limit? told once */

/* --- life cycle of a state --- */
/* The first call of all: takes the allocator, builds the collector's state; false: no memory. */
bool gc_init(Global *g);
void gc_close(lua_State *L);  /* calls all finalizers, frees every object but the main thread */
void gc_shutdown(Global *g);  /* gives back what gc_init took */

/* Visits every object of the heap (main thread excepted), the dead ones that the sweep has not
 * reached included. */
void gc_each_object(lua_State *L, void (*f)(Global *g, void *ud, GCObject *o), void *ud);

/* --- for tests --- */
void gc_set_stress(lua_State *L, unsigned every_nth);        /* an emergency collection in every nth allocation; 0: none */
void mem_fail_at(lua_State *L, long nth, bool forever);      /* the nth allocation from now fails (its retry too); nth 0: none */
void gc_verify(lua_State *L);                                /* checks the invariants of the heap, aborts with a message */
void gc_set_verify(lua_State *L, bool on);                   /* gc_verify at each change of phase */
typedef struct GCStats {
    uint64_t cycles, minors;     /* collections finished, and how many of them young */
    uint64_t nanoseconds, steps; /* CPU time in gc_step and gc_full; measured only between gc_stats(L, NULL, true) and (.., false) */
    uint64_t longest, longest_atomic; /* longest step, longest atomic phase, ns */
} GCStats;
void gc_stats(lua_State *L, GCStats *out, bool measure);

/* --- to be supplied by other floors, by type: free the raw blocks an object owns (not the object
 * itself) --- */
void str_release(lua_State *L, String *s);       /* long strings; also unlinks short ones from the intern table */
void table_release(lua_State *L, Table *t);
void shape_release(lua_State *L, Shape *s);
void descs_release(lua_State *L, Descs *d);
void proto_release(lua_State *L, Proto *p);
void upval_release(lua_State *L, UpVal *uv);
void thread_release(lua_State *L, lua_State *th);
void feedback_release(lua_State *L, Feedback *f);
void str_table_fit(lua_State *L); /* object/: the table of short strings, many of which are gone, may be reallocated */
void stack_shrink(lua_State *L); /* state/: a stack much larger than what is in use may be reallocated */
/* clears weak references from live shapes to dead ones; run once in each atomic phase, and by young
 * collections */
void shape_clear_dead(lua_State *L);
/* visits the references that feedback holds: calls visit on each object */
void feedback_traverse(Feedback *f, Global *g, void (*visit)(Global *g, GCObject *o));

#endif
